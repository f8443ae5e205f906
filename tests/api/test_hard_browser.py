"""What goes wrong for people, in real Chromium: two who edit one thing, a session that ends, a cut.

Nothing typed is lost, nothing is done twice, and the page says what happened.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, expect

from domain.actor import OPERATOR
from domain.ports.chat import TextPiece
from services.talks import TalkService
from tests.api.conftest import served
from tests.api.test_browser import browser as browser
from tests.support.label import TOKEN, TestLabel, debut
from tests.support.people import PASSWORD, joined
from tests.support.talking import SteeredChat
from tests.support.wire import wired

SAVE = "Save as a new version"
# What the browser itself says of a line that is cut, whatever a page does.
CUT_LINE = "net::ERR_"


@asynccontextmanager
async def window(browser: Browser, *, excused: str = "") -> AsyncIterator[Page]:
    """A person's own window; fails where a script fails or the policy blocks something."""
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    page.set_default_timeout(30_000)
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
    yield page
    await context.close()
    assert [line for line in trouble if not (excused and excused in line)] == []


async def sign_in(page: Page, base: str, name: str) -> None:
    await page.goto(f"{base}/sign-in")
    await page.fill("[name=name]", name)
    await page.fill("[name=password]", PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator(".topbar")).to_be_visible()


async def test_two_people_edit_one_profile_and_one_is_signed_out_in_the_middle(
    label: TestLabel, browser: Browser
) -> None:
    artist = await debut(label, portrait=b"portrait", banner=b"banner")
    form = f"/operator/artists/{artist.handle}/profile/edit"
    people = {name: await joined(label, "operator", name) for name in ("ann", "bo")}
    refused = "the server responded with a status of 4"
    async with (
        served(label) as base,
        window(browser, excused=refused) as ann,
        window(browser) as bo,
    ):
        for page, name in ((ann, "ann"), (bo, "bo")):
            await sign_in(page, base, name)
            await page.goto(base + form)
        await bo.get_by_label("Themes").fill("bo's theme")
        await bo.get_by_label("Who it is for").fill("Bo's people")
        await bo.get_by_label("Why").fill("bo knows")
        await bo.get_by_role("button", name=SAVE).click()
        await expect(bo.get_by_role("status")).to_contain_text("Saved as a new version")

        # The other's change is shown, one's own words stand, and nothing of either is lost.
        await ann.get_by_label("Themes").fill("ann's theme\nand <b>another</b>")
        await ann.get_by_label("Biography").fill("Ann's story.")
        await ann.get_by_role("button", name=SAVE).click()
        told = ann.get_by_role("alert")
        await expect(told).to_contain_text("bo saved before you")
        await expect(told).to_contain_text("bo knows")
        await expect(told).to_contain_text("Both of you changed Themes")
        await expect(ann.get_by_label("Themes")).to_have_value("ann's theme\nand <b>another</b>")
        await expect(ann.locator(".met-theirs")).to_have_text("bo's theme")
        await expect(ann.get_by_label("Who it is for")).to_have_value("Bo's people")

        # Her session ends while she writes on: she signs in again, and sends what she typed.
        await ann.get_by_label("Tone").fill("gentle")
        await ann.get_by_label("D#", exact=True).check()
        await label.people.sign_in.end_all(OPERATOR, people["ann"].user.id)
        await ann.get_by_role("button", name=SAVE).click()
        await expect(ann.get_by_role("status")).to_contain_text("What you typed is kept")
        await ann.fill("[name=name]", "ann")
        await ann.fill("[name=password]", "not her password")
        await ann.get_by_role("button", name="Sign in").click()
        await expect(ann.get_by_role("alert")).to_be_visible()
        await ann.fill("[name=password]", PASSWORD)
        await ann.get_by_role("button", name="Sign in").click()
        await expect(ann.locator(".kept")).to_contain_text("Ann's story.")
        await ann.get_by_role("button", name="Send it now").click()
        await expect(ann.get_by_role("status")).to_contain_text("Saved as a new version")
    now = (await label.artists.profile(OPERATOR, artist.id)).profile
    assert now.themes == ("ann's theme", "and <b>another</b>")
    assert (now.biography, now.audience) == ("Ann's story.", "Bo's people")
    assert (now.posting.tone, now.music.keys) == ("gentle", ("D#",))
    history = await label.artists.profile_history(OPERATOR, artist.id)
    assert [version.author.partition(":")[2] for version in history[-2:]] == [
        people["bo"].user.id,
        people["ann"].user.id,
    ]


async def test_a_cut_line_loses_no_word_of_a_talk_and_doubles_none(
    label: TestLabel, browser: Browser
) -> None:
    pieces = [TextPiece(text="One "), TextPiece(text="two"), None, TextPiece(text=" 3")]
    chat = SteeredChat(pieces)
    label.talks = TalkService(label.database, label.clock, chat, label.talking.acts())
    artist = await debut(label, portrait=b"portrait", banner=b"banner")
    talk = await label.talks.start(OPERATOR, artist.id)
    async with (
        served(label) as base,
        wired(base) as wire,
        window(browser, excused=CUT_LINE) as page,
    ):
        await page.goto(f"{wire.url}/operator?token={TOKEN}")
        await page.goto(f"{wire.url}/operator/chat/{talk.id}")
        await page.wait_for_load_state("load")
        answers, problem = page.locator(".turn-text"), page.locator("[data-problem]")
        await page.fill("#say", "Count.")
        await page.click(".composer-send")
        await expect(answers.last).to_have_text("One two")

        # The answer goes on while nobody hears it, and comes whole when the line is back.
        wire.cut()
        await expect(problem).to_contain_text("The connection is cut. The answer goes on")
        chat.go.set()
        wire.mend()
        await expect(answers.last).to_have_text("One two 3")
        await expect(problem).to_be_empty()
        await expect(page.locator("[data-turn]")).to_have_count(2)

        # What cannot be sent stays in its field.
        wire.cut()
        await page.fill("#say", "Again <b>please</b>.")
        await page.click(".composer-send")
        await expect(problem).to_contain_text("What you wrote is still here")
        await expect(page.locator("#say")).to_have_value("Again <b>please</b>.")
        wire.mend()

        # It arrives, but nobody hears of that: sent once more, it is still said once.
        wire.lose_answers_to(b"/say")
        await page.click(".composer-send")
        await wire.lost.wait()
        await expect(problem).to_contain_text("What you wrote is still here")
        wire.mend()
        await page.click(".composer-send")
        await expect(page.locator("#say")).to_have_value("")
        await expect(answers.last).to_have_text("One two 3")
        await expect(page.locator("[data-turn]")).to_have_count(4)
        await expect(page.locator("[data-turn]").nth(2)).to_contain_text("Again <b>please</b>.")
    assert len(await label.talks.turns(OPERATOR, talk.id, limit=20)) == 4
    assert len(chat.asked) == 2
    await label.talks.aclose()
