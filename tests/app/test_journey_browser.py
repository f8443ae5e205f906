"""A new home from its first start to a published song, and a word in the chat that changes a plan.

One person's way through the pages, in real Chromium, against a real `serve` process.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.api.test_browser import browser as browser
from tests.api.test_browser import page as page
from tests.support.server import Server, wait_until

PASSWORD = "four words nobody guesses"
WORK_LIMIT_MS = 240_000
PAGE_LIMIT_MS = 60_000
ORDER = "From now on, take a break."


@pytest.mark.slow
async def test_from_the_first_start_to_a_song_and_on_by_a_word_in_the_chat(
    tmp_path: Path, browser: Browser, page: Page
) -> None:
    page.set_default_timeout(PAGE_LIMIT_MS)
    with Server(tmp_path / "home") as server:
        first = partial(re.search, r"http\S+/join\?link=\S+")
        link = wait_until(lambda: first(server.log()), PAGE_LIMIT_MS / 1000, server.log)
        await _becomes_admin(page, link[0])
        stage = await _first_song(page, server)
        await _is_public(browser, stage)
        await _next_plan_follows(page, server)
        # What follows the event log does not hear the server end.
        await page.goto("about:blank")


async def _becomes_admin(page: Page, link: str) -> None:
    await page.goto(link)
    await page.fill("[name=name]", "ada")
    await page.fill("[name=password]", PASSWORD)
    await page.get_by_role("button", name="Come in").click()
    await expect(page.locator(".topbar")).to_contain_text("ada", timeout=PAGE_LIMIT_MS)
    # The link has done what it is for.
    assert (await page.context.request.get(link)).status == 404


async def _first_song(page: Page, server: Server) -> str:
    """The inbox hears of the song by itself; the person listens, looks, reads and approves."""
    await page.goto(f"{server.url}/operator/approvals")
    song = page.locator(".inbox-title a").first
    await expect(song).to_be_visible(timeout=WORK_LIMIT_MS)
    await song.click()
    title = await page.locator("h1").evaluate("title => title.firstChild.textContent.trim()")
    await page.get_by_role("button", name="Play ").click()
    await expect(page.get_by_role("button", name="Pause ")).to_be_visible(timeout=PAGE_LIMIT_MS)
    await expect(page.locator("[data-now]")).not_to_have_text("0:00", timeout=PAGE_LIMIT_MS)
    drawn = page.locator(".approval-cover")
    assert await drawn.evaluate("cover => cover.complete && cover.naturalWidth") >= 400
    assert len(await page.locator(".lyrics").inner_text()) > 40
    await page.get_by_role("button", name="Approve and publish").click()
    await expect(page).to_have_url(re.compile(r"/operator/runs/run_"), timeout=PAGE_LIMIT_MS)
    await expect(page.locator(".status").first).to_have_text("Succeeded", timeout=WORK_LIMIT_MS)
    await page.locator(".trail a").nth(1).click()
    address = await page.get_by_role("link", name="Public page").get_attribute("href")
    return f"{server.url}{address}#{title}"


async def _is_public(browser: Browser, stage: str) -> None:
    """A visitor without any cookie hears it."""
    address, _, title = stage.partition("#")
    visitor = await browser.new_page()
    await visitor.goto(address)
    await expect(visitor.get_by_role("heading", name=title, exact=True)).to_be_visible(
        timeout=PAGE_LIMIT_MS
    )
    await visitor.get_by_role("button", name=f"Play {title}").click()
    await expect(visitor.get_by_role("button", name=f"Pause {title}")).to_be_visible(
        timeout=PAGE_LIMIT_MS
    )
    await visitor.close()


async def _next_plan_follows(page: Page, server: Server) -> None:
    """What is said in the chat is a directive, and the next run plans by it."""
    await page.goto(f"{server.url}/operator/chat")
    await page.wait_for_load_state("load")
    await page.fill("#say", ORDER)
    await page.click(".composer-send")
    await expect(page.locator(".chat-card-directive")).to_contain_text(ORDER, timeout=PAGE_LIMIT_MS)
    await expect(page.locator(".turn-text").last).not_to_be_empty(timeout=PAGE_LIMIT_MS)
    await page.get_by_role("link", name="Artist page").click()
    await page.get_by_role("button", name="Run a cycle").click()
    told = f"Rest: .*I follow the directive “{re.escape(ORDER)}”"
    plan = page.locator(".steps")
    await expect(plan).to_contain_text(re.compile(told), timeout=WORK_LIMIT_MS)
    await expect(page.locator(".status").first).to_have_text("Succeeded", timeout=WORK_LIMIT_MS)
    runs = server.get("/runs")["items"]
    assert sorted(one["run"]["action"] or one["run"]["kind"] for one in runs) == [
        "debut",
        "rest",
        "write_and_release_song",
    ]
