"""The report: a page that needs nothing else, and a file that says the same."""

from __future__ import annotations

import json
import re
import shutil
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Request, async_playwright

from domain.quality import QualityReport, not_applicable, within
from media.plots import Plot, Subject, draw_plots
from media.report import write_report
from tests.media.tones import RATE, noise

GOOD = QualityReport(
    subject="score",
    gates=(within("scale", 0.98, low=0.95, what="share of notes in the scale"),),
)
BAD = QualityReport(
    subject="audio",
    gates=(
        within("loudness", -14.02, low=-14.3, high=-13.7, unit="LUFS", what="loudness"),
        within("stereo", float("nan"), low=0.3, high=0.98, what="likeness of left and right"),
        not_applicable("words", "nobody <sings> in this song"),
    ),
)
FACTS: dict[str, str | float | int | None] = {
    "tempo_bpm": 104.0,
    "key": "A aeolian",
    "pcm_sha256": "ab" * 32,
    "singer": None,
}


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())


@pytest.fixture(scope="module")
def plots(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plot, ...]:
    folder = tmp_path_factory.mktemp("plots")
    return draw_plots(Subject("S", noise(8.0), RATE), folder)


def test_the_file_holds_every_gate_and_no_nan(tmp_path: Path) -> None:
    write_report(tmp_path, [GOOD, BAD], FACTS, title="Song")
    text = (tmp_path / "report.json").read_text(encoding="utf-8")
    record = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert record["passed"] is False
    assert record["facts"] == FACTS
    assert [QualityReport.model_validate(r) for r in record["reports"]] == [GOOD, BAD]


def test_the_page_shows_verdict_value_range_and_reason(tmp_path: Path) -> None:
    path = write_report(tmp_path, [GOOD, BAD], FACTS, title="Rain & <Fire>")
    page = _Page(path.read_text(encoding="utf-8"))
    text = " | ".join(page.words)
    assert "Rain & <Fire>" in page.words
    assert "1 of 3 checks fail; 1 do not apply." in page.words
    for expected in (
        "In scale", "0.98", "wanted ≥ 0.95", "passes", "fails", "−14 LUFS",
        "wanted −14.3 to −13.7", "Likeness of left and right could not be measured",
        ": Nobody <sings> in this song", "Tempo, bpm", "104",
    ):  # fmt: skip
        assert expected in text, expected
    # What fails is read first.
    assert text.index("Stereo") < text.index("Loudness")


def test_all_passing_is_said(tmp_path: Path) -> None:
    page = _Page(write_report(tmp_path, [GOOD], {}).read_text(encoding="utf-8"))
    assert "All 1 checks pass." in page.words
    assert json.loads((tmp_path / "report.json").read_text())["passed"] is True
    write_report(tmp_path, [], {})
    assert json.loads((tmp_path / "report.json").read_text())["passed"] is False


def test_the_page_needs_no_other_file(tmp_path: Path, plots: tuple[Plot, ...]) -> None:
    path = write_report(tmp_path, [GOOD], FACTS, plots=plots)
    text = path.read_text(encoding="utf-8")
    page = _Page(text)
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(images) == 4
    assert all((image["src"] or "").startswith("data:image/png;base64,") for image in images)
    assert all(image["alt"] for image in images)
    assert not [tag for tag, _ in page.tags if tag in ("script", "link", "iframe")]
    assert not re.search(r"https?://|url\(", text)


def _note(asked: list[str], request: Request) -> None:
    asked.append(request.url)


async def test_the_page_reads_in_light_and_dark_and_on_a_phone(
    tmp_path: Path, plots: tuple[Plot, ...]
) -> None:
    path = write_report(tmp_path, [GOOD, BAD], FACTS, plots=plots)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "Chromium is not installed; as root: apt-get install -y chromium"
    grounds = set()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        sizes: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 1280), ("dark", 390))
        for scheme, width in sizes:
            page = await browser.new_page(
                color_scheme=scheme, viewport={"width": width, "height": 800}
            )
            asked: list[str] = []
            page.on("request", partial(_note, asked))
            await page.goto(path.as_uri())
            grounds.add(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
            scroll = await page.evaluate("document.documentElement.scrollWidth")
            assert scroll <= width
            assert all(url.startswith(("file:", "data:")) for url in asked)
            broken = "[...document.images].filter(i => !i.naturalWidth).length"
            assert await page.evaluate(broken) == 0
        await browser.close()
    assert len(grounds) == 2
