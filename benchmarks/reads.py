"""Every address of the API and of the pages that is read, with questions that are asked there.

Taken from the routers, so that a new route is among them by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter
from starlette.routing import Route

from api.app import DASHBOARD, OPEN_ROUTERS, ROUTERS
from api.needs import API_PREFIX
from api.openai import routes as openai
from api.web import door_pages, stage_routes

# Streams, which never end, and files: neither is a list or a page.
APART: Final = frozenset(
    {
        "/api/v1/artists/{handle}/talks/{talk_id}/events",
        "/api/v1/events/stream",
        "/api/v1/media/{sha256}",
        "/api/v1/runs/{run_id}/events",
        "/api/v1/talks/{talk_id}/turns/{turn_id}/events",
        "/@{handle}/media/{sha256}/{filename}",
        "/operator/catalogue/{work_id}/wave",
        "/operator/chat/{talk_id}/turns/{turn_id}/events",
        "/operator/events",
        "/operator/media/{sha256}/{filename}",
        "/v1/{rest:path}",
    }
)
MONTH: Final = "begin={begin}&end={end}"
# Without a line here an address is asked as it is.
QUERIES: Final[Mapping[str, tuple[str, ...]]] = {
    "/api/v1/approvals": ("", "waiting=true", "artist={handle}&status=waiting"),
    "/api/v1/artists": ("", "status=active&limit=20"),
    "/api/v1/artists/{handle}/profile/diff": ("before=1&after=1",),
    "/api/v1/calendar": (MONTH, MONTH + "&artist={handle}"),
    "/api/v1/channels": ("", "status=broken&artist={handle}"),
    "/api/v1/events": ("after=0", "after=0&artist={handle}"),
    "/api/v1/posts": ("", "status=published&artist={handle}", "order=oldest&limit=20"),
    "/api/v1/releases": ("", "status=live&artist={handle}"),
    "/api/v1/runs": ("", "status=waiting&artist={handle}"),
    "/api/v1/search": ("q=night", "q=harb&kind=memory"),
    "/api/v1/works": ("", "status=released&limit=20"),
    "/operator/artists/{handle}/memory": ("", "q=harbour"),
    "/operator/calendar": ("", "view=week", "artist={handle}"),
    "/operator/calendar/slot": ("artist={handle}&schedule=main&slot={slot}",),
    "/operator/catalogue": ("", "order=title", "artist={handle}"),
    "/operator/search": ("q=night",),
    "/join": ("link={invitation}",),
}
# What `{name}` and the like stand for there.
MEANT: Final[Mapping[str, Mapping[str, str]]] = {
    "/api/v1/artists/{handle}/schedules/{name}": {"name": "schedule"},
    "/api/v1/providers/{name}": {"name": "provider"},
    "/operator/people/{name}": {"name": "person"},
    "/v1/models/{model}": {"model": "handle"},
    "/api/v1/artists/{artist}/channels": {"artist": "handle"},
}
_PLACES: Final = (
    *((API_PREFIX, module) for module in (*ROUTERS, *OPEN_ROUTERS)),
    *(("", module) for module in (openai, *DASHBOARD, door_pages, stage_routes)),
)


def patterns() -> list[str]:
    """Every address that is read, with its names in braces."""
    found = {
        prefix + route.path
        for prefix, module in _PLACES
        for route in _routes(module.router)
        if "GET" in (route.methods or ())
    }
    return sorted(found - APART)


def asked(pattern: str, names: Mapping[str, str]) -> list[str]:
    """The address, with each of its queries, about what is named; raises `KeyError`."""
    meant = {name: names[other] for name, other in MEANT.get(pattern, {}).items()}
    whole = [f"{pattern}?{query}" if query else pattern for query in QUERIES.get(pattern, ("",))]
    return [address.format_map({**names, **meant}) for address in whole]


def _routes(router: APIRouter) -> list[Route]:
    return [route for route in router.routes if isinstance(route, Route)]
