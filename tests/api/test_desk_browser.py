"""Calendar, catalogue and search in real Chromium: dragging, keys, the player, no policy broken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from domain.actor import OPERATOR
from domain.rhythm_words import parse_rhythm
from services.schedules import ScheduleChange
from tests.api.conftest import served
from tests.api.test_browser import browser as browser
from tests.support.label import START, TOKEN, TestLabel, ask, cycle, debut, publish, song

NOON_IN_TOKYO = START.replace(hour=3, minute=0) + timedelta(days=1)


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A window in Tokyo that fails the test when a script fails or the policy blocks something."""
    window = await browser.new_page(timezone_id="Asia/Tokyo", locale="en-GB")
    window.set_default_timeout(30_000)
    trouble: list[str] = []
    window.on("pageerror", lambda error: trouble.append(str(error)))
    window.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
    yield window
    await window.close()
    assert trouble == []


async def test_the_desk_is_used_by_mouse_and_keyboard(label: TestLabel, page: Page) -> None:
    artist = await debut(label)
    for title in ("Amber Hour", "Quartz Hour"):
        run = await cycle(label, artist)
        await publish(label, await ask(label, run, await song(label, run, title, seconds=90.0)))
    change = {"rhythm": parse_rhythm("weekdays at 12"), "tz": "Asia/Tokyo"}
    await label.schedules.put(OPERATOR, artist.handle, ScheduleChange.model_validate(change))

    async def next_slots() -> list[int]:
        coming = await label.schedules.upcoming(OPERATOR, 2)
        return [(slot.slot_at - NOON_IN_TOKYO).days for slot in coming]

    async with served(label) as base:
        await page.goto(f"{base}/operator?token={TOKEN}")
        # A slot is dragged from Tuesday to Thursday, taken back, and moved on by the keyboard.
        await page.goto(f"{base}/operator/calendar?on=2026-05-04")
        await expect(page.locator(".cal")).to_have_attribute("data-tz", "Asia/Tokyo")
        tuesday = page.locator('[data-day="2026-05-05"] [data-slot]')
        await expect(tuesday).to_contain_text("12:00")
        await tuesday.drag_to(page.locator('[data-day="2026-05-09"]'))
        await expect(page.locator(".notice")).to_contain_text("to Sat 9 May, 12:00")
        assert await next_slots() == [1, 2]
        await page.get_by_role("button", name="Undo").click()
        await expect(page.locator(".notice")).to_contain_text("to Tue 5 May, 12:00")
        assert await next_slots() == [0, 1]
        await page.locator('[data-day="2026-05-08"] [data-slot]').focus()
        await page.keyboard.press("Alt+ArrowRight")
        await expect(page.locator(".notice")).to_contain_text("to Sat 9 May, 12:00")

        # The player goes on while the list is filtered; keys go to the next song.
        await page.goto(f"{base}/operator/catalogue")
        await page.get_by_role("button", name="Play Quartz Hour").click()
        dock = page.get_by_label("Player")
        await expect(dock.get_by_role("button", name="Pause Quartz Hour")).to_be_visible()
        await page.select_option("[name=order]", "title")
        await expect(page.locator(".shelf-words strong").first).to_have_text("Amber Hour")
        await expect(dock).to_contain_text("Quartz Hour")
        await page.locator("h1").click()
        await page.keyboard.press("k")
        await expect(dock.get_by_role("button", name="Pause Amber Hour")).to_be_visible()

        # The slash leads to the search; arrows go through what it finds while typing.
        await page.keyboard.press("/")
        await page.keyboard.type("quartz")
        await page.keyboard.press("Enter")
        await expect(page.locator("mark").first).to_have_text("Quartz")
        # What is typed before the scripts run is searched for by Enter only.
        await page.wait_for_load_state("load")
        await page.locator("#q").fill("amb")
        await expect(page.locator("mark").first).to_have_text("Amber")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Amber Hour")
        await page.goto(f"{base}/operator/settings")
        await expect(page.locator("#health")).to_contain_text("Every part is well.")

        # On a phone the open tab is in sight, and an artist's buttons stand in one row.
        await page.set_viewport_size({"width": 390, "height": 900})
        await page.goto(f"{base}/operator/artists/{artist.handle}/sound")
        await expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=1)
        buttons = await page.locator(".artist-head .button").all()
        boxes = [box for button in buttons if (box := await button.bounding_box())]
        assert len(boxes) == 4
        assert len({box["y"] for box in boxes}) == 1
