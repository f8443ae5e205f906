"""Somebody is invited as a viewer, comes in, looks at everything, and can approve nothing."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from domain.approval import ApprovalStatus
from tests.api.conftest import served
from tests.api.test_browser import browser as browser
from tests.api.test_browser import page as page
from tests.support.label import TOKEN, TestLabel, ask, cycle, debut, song

PASSWORD = "four words nobody guesses"
BY_SCRIPT = """async ([url, digest]) =>
    (await fetch(url, {method: "POST", body: new URLSearchParams({digest})})).status"""


async def test_a_viewer_comes_in_and_cannot_approve(
    label: TestLabel, browser: Browser, page: Page
) -> None:
    page.set_default_timeout(30_000)
    artist = await debut(label)
    run = await cycle(label, artist)
    approval = await ask(label, run, await song(label, run))
    path = f"/operator/approvals/{approval.id}"
    async with served(label) as base:
        await page.goto(f"{base}/operator?token={TOKEN}")
        await page.goto(f"{base}/operator/people")
        await page.select_option("[name=role]", "viewer")
        await page.get_by_role("button", name="Make the link").click()
        link = (await page.locator(".once code").inner_text()).strip()

        elsewhere = await browser.new_context()
        window = await elsewhere.new_page()
        window.set_default_timeout(30_000)
        trouble: list[str] = []
        window.on("pageerror", lambda error: trouble.append(str(error)))
        window.on(
            "console", lambda line: trouble.append(line.text) if line.type == "error" else None
        )
        await window.goto(link)
        await window.fill("[name=name]", "vera")
        await window.fill("[name=password]", PASSWORD)
        await window.get_by_role("button", name="Come in").click()
        await expect(window.locator(".topbar")).to_be_visible()
        await window.goto(base + path)
        await expect(window.locator("h1")).to_contain_text("Last Ferry Home")
        await expect(window.get_by_role("button", name="Approve")).to_have_count(0)
        assert trouble == []
        asked = await window.evaluate(BY_SCRIPT, [f"{path}/approve", approval.digest])
        assert asked == 403
        await elsewhere.close()
        await page.goto(base + path)
        await expect(page.get_by_role("button", name="Approve and publish")).to_be_visible()
    async with label.database.unit() as unit:
        assert (await unit.approvals.get(approval.id)).status is ApprovalStatus.WAITING
