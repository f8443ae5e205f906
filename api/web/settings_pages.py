"""Settings: how every part is, the settings in force, the room they take, and where to go."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext, Context
from api.security import LocalOperator
from api.web.page import Fragment, Page
from domain.actor import Actor
from domain.health import HealthCheck
from domain.house import Room, Setting
from domain.rights import Right

router = APIRouter(prefix="/operator/settings", include_in_schema=False)
WORST_FIRST = {"broken": 0, "warning": 1, "ok": 2}


class Door(BaseModel):
    """A page that sets something."""

    model_config = ConfigDict(frozen=True)

    label: str
    path: str
    about: str
    right: Right = "read"


DOORS = (
    Door(
        label="Sound providers",
        path="/operator/providers",
        about="Who makes songs besides the embedded engine, what they cost, and their keys.",
    ),
    Door(
        label="Networks",
        path="/operator/networks",
        about="Accounts that artists post to, and whether they still work.",
    ),
    Door(
        label="People and keys",
        path="/operator/people",
        about="Who may do what here, invitations, and keys of programs.",
        right="administer",
    ),
    Door(
        label="Alerts and webhooks",
        path="/operator/alerts",
        about="What is wrong now, and who else is told of it.",
    ),
    Door(
        label="Engine room",
        path="/operator/operations",
        about="Workers, the queue, and runs that nothing will retry.",
    ),
    Door(label="API", path="/api/docs", about="Everything here, for programs."),
)


class SettingGroup(BaseModel):
    """Settings that belong together."""

    model_config = ConfigDict(frozen=True)

    name: str
    settings: tuple[Setting, ...]
    changed: int


class HealthPart(Fragment):
    """How every part is; read apart from the page, for it takes a moment."""

    template: ClassVar[str] = "settings_health.html"

    checks: tuple[HealthCheck, ...] = Field(description="Every check, the worst first.")
    ill: int = Field(description="How many are broken.")


class SettingsPage(Page):
    """The page."""

    template: ClassVar[str] = "settings.html"

    health_html: HealthPart | None = Field(description="How the parts are, if asked for at once.")
    room: tuple[Room, ...] = Field(description="What takes room.")
    free_bytes: int = Field(description="Room left on the disk.")
    versions: tuple[tuple[str, str], ...] = Field(description="What runs here.")
    doors: tuple[Door, ...] = Field(description="Pages that set something.")
    groups: tuple[SettingGroup, ...] = Field(description="The settings in force, if they may see.")


@router.get("")
async def settings(context: Context, operator: LocalOperator, health: bool = False) -> HTMLResponse:
    """The page; `health` puts the checks into it, for browsers without scripts."""
    operator.must_read()
    part = await _health(context) if health else None
    doors = tuple(door for door in DOORS if door.right in operator.rights)
    return (await _page(context, operator, doors, part)).response()


@router.get("/health")
async def health(context: Context, operator: LocalOperator) -> HTMLResponse:
    """How every part is."""
    operator.must_read()
    return (await _health(context)).response()


async def _health(context: ApiContext) -> HealthPart:
    checks = sorted(await context.health(), key=lambda check: WORST_FIRST[check.verdict])
    ill = sum(1 for check in checks if check.verdict == "broken")
    return HealthPart(checks=tuple(checks), ill=ill)


async def _page(
    context: ApiContext, actor: Actor, doors: tuple[Door, ...], part: HealthPart | None
) -> SettingsPage:
    sees = "operate" in actor.rights
    return SettingsPage(
        title="Settings · Greenroom",
        health_html=part,
        room=tuple(await context.desk.room()),
        free_bytes=context.media.free_bytes(),
        versions=(
            ("Greenroom", context.version),
            ("API", "v1"),
            ("Python", platform.python_version()),
            ("System", f"{platform.system()} {platform.machine()}"),
        ),
        doors=doors,
        groups=_groups(context.desk.settings) if sees else (),
    )


def _groups(settings: Sequence[Setting]) -> tuple[SettingGroup, ...]:
    """Groups in the order of their first setting."""
    order = list(dict.fromkeys(setting.group for setting in settings))
    found = groupby(
        sorted(settings, key=lambda setting: order.index(setting.group)), lambda s: s.group
    )
    return tuple(_group(name, tuple(members)) for name, members in found)


def _group(name: str, members: tuple[Setting, ...]) -> SettingGroup:
    changed = sum(1 for setting in members if setting.source != "default")
    return SettingGroup(name=name, settings=members, changed=changed)
