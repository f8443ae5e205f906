from __future__ import annotations

import re

import pytest

from api.web.palette import contrast
from api.web.static_files import STATIC

TEXT, SHAPE = 4.5, 3.0
GROUNDS = ("ground", "raised", "sunken")
# What is written on what, besides text and muted text on every ground.
WRITTEN = (
    ("accent", "ground"),
    ("accent", "raised"),
    ("accent", "accent-soft"),
    ("on-accent", "accent"),
    ("bad", "raised"),
    ("bad", "ground"),
    ("bad", "bad-soft"),
    ("warn", "ground"),
    ("warn", "raised"),
    ("warn", "warn-soft"),
    ("info", "info-soft"),
    ("text", "bad-soft"),
    ("text", "warn-soft"),
    ("text", "info-soft"),
    ("text", "accent-soft"),
    ("ground", "text"),
    ("ground", "warn"),
)


def themes() -> dict[str, dict[str, str]]:
    """The dashboard's colours; dark ones are what the dark block changes of the light ones."""
    css = (STATIC / "tokens.css").read_text(encoding="utf-8")
    blocks = re.findall(r"\.operator\{(.*?)\}", css, re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{3,6})", block)) for block in blocks)
    return {"light": light, "dark": light | dark}


def whole(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(c * 2 for c in colour[1:])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_written_can_be_read(theme: str) -> None:
    colours = {name: whole(value) for name, value in themes()[theme].items()}
    pairs = [*WRITTEN, *((ink, on) for ink in ("text", "muted") for on in GROUNDS)]
    ratios = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < TEXT} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_fields_and_focus_stand_out(theme: str) -> None:
    colours = {name: whole(value) for name, value in themes()[theme].items()}
    for shape in ("field-line", "accent", "bad"):
        for ground in ("ground", "raised"):
            assert contrast(colours[shape], colours[ground]) >= SHAPE, (shape, ground)
