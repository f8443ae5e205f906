"""A song is sent back with reasons, and its new version is seen beside it, in real Chromium.

One person's way through the pages, against a real `serve` process with songs of four bars.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.api.test_browser import browser as browser
from tests.api.test_browser import page as page
from tests.support.server import Server, wait_until

LIMIT_S = 240
SAID = "The words show nothing of the harbour. A calmer cover, please."


async def test_a_song_is_sent_back_and_its_revision_seen(tmp_path: Path, page: Page) -> None:
    page.set_default_timeout(60_000)
    with Server(tmp_path / "home") as server:
        await page.goto(f"{server.url}/operator?token={server.token.strip()}")
        (first,) = wait_until(
            lambda: server.get("/approvals?waiting=true")["items"], LIMIT_S, server.log
        )
        await page.goto(f"{server.url}/operator/approvals/{first['id']}")
        await _send_back(page)
        await page.get_by_role("link", name="Listen and decide").click(timeout=LIMIT_S * 1000)
        await _both_versions(page)
        second = page.url.rpartition("/")[2]
        await page.get_by_role("button", name="Approve and publish").click()
        await expect(page.locator(".status").first).to_have_text(
            "Succeeded", timeout=LIMIT_S * 1000
        )
        # Nothing is lost: the first one stands as it was decided, and leads to what came of it.
        await page.goto(f"{server.url}/operator/approvals/{first['id']}")
        await expect(page.locator(".head-line")).to_contain_text("Rejected")
        await page.get_by_role("link", name="Go to the version that answers it").click()
        await expect(page).to_have_url(re.compile(f"{second}$"))
        shown = [server.get(f"/approvals/{one}")["works"][0] for one in (first["id"], second)]
        assert shown[0]["title"] == shown[1]["title"]
        files = [file for one in shown for file in one["files"]]
        assert len({file["sha256"] for file in files if file["role"] == "cover"}) == 2


async def _send_back(page: Page) -> None:
    await page.wait_for_load_state("load")
    await page.keyboard.press("r")
    await expect(page.locator("#reason")).to_be_focused()
    await page.keyboard.press("Space")
    await expect(page.get_by_role("checkbox", name="Lyrics")).to_be_checked()
    await page.get_by_role("checkbox", name="Artwork").check()
    await page.get_by_label("What should be different?").fill(SAID)
    await page.get_by_role("button", name="Ask for changes").click()
    await expect(page).to_have_url(re.compile(r"/operator/runs/run_"))
    await expect(page.locator(".steps")).to_contain_text(SAID, timeout=LIMIT_S * 1000)


async def _both_versions(page: Page) -> None:
    seen = page.get_by_role("region", name="Version 2")
    await expect(seen).to_contain_text(SAID)
    await expect(seen.locator(".asked")).to_contain_text(re.compile(r"\d+ of \d+ lines are new"))
    await expect(seen.locator(".asked")).to_contain_text("Another cover")
    await expect(seen).to_contain_text("Exactly as before: the words of the post.")
    covers = seen.locator("img")
    await expect(covers).to_have_count(2)
    assert len({await covers.nth(n).get_attribute("src") for n in range(2)}) == 2
    assert await seen.locator("del").count() >= 1
    assert await seen.locator("ins").count() >= 1
    for name in ("before", "now"):
        await seen.get_by_role("button", name=re.compile(f"Play .*, {name}")).click()
        await expect(
            seen.get_by_role("button", name=re.compile(f"Pause .*, {name}"))
        ).to_be_visible()
    for width in (390, 1440):
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
