"""Every page in real Chromium: no violation that axe-core finds, no error, no sideways scroll.

axe tries the rules of WCAG 2.0, 2.1 and 2.2, A and AA. A page is loaded once and seen wide and
light, then narrow and dark; there only what colours and widths change is tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from fastapi.routing import APIRoute
from playwright.async_api import Browser, Page, expect
from starlette.routing import BaseRoute

from api.app import create_app
from tests.api.conftest import served
from tests.api.test_browser import browser as browser
from tests.support.label import TOKEN, TestLabel
from tests.support.lived_in import live_in

Found = dict[str, dict[str, list[str]]]
Look = Callable[[Page, str], Awaitable[dict[str, list[str]]]]
PAGE_MAX_BYTES = 150_000
WIDE, NARROW = 1440, 390
# For strangers: they are seen before signing in.
DOORS = {"/sign-in": ["/sign-in"], "/join": ["/join?link={invitation}"]}
# Every page by its route, with addresses to see it at.
PAGES: Mapping[str, list[str]] = {
    "/": ["/"],
    "/@{handle}": ["/@{handle}"],
    "/api/docs": ["/api/docs"],
    "/operator": ["/operator"],
    "/operator/account": ["/operator/account"],
    "/operator/alerts": ["/operator/alerts"],
    "/operator/approvals": ["/operator/approvals"],
    "/operator/approvals/{approval_id}": ["/operator/approvals/{approval}"],
    "/operator/artists": ["/operator/artists"],
    "/operator/artists/{handle}": ["/operator/artists/{handle}"],
    "/operator/artists/{handle}/channels": ["/operator/artists/{handle}/channels"],
    "/operator/artists/{handle}/memory": ["/operator/artists/{handle}/memory"],
    "/operator/artists/{handle}/profile": ["/operator/artists/{handle}/profile"],
    "/operator/artists/{handle}/profile/edit": ["/operator/artists/{handle}/profile/edit"],
    "/operator/artists/{handle}/sound": ["/operator/artists/{handle}/sound"],
    "/operator/artists/{handle}/steering": ["/operator/artists/{handle}/steering"],
    "/operator/audit": ["/operator/audit"],
    "/operator/calendar": ["/operator/calendar", "/operator/calendar?view=week"],
    "/operator/calendar/slot": ["/operator/calendar/slot?slot=2026-05-05T12:00&artist={handle}"],
    "/operator/catalogue": ["/operator/catalogue"],
    "/operator/catalogue/{work_id}": ["/operator/catalogue/{work}"],
    "/operator/chat": ["/operator/chat"],
    "/operator/chat/{talk_id}": ["/operator/chat/{talk}"],
    "/operator/insights": ["/operator/insights"],
    "/operator/networks": ["/operator/networks"],
    "/operator/operations": ["/operator/operations"],
    "/operator/people": ["/operator/people"],
    "/operator/people/{name}": ["/operator/people/{person}"],
    "/operator/providers": ["/operator/providers"],
    "/operator/runs": ["/operator/runs"],
    "/operator/runs/{run_id}": ["/operator/runs/{running}", "/operator/runs/{failed}"],
    "/operator/schedule": ["/operator/schedule"],
    "/operator/search": ["/operator/search?q=rain", "/operator/search?q=nowhere"],
    "/operator/settings": ["/operator/settings"],
}
# Files, streams, and parts that a page fetches into itself.
NO_PAGES = {
    "/@{handle}/feed.xml",
    "/@{handle}/media/{sha256}/{filename}",
    "/@{handle}/theme.css",
    "/fonts/{name}",
    "/metrics",
    "/operator/alerts/live",
    "/operator/approvals/live",
    "/operator/artists/{handle}/live",
    "/operator/catalogue/{work_id}/wave",
    "/operator/chat/{talk_id}/turns/{turn_id}/events",
    "/operator/events",
    "/operator/hold",
    "/operator/live",
    "/operator/media/{sha256}/{filename}",
    "/operator/operations/live",
    "/operator/providers/live",
    "/operator/runs/{run_id}/live",
    "/operator/runs/{run_id}/steps/{number}",
    "/operator/schedule/live",
    "/operator/settings/health",
    "/static/{digest}/{name}",
    "/themes.css",
    "/v1/{rest:path}",
}
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# What another scheme or width changes.
LOOKS = {
    "type": "rule",
    "values": [
        "color-contrast",
        "link-in-text-block",
        "target-size",
        "scrollable-region-focusable",
    ],
}
# Unfolds first; a long list of the same kind is opened as far as it says something new.
LOOK = """async only => {
  [...document.querySelectorAll("details")].slice(0, 24).forEach(fold => { fold.open = true });
  const found = await axe.run(document, {
    runOnly: only, rules: {"target-size": {enabled: true}}, resultTypes: ["violations"],
    preload: false, iframes: false
  });
  const wrong = found.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target} ${n.html}`));
  return [wrong, document.documentElement.scrollWidth];
}"""


async def violations(page: Page, only: Mapping[str, object]) -> tuple[list[str], int]:
    """What axe finds on the page as it is now (empty is good), and how wide the page is."""
    wrong, wide = await page.evaluate(LOOK, only)
    return [line[:300] for line in wrong], wide


async def looked_at(
    page: Page, width: int, scheme: Literal["light", "dark"], rules: Mapping[str, object] = WCAG
) -> dict[str, list[str]]:
    """The present page so wide, with what can be unfolded unfolded."""
    await page.set_viewport_size({"width": width, "height": 900})
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found, wide = await violations(page, rules)
    over = {f"{width} runs over": [f"{wide} px"]} if wide > width else {}
    return ({f"{width} {scheme}": found} if found else {}) | over


async def seen(page: Page, address: str) -> dict[str, list[str]]:
    """Load a page and look at it both ways; what is wrong with it, its weight among that."""
    answer = await page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    size = len(await answer.body())
    heavy = {"size": [f"{size} bytes"]} if size > PAGE_MAX_BYTES else {}
    wide = await looked_at(page, WIDE, "light")
    return heavy | wide | await looked_at(page, NARROW, "dark", LOOKS)


async def seen_empty(page: Page, address: str) -> dict[str, list[str]]:
    """The same of a page without things on it, which a narrow window shows well enough."""
    await page.goto(address)
    return await looked_at(page, NARROW, "dark")


async def opened(browser: Browser) -> Page:
    """A window whose every page has axe from its beginning."""
    window = await browser.new_page(locale="en-GB")
    window.set_default_timeout(30_000)
    await window.add_init_script(Axe().axe_script)
    return window


@asynccontextmanager
async def watched(browser: Browser) -> AsyncIterator[Page]:
    """A window that fails the test when a script fails or the policy blocks something."""
    window = await opened(browser)
    trouble: list[str] = []
    window.on("pageerror", lambda error: trouble.append(f"{window.url}: {error}"))
    window.on(
        "console",
        lambda line: trouble.append(f"{window.url}: {line.text}") if line.type == "error" else None,
    )
    yield window
    await window.close()
    assert trouble == []


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """One such window."""
    async with watched(browser) as window:
        yield window


@pytest.fixture
async def pages(browser: Browser) -> AsyncIterator[tuple[Page, Page]]:
    """Two: one page loads while the other is looked at."""
    async with watched(browser) as one, watched(browser) as other:
        yield one, other


async def all_seen(pages: Iterable[Page], addresses: Iterable[str], look: Look) -> Found:
    """What is wrong with any of these addresses, each looked at in the window that is free."""
    found: Found = {}
    left = iter(addresses)

    async def walk(window: Page) -> None:
        for address in left:
            found[address] = await look(window, address)
        # Else it would hear the server end.
        await window.goto("about:blank")

    async with asyncio.TaskGroup() as walks:
        for window in pages:
            walks.create_task(walk(window))
    return {address: trouble for address, trouble in found.items() if trouble}


def unlisted(routes: Iterable[BaseRoute]) -> Iterator[str]:
    """Addresses to be read that stand in no document of the API."""
    for route in routes:
        if isinstance(route, APIRoute) and not route.include_in_schema:
            yield from [route.path] if "GET" in (route.methods or ()) else []
        # Routers that the app includes keep their routes to themselves.
        yield from unlisted(getattr(getattr(route, "original_router", None), "routes", ()))


def test_every_page_has_a_case(label: TestLabel) -> None:
    addresses = set(unlisted(create_app(label.context()).routes))
    assert addresses == NO_PAGES | {*PAGES, *DOORS}


async def test_every_page_serves_everybody(label: TestLabel, pages: tuple[Page, Page]) -> None:
    lived = asdict(await live_in(label))
    doors, inside = (
        [address.format(**lived) for some in places.values() for address in some]
        for places in (DOORS, PAGES)
    )
    async with served(label) as base:
        assert await all_seen(pages, [base + address for address in doors], seen) == {}
        for window in pages:
            await window.goto(f"{base}/operator?token={TOKEN}")
        assert await all_seen(pages, [base + address for address in inside], seen) == {}


async def test_an_empty_house_serves_everybody(label: TestLabel, pages: tuple[Page, Page]) -> None:
    addresses = [a for some in PAGES.values() for a in some if not {"{", "?"} & set(a)]
    async with served(label) as base:
        for window in pages:
            await window.goto(f"{base}/operator?token={TOKEN}")
        assert await all_seen(pages, [base + address for address in addresses], seen_empty) == {}


async def test_what_opens_over_a_page_serves_everybody(label: TestLabel, page: Page) -> None:
    async with served(label) as base:
        await page.goto(f"{base}/operator?token={TOKEN}")
        await expect(page.locator("#pulse")).to_have_attribute("data-state", "live", timeout=30_000)
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_be_visible(timeout=30_000)
        assert await looked_at(page, WIDE, "light") == {}
        await page.keyboard.press("Escape")
        await page.set_viewport_size({"width": NARROW, "height": 900})
        await page.get_by_role("button", name="More").click()
        assert await looked_at(page, NARROW, "dark") == {}
        # Else it would hear the server end.
        await page.goto("about:blank")


async def test_errors_serve_everybody(label: TestLabel, browser: Browser) -> None:
    window = await opened(browser)
    async with served(label) as base:
        for address, status in (
            ("/nothing", 404),
            (f"/operator?token={TOKEN}", 200),
            ("/operator/runs/run_nobodys", 404),
        ):
            answer = await window.goto(base + address)
            assert answer is not None
            assert answer.status == status, address
            assert await looked_at(window, NARROW, "dark") == {}, address


async def test_axe_finds_what_is_wrong(page: Page) -> None:
    await page.goto("about:blank")
    await page.set_content(
        "<html lang=en><title>t</title><main><h1>t</h1><img src='data:,'>"
        "<p style='color:#999;background:#fff'>pale</p>"
        "<p><button style='width:9px;height:9px;padding:0'>a</button>"
        "<button style='width:9px;height:9px;padding:0'>b</button></p></main>"
    )
    found, _ = await violations(page, WCAG)
    rules = {line.partition(":")[0] for line in found}
    assert {"image-alt", "color-contrast", "target-size"} <= rules
    found, _ = await violations(page, LOOKS)
    assert [line.partition(":")[0] for line in found] == [
        "color-contrast",
        "target-size",
        "target-size",
    ]
