"""The rhythm page in real Chromium: preview while typing, the reader's own days, the hold."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from domain.actor import OPERATOR
from domain.rhythm_words import parse_rhythm
from services.schedules import ScheduleChange
from tests.api.conftest import served
from tests.api.test_browser import browser as browser
from tests.support.label import TOKEN, TestLabel, debut


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A window far in the west that fails the test when a script fails."""
    window = await browser.new_page(timezone_id="America/Los_Angeles", locale="en-GB")
    trouble: list[str] = []
    window.on("pageerror", lambda error: trouble.append(str(error)))
    yield window
    await window.close()
    assert trouble == []


async def test_a_rhythm_is_previewed_while_typing_and_followed_by_the_page(
    label: TestLabel, page: Page
) -> None:
    artist = await debut(label, portrait=b"portrait", banner=b"banner")
    async with served(label) as base:
        await page.goto(f"{base}/operator?token={TOKEN}")
        await page.goto(f"{base}/operator/schedule")
        await expect(page.locator("[name=tz]")).to_have_value("America/Los_Angeles")
        await page.select_option("[name=artist]", artist.handle)
        await page.fill("[name=tz]", "Asia/Tokyo")
        await page.click("button.example >> text=weekdays at 9")
        await expect(page.locator("#preview li")).to_have_count(5)
        await expect(page.locator("#preview li").first).to_contain_text("Tue 5 May, 09:00")
        await expect(page.locator("#preview li").first).to_contain_text("Mon 17:00 here")
        await page.fill("[name=rhythm]", "now and then")
        await expect(page.locator("#preview")).to_contain_text("cannot be read")
        await page.fill("[name=rhythm]", "daily at 9")
        await expect(page.locator("#preview")).to_contain_text("Daily at 09:00")
        await page.click("button >> text=Save")
        await expect(page.locator(".agenda-day").first).to_have_text("Monday 4 May")
        await expect(page.locator(".agenda-time").first).to_have_text("17:00")
        change = ScheduleChange(rhythm=parse_rhythm("daily at 12"))
        await label.schedules.put(OPERATOR, artist.handle, change)
        await expect(page.locator(".agenda-time").first).to_have_text("20:00")


async def test_a_hold_is_told_on_every_page_until_it_is_lifted(
    label: TestLabel, page: Page
) -> None:
    async with served(label) as base:
        await page.goto(f"{base}/operator?token={TOKEN}")
        await expect(page.locator(".held")).to_have_count(0)
        await label.holds.hold(OPERATOR, "moving house")
        await expect(page.locator(".held")).to_contain_text("moving house")
        await page.goto(f"{base}/operator/providers")
        await page.click(".held button")
        await expect(page.locator(".held")).to_have_count(0)
        assert page.url == f"{base}/operator/providers"
        assert await label.holds.state(OPERATOR) is None
