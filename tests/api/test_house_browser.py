"""The house's pages in real Chromium: keys, live news, dialogs, the menu of a phone."""

from __future__ import annotations

from playwright.async_api import Page, expect

from domain.actor import OPERATOR, SYSTEM
from domain.approval import ApprovalStatus
from tests.api.test_browser import base as base
from tests.api.test_browser import browser as browser
from tests.api.test_browser import page as page
from tests.support.label import TOKEN, TestLabel, ask, cycle, debut, song, step


async def test_the_inbox_by_keys(label: TestLabel, base: str, page: Page) -> None:
    artist = await debut(label)
    found = []
    for title in ("Salt", "Radar"):
        run = await cycle(label, artist)
        found.append(await ask(label, run, await song(label, run, title)))
    await page.goto(f"{base}/operator?token={TOKEN}")
    await page.keyboard.press("g")
    await page.keyboard.press("a")
    await expect(page).to_have_url(f"{base}/operator/approvals")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("Next, previous")
    await page.keyboard.press("x")
    await page.keyboard.press("Escape")
    await expect(page.locator("[name=chosen]:checked")).to_have_count(0)
    for key in ("j", "j", "x", "r"):
        await page.keyboard.press(key)
    await expect(page.get_by_label("Choose Radar")).to_be_checked()
    await expect(page.locator("#bulk-reason")).to_be_focused()
    await page.locator("#bulk-reason").select_option("mix")
    # Typed, these are letters of a reason and nothing else.
    await page.locator("#bulk-comment").press_sequentially("jar xae?")
    await expect(page.locator("#bulk-comment")).to_have_value("jar xae?")
    await page.get_by_role("button", name="Reject").click()
    await expect(page.get_by_text("Rejected: “Radar”.")).to_be_visible()
    statuses = [(await label.approvals.get(OPERATOR, one.id)).status for one in found]
    assert statuses == [ApprovalStatus.WAITING, ApprovalStatus.REJECTED]


async def test_one_approval_by_keys(label: TestLabel, base: str, page: Page) -> None:
    run = await cycle(label, await debut(label))
    approval = await ask(label, run, await song(label, run))
    await page.goto(f"{base}/operator?token={TOKEN}")
    await page.goto(f"{base}/operator/approvals/{approval.id}")
    await page.keyboard.press("e")
    await expect(page.get_by_label("Words of the post")).to_be_focused()
    await page.locator("h1").click()
    await page.keyboard.press("r")
    await expect(page.locator("#reason")).to_be_focused()
    await page.locator("h1").click()
    await page.keyboard.press("a")
    await expect(page.get_by_role("button", name="Approve and publish")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{base}/operator/runs/{run.id}")


async def test_the_overview_hears_of_news(label: TestLabel, base: str, page: Page) -> None:
    artist = await debut(label)
    await page.goto(f"{base}/operator?token={TOKEN}")
    await expect(page.locator("#pulse")).to_have_attribute("data-state", "live")
    run = await cycle(label, artist)
    await step(label, run, "plan", "A song about boats.")
    await label.runs.step_started(SYSTEM, run, "compose", 1)
    await label.runs.progress(SYSTEM, run, "synthesis", 0.5)
    await expect(page.locator("progress")).to_have_attribute("value", "0.5")
    await ask(label, run, await song(label, run, "Salt"))
    await expect(page.get_by_role("link", name="Salt")).to_be_visible()


async def test_a_phone_finds_every_door(label: TestLabel, base: str, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 800})
    await page.goto(f"{base}/operator?token={TOKEN}")
    menu = page.get_by_role("navigation", name="Dashboard")
    await expect(menu).to_be_hidden()
    await page.get_by_role("button", name="More").click()
    await menu.get_by_role("link", name="Engine room").click()
    await expect(page).to_have_url(f"{base}/operator/operations")
    for path in ("/operator", "/operator/approvals", "/operator/artists", "/operator/runs"):
        await page.goto(f"{base}{path}")
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, path
