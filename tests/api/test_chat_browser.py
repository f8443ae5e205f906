"""The chat page in real Chromium: words that grow, cards, questions, a cut, phone width."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from domain.actor import OPERATOR
from domain.ports.chat import TextPiece
from services.talks import TalkService
from tests.api.conftest import served
from tests.api.test_browser import browser as browser
from tests.support.label import TOKEN, TestLabel, debut
from tests.support.talking import SteeredChat


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A phone's window that fails the test when a script fails or the policy is broken."""
    window = await browser.new_page(viewport={"width": 390, "height": 780}, locale="en-GB")
    trouble: list[str] = []
    window.on("pageerror", lambda error: trouble.append(str(error)))
    window.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
    yield window
    await window.close()
    assert trouble == []


async def test_a_talk_leads_to_a_directive_and_a_pause(label: TestLabel, page: Page) -> None:
    artist = await debut(label, portrait=b"portrait", banner=b"banner")
    async with served(label) as base:
        await page.goto(f"{base}/operator?token={TOKEN}")
        await page.goto(f"{base}/operator/chat")
        await page.fill("#say", "From now on, sing <b>only</b> about rain.")
        await page.click(".composer-send")
        await expect(page.locator(".chat-card-directive")).to_contain_text("<b>only</b> about rain")
        await expect(page.locator(".turn-text").last).not_to_be_empty()
        await page.fill("#say", "Please pause.")
        await page.click(".composer-send")
        await page.click("text=Yes, do it")
        await expect(page.locator(".chat-question")).to_contain_text("It is done.")
        assert (await label.artists.find(OPERATOR, artist.id)).status == "paused"
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
        await page.click("button:text-is('Revoke')")
        await expect(page.locator(".chat-card-directive")).to_contain_text("Revoked")


async def test_words_grow_stop_and_survive_a_reload(label: TestLabel, page: Page) -> None:
    chat = SteeredChat([TextPiece(text="One "), TextPiece(text="two"), None, TextPiece(text=" 3")])
    label.talks = TalkService(label.database, label.clock, chat, label.talking.acts())
    artist = await debut(label, portrait=b"portrait", banner=b"banner")
    talk = await label.talks.start(OPERATOR, artist.id)
    async with served(label) as base:
        await page.goto(f"{base}/operator?token={TOKEN}")
        await page.goto(f"{base}/operator/chat/{talk.id}")
        await page.fill("#say", "Count.")
        await page.click(".composer-send")
        answer = page.locator("[data-turn]").last.locator(".turn-text")
        await expect(answer).to_have_text("One two")
        await page.reload()
        await expect(answer).to_have_text("One two")
        await page.click("[data-stop] button")
        await expect(page.locator(".turn-end")).to_contain_text("You stopped it here.")
        chat.go.set()
        await page.click("text=Answer again")
        await expect(answer).to_have_text("One two 3")
        await expect(page.locator("[data-stop]")).to_be_hidden()
    await label.talks.aclose()
