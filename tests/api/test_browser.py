"""The pages in real Chromium: scripts run under our policy, and do what they are for."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from domain.actor import OPERATOR, SYSTEM
from domain.errors import ModelRejected
from services.generation.song import usual_song
from tests.api.conftest import served
from tests.support.label import (
    TOKEN,
    TestLabel,
    ask,
    cycle,
    debut,
    live_release,
    song,
    step,
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    assert CHROMIUM, "Chromium is not installed; as root: apt-get install -y chromium"
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield found
        await found.close()


@pytest.fixture
async def base(label: TestLabel) -> AsyncIterator[str]:
    async with served(label) as address:
        yield address


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A window that fails the test when a script fails or the policy blocks something."""
    window = await browser.new_page()
    trouble: list[str] = []
    window.on("pageerror", lambda error: trouble.append(str(error)))
    window.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
    yield window
    await window.close()
    assert trouble == []


async def until_heard(label: TestLabel, artist_id: str, kind: str) -> float | None:
    async with asyncio.timeout(10):
        while True:
            for event in await label.audience.unperceived(OPERATOR, artist_id):
                if event.kind == kind:
                    assert kind != "play" or event.exposure_id
                    return event.seconds
            await asyncio.sleep(0.1)


async def test_a_visitor_listens_likes_and_writes(label: TestLabel, base: str, page: Page) -> None:
    artist = await debut(label)
    await live_release(label, artist)
    await page.goto(f"{base}/@{artist.handle}")
    await page.get_by_role("button", name="Play Last Ferry Home").click()
    await expect(page.get_by_role("button", name="Pause Last Ferry Home")).to_be_visible()
    heard = await until_heard(label, artist.id, "play")
    assert heard is not None
    assert heard > 2, "a shorter listen is no play"

    like = page.get_by_role("button", name="Like Last Ferry Home")
    await like.click()
    await expect(like).to_have_attribute("aria-pressed", "true")
    await expect(like).to_have_text("1")

    await page.get_by_label("Your name").fill("Jo")
    await page.get_by_label("Your words").fill("<b>Again!</b>")
    await page.get_by_role("button", name="Leave it here").click()
    await expect(page.locator(".comments")).to_contain_text("<b>Again!</b>")
    await page.reload()
    await expect(like).to_have_attribute("aria-pressed", "true")


async def test_a_short_listen_is_no_play(label: TestLabel, base: str, page: Page) -> None:
    artist = await debut(label)
    await live_release(label, artist)
    await page.goto(f"{base}/@{artist.handle}")
    await page.get_by_role("button", name="Play Last Ferry Home").click()
    await page.wait_for_timeout(800)
    await page.goto(f"{base}/")
    await page.wait_for_timeout(300)
    assert (await label.audience.totals(OPERATOR, artist.id))["plays"] == 0


async def test_the_player_obeys_the_keyboard(label: TestLabel, base: str, page: Page) -> None:
    artist = await debut(label)
    await live_release(label, artist)
    await page.goto(f"{base}/@{artist.handle}")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    seek = page.get_by_role("slider", name="Position in Last Ferry Home")
    await seek.focus()
    for _ in range(15):
        await page.keyboard.press("ArrowRight")
    await expect(seek).to_have_attribute("aria-valuetext", re.compile(r"0:01 of 0:03"))


@pytest.mark.parametrize("width", [390, 1440])
async def test_nothing_runs_over_the_edge(
    label: TestLabel, base: str, page: Page, width: int
) -> None:
    artist = await debut(label)
    await live_release(label, artist, "A Title Of Remarkable Length For A Song About Boats")
    run = await cycle(label, artist)
    await step(label, run, "plan", "word" * 60)
    approval = await ask(label, run, await song(label, run))
    await page.set_viewport_size({"width": width, "height": 844})
    await page.goto(f"{base}/operator?token={TOKEN}")
    assert page.url == f"{base}/operator"
    for path in (
        "/",
        f"/@{artist.handle}",
        "/operator",
        f"/operator/runs/{run.id}",
        f"/operator/approvals/{approval.id}",
        "/api/docs",
    ):
        await page.goto(base + path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path


async def test_the_operator_watches_and_approves(label: TestLabel, base: str, page: Page) -> None:
    artist = await debut(label)
    await page.goto(f"{base}/operator?token={TOKEN}")
    await page.get_by_role("link", name=artist.stage_name).first.click()
    await page.get_by_role("button", name="Run a cycle").click()
    await expect(page).to_have_url(re.compile(r"/operator/runs/run_"))
    run = (await label.runs.page(OPERATOR))[0]
    await label.runs.begin(SYSTEM, run.id)
    await step(label, run, "plan", "A song about boats.")
    await expect(page.locator(".steps")).to_contain_text("A song about boats.")
    await page.get_by_text("What it saw and what it gave").click()
    await label.runs.step_started(SYSTEM, run, "compose", 1)
    await label.runs.progress(SYSTEM, run, "synthesis", 0.5)
    await expect(page.locator("progress")).to_have_attribute("value", "0.5")
    await expect(page.get_by_text("New plays")).to_be_visible()

    approval = await ask(label, run, await song(label, run))
    await page.get_by_role("link", name="Listen and decide").click()
    await page.get_by_label("Words of the post").fill("Out now, at four in the morning.")
    await page.get_by_role("button", name="Save these words").click()
    await expect(page.get_by_label("Words of the post")).to_have_value(
        "Out now, at four in the morning."
    )
    assert approval.id not in page.url
    await page.get_by_role("button", name="Approve and publish").click()
    await expect(page).to_have_url(f"{base}/operator/runs/{run.id}")
    assert await label.approvals.waiting(OPERATOR, artist.id) == []


async def test_the_operator_connects_a_provider_and_watches_songs_come(
    label: TestLabel, base: str, page: Page
) -> None:
    await page.goto(f"{base}/operator?token={TOKEN}")
    await page.get_by_role("link", name="Sound", exact=True).click()
    alpha = page.locator("#provider-alpha")
    await alpha.locator("summary").click()
    await alpha.get_by_label("Key").fill("k-1")
    await alpha.get_by_role("button", name="Connect").click()
    await expect(page.get_by_role("status")).to_contain_text("Alpha is connected")
    await expect(page.locator("#provider-alpha .status")).to_have_text("Healthy")
    await label.generation.make(
        SYSTEM,
        usual_song(),
        key="song-0",
        out_dir=label.home / "scratch",
        progress=lambda stage, fraction: None,
    )
    # The list follows the event log; nobody reloads.
    song_line = page.locator(".song").first
    await expect(song_line).to_contain_text("Alpha")
    await song_line.locator("summary").click()
    await expect(song_line).to_contain_text("the only connected provider that can make it")
    for width in (390, 1440):
        await page.set_viewport_size({"width": width, "height": 900})
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width


async def test_the_engine_room_follows_and_asks_before_it_gives_up(
    label: TestLabel, base: str, page: Page
) -> None:
    artist = await debut(label)

    async def fail() -> str:
        run = await cycle(label, artist)
        error = ModelRejected("the key is refused", remedy="Check GREENROOM_MODEL_KEY.")
        await label.runs.fail(SYSTEM, run.id, "write", error)
        return run.id

    await page.goto(f"{base}/operator?token={TOKEN}")
    await page.get_by_role("link", name="Engine room").click()
    await expect(page.locator("[data-part=dead]")).to_contain_text("Nothing here")
    run_id = await fail()
    letter = page.locator(".line-bad").filter(has=page.locator(f'a[href$="{run_id}"]'))
    await expect(letter).to_contain_text("The key is refused")
    await expect(letter.get_by_label("Why")).to_be_hidden()
    await letter.locator("summary").click()
    await letter.get_by_label("Why").fill("a joke")
    # Another one fails meanwhile: what is typed stays where it is.
    await fail()
    await expect(page.locator(".line-bad")).to_have_count(2)
    await expect(letter.get_by_label("Why")).to_have_value("a joke")
    await letter.get_by_role("button", name="Give it up for good").click()
    await expect(page.get_by_role("status")).to_contain_text("One run given up")
    assert (await label.runs.get(OPERATOR, run_id)).discarded == "a joke"
    for width in (390, 1440):
        await page.set_viewport_size({"width": width, "height": 900})
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
