"""Script text in every field that anybody can fill: kept or refused as words, run nowhere.

Every writing route of the API and of the pages is found by itself, so a new one is tried as well.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from playwright.async_api import Page
from starlette.routing import BaseRoute

from api.app import create_app
from domain.actor import OPERATOR
from tests.api.conftest import OURS, client_of, served
from tests.api.everybody import OF_ARTIST, OTHERS
from tests.api.test_browser import browser as browser
from tests.api.test_browser import page as page
from tests.support.label import TOKEN, TestLabel
from tests.support.two_artists import MINE, settle_in

EVIL = '"\'><script>window.evil=1</script><img src=x onerror="window.evil=2">{{7*7}}'
RAW = ("<script>window.evil", "<img src=x")
# Fields of free words; the others say what is usual, so that something is done with these.
WORDS = {
    "biography", "body", "brief", "comment", "content", "description", "display_name", "name",
    "note", "q", "reason", "text", "title", "why",
}  # fmt: skip
USUAL: dict[str, Any] = {
    "act": "pause", "artist": "handle-a", "go_on": True, "handle": "handle-a", "kind": "directive",
    "level": "supervised", "reason": "mix", "rhythm": "daily at 9", "role": "viewer",
    "scopes": ["read"], "seen": "1", "tz": "UTC", "verdict": "reject", "yes": "true",
}  # fmt: skip
READS = frozenset({"GET", "HEAD"})
# Whoever signs out or in by these stands outside afterwards.
DOORS = ("/sign-in", "/operator/sign-out", "/join", "/operator/account")


def routes_of(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        # Routers that the app includes keep their routes to themselves.
        yield from routes_of(getattr(getattr(route, "original_router", None), "routes", ()))


def address(path: str) -> str:
    """The path about one of the artists; what has no name here is nobody's."""
    names = {name: value.format(x=MINE) for name, value in OF_ARTIST.items()} | dict(OTHERS)
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def evil(value: Any, *, all_words: bool, name: str = "") -> Any:
    """The same with script text where words may stand."""
    if isinstance(value, dict):
        return {key: evil(v, all_words=all_words, name=key) for key, v in value.items()}
    if isinstance(value, list):
        return [evil(one, all_words=all_words, name=name) for one in value]
    if isinstance(value, str) and (all_words or name in WORDS):
        return EVIL
    return value


def of_api(app: FastAPI) -> Iterator[tuple[str, str, Any]]:
    """Every operation of the document that takes a body, with the document's own example."""
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            for kind in content.values():
                shown = kind.get("examples") or {"": {"value": kind.get("example", {})}}
                yield method.upper(), address(path), next(iter(shown.values()))["value"]


def of_pages(app: FastAPI) -> Iterator[tuple[str, list[str]]]:
    """Every form's address with the names of its fields."""
    for route in routes_of(app.routes):
        if route.include_in_schema or READS & set(route.methods or ()):
            continue
        if not route.path.startswith(DOORS):
            fields = [field.alias for field in route.dependant.body_params]
            yield address(route.path), fields or ["reason", "biography", "themes", "seen"]


def harmless(answer: httpx.Response, what: str) -> None:
    """Nothing breaks, and a browser would run none of it."""
    assert answer.status_code < 500, what
    kind = answer.headers.get("content-type", "")
    if "html" in kind:
        assert not any(raw in answer.text for raw in RAW), what
    elif answer.content:
        assert "json" in kind or "event-stream" in kind, what
    assert answer.headers["x-content-type-options"] == "nosniff", what
    assert "script-src 'self'" in answer.headers["content-security-policy"], what


async def fill(label: TestLabel) -> int:
    """Send script text by every route; tells how often something was kept."""
    kept = 0
    app = create_app(label.context())
    async with client_of(label, Authorization=f"Bearer {TOKEN}") as api:
        for method, path, example in of_api(app):
            for all_words in (True, False):
                body = evil(example, all_words=all_words)
                answer = await api.request(method, path, json=body, headers={"If-Match": "*"})
                harmless(answer, f"{method} {path}")
                kept += answer.is_success
    async with client_of(label, **OURS) as person:
        await person.get("/operator", params={"token": TOKEN})
        for path, fields in of_pages(app):
            for all_words in (True, False):
                form = {f: EVIL if all_words or f in WORDS else USUAL.get(f, "") for f in fields}
                answer = await person.post(path, data=form)
                harmless(answer, f"form of {path}")
                kept += answer.is_redirect
    return kept


@pytest.mark.slow
async def test_script_text_is_words_wherever_it_is_written_and_read(
    label: TestLabel, page: Page
) -> None:
    await settle_in(label)
    assert await fill(label) >= 15
    who = await label.artists.profile(OPERATOR, f"artist_{MINE}")
    told = {"stage_name": EVIL[:80], "biography": EVIL, "audience": EVIL, "themes": (EVIL[:80],)}
    changed = who.profile.model_copy(update=told)
    await label.artists.adopt_profile(OPERATOR, who.artist_id, changed, reason=EVIL)
    app = create_app(label.context())
    read = {
        address(route.path)
        for route in routes_of(app.routes)
        if not route.include_in_schema and "GET" in (route.methods or ())
    }
    quiet = ("/operator/events", "/metrics", "/static", "/fonts", "/v1")
    showing = []
    async with client_of(label, **OURS) as person:
        await person.get("/operator", params={"token": TOKEN})
        for path in sorted(path for path in read if not path.startswith(quiet)):
            if path.endswith("/events"):
                continue
            answer = await person.get(path)
            if "html" in answer.headers.get("content-type", ""):
                harmless(answer, path)
                if html.escape("<script>window.evil") in answer.text:
                    showing.append(path)
        found = await person.get("/operator/search", params={"q": EVIL})
        harmless(found, "search")
    assert {
        "/",
        "/@handle-a",
        "/operator",
        "/operator/artists",
        "/operator/artists/handle-a/profile",
        "/operator/artists/handle-a/steering",
        "/operator/people",
    } <= set(showing)
    async with served(label) as base:
        await page.goto(f"{base}/operator?token={TOKEN}")
        for path in showing:
            if path.rpartition("/")[2] not in ("live", "hold", "health"):
                await page.goto(base + path)
                assert await page.evaluate("window.evil") is None, path
        # What follows the event log does not hear the server end.
        await page.goto("about:blank")
