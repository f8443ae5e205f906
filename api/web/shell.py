"""The frame around every page of the dashboard: where one is, who one is, what waits.

It is the same for all pages, so pages do not carry it: a dependency of the dashboard's routers
puts it where the templates find it, once a request.
"""

from __future__ import annotations

from contextvars import ContextVar

from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel, ConfigDict

from api.context import Context
from api.security import operator_by_cookie
from domain.actor import OPERATOR, Actor
from domain.errors import Forbidden, Unauthenticated
from domain.rights import Right
from services.overview import Frame


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class NavItem(_Part):
    """One door of the dashboard; on a phone those with `near` stand in the bar below."""

    label: str
    path: str
    icon: str
    right: Right = "read"
    near: bool = False
    counts: str = ""


class NavGroup(_Part):
    """Doors that belong together."""

    label: str
    items: tuple[NavItem, ...]


class Shell(_Part):
    """What the frame shows."""

    path: str
    person: str
    groups: tuple[NavGroup, ...]
    frame: Frame
    has_search: bool
    has_sign_out: bool

    @property
    def near(self) -> tuple[NavItem, ...]:
        """The doors in a phone's bar."""
        return tuple(item for group in self.groups for item in group.items if item.near)

    @property
    def here(self) -> str:
        """The door that the present page stands behind: the longest that fits its address.

        Behind the overview stands nothing else, although every address begins with its own.
        """
        doors = [item.path for group in self.groups for item in group.items]
        fits = [p for p in doors if self.path == p or self.path.startswith(f"{p}/")]
        found = max(fits, key=len, default="")
        return "" if found == HOME and self.path != HOME else found

    def waits(self, item: NavItem) -> int:
        """How much waits behind a door."""
        return int(getattr(self.frame.figures, item.counts)) if item.counts else 0


HOME = "/operator"
NAV = (
    NavGroup(
        label="Label",
        items=(
            NavItem(label="Overview", path=HOME, icon="home", near=True),
            NavItem(label="Artists", path="/operator/artists", icon="artists", near=True),
            NavItem(label="Chat", path="/operator/chat", icon="chat", right="chat", near=True),
            NavItem(
                label="Approvals",
                path="/operator/approvals",
                icon="approvals",
                near=True,
                counts="approvals",
            ),
        ),
    ),
    NavGroup(
        label="Work",
        items=(
            NavItem(label="Calendar", path="/operator/calendar", icon="calendar"),
            NavItem(label="Catalogue", path="/operator/catalogue", icon="disc"),
            NavItem(label="Runs", path="/operator/runs", icon="runs", counts="running"),
            NavItem(label="Rhythms", path="/operator/schedule", icon="rhythm"),
            NavItem(label="Insights", path="/operator/insights", icon="insights"),
        ),
    ),
    NavGroup(
        label="House",
        items=(
            NavItem(label="Networks", path="/operator/networks", icon="network"),
            NavItem(label="Sound", path="/operator/providers", icon="sound"),
            NavItem(label="Engine room", path="/operator/operations", icon="engine"),
            NavItem(label="Alerts", path="/operator/alerts", icon="bell", counts="alerts"),
            NavItem(label="Settings", path="/operator/settings", icon="settings"),
            NavItem(label="People", path="/operator/people", icon="people", right="administer"),
            NavItem(label="Audit log", path="/operator/audit", icon="log", right="administer"),
        ),
    ),
)
SEARCH = "/operator/search"
SIGN_OUT = "/operator/sign-out"
# Parts of pages that come without their frame.
PARTS = ("/live", "/events", "/preview", "/hold", "/counts")
_shell: ContextVar[Shell | None] = ContextVar("shell", default=None)
_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)
_known: ContextVar[frozenset[str]] = ContextVar("known", default=frozenset())


async def frame_page(request: Request, context: Context) -> None:
    """Read the frame for who asks; whoever may not see the page gets none, and no page either."""
    _shell.set(None)
    _actor.set(None)
    try:
        actor = await operator_by_cookie(request, context)
    except (Unauthenticated, Forbidden):
        return
    _actor.set(actor)
    _known.set(known_paths(request.app))
    if "hx-request" in request.headers or request.url.path.endswith(PARTS):
        return
    _shell.set(shell_of(request, actor, await context.overview.frame(actor)))


Framed = Depends(frame_page)


def shell_of(request: Request, actor: Actor, frame: Frame) -> Shell:
    """The frame of one request: only doors that exist, and that this person may open."""
    known = known_paths(request.app)
    groups = (
        NavGroup(
            label=group.label,
            items=tuple(i for i in group.items if i.path in known and i.right in actor.rights),
        )
        for group in NAV
    )
    return Shell(
        path=request.url.path,
        person=frame.name or ("This machine" if actor.id == OPERATOR.id else actor.id),
        groups=tuple(group for group in groups if group.items),
        frame=frame,
        has_search=SEARCH in known,
        has_sign_out=SIGN_OUT in known and actor.id != OPERATOR.id,
    )


def shell() -> Shell | None:
    """The frame of the page being drawn; None outside the dashboard."""
    return _shell.get()


def may(right: Right) -> bool:
    """Tell whether who looks at the page has a right, so that no button only disappoints."""
    actor = _actor.get()
    return actor is not None and right in actor.rights


def exists(path: str) -> bool:
    """Tell whether there is a page at this address, written as its route is."""
    return path in _known.get()


def known_paths(app: FastAPI) -> frozenset[str]:
    """The addresses of the dashboard's routes, as `create_app` wrote them down."""
    known = app.state.page_paths
    assert isinstance(known, frozenset)
    return known


def paths_of(*routers: APIRouter) -> frozenset[str]:
    """The addresses of all routes of some routers."""
    return frozenset(getattr(route, "path", "") for router in routers for route in router.routes)
