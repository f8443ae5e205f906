from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations

import pytest
from coloraide import Color

from api.web.hues import HUES, apart
from api.web.palette import contrast
from api.web.static_files import STATIC
from tests.api.web.test_tokens import themes

SHAPE, TOLD_APART = 3.0, 15.0


@dataclass(frozen=True)
class Somebody:
    stage_name: str
    hue: int


def band(*hues: int) -> list[Somebody]:
    return [Somebody(f"Artist {n}", hue) for n, hue in enumerate(hues)]


def test_nobody_shares_a_colour_while_there_are_others() -> None:
    found = apart(band(*[5] * HUES))
    assert sorted(found.values()) == list(range(HUES))


def test_who_clashes_with_nobody_keeps_its_own() -> None:
    assert apart(band(6, 2, 2, 4)) == {"Artist 0": 6, "Artist 1": 2, "Artist 2": 3, "Artist 3": 4}


def test_more_artists_than_colours_share_evenly() -> None:
    found = list(apart(band(*[1] * (2 * HUES + 1))).values())
    assert {found.count(hue) for hue in range(HUES)} == {2, 3}


def hues(theme: str) -> list[str]:
    css = (STATIC / "desk.css").read_text(encoding="utf-8")
    light, dark = (block for block in re.findall(r"\.operator\{(--hue-0.*?)\}", css))
    return re.findall(r"--hue-\d:(#[0-9a-f]{6})", light if theme == "light" else dark)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_is_seen_and_told_from_the_others(theme: str) -> None:
    found = hues(theme)
    assert len(found) == HUES
    grounds = {"ground": themes()[theme]["ground"], "raised": themes()[theme]["raised"]}
    pale = {
        (colour, name)
        for colour in found
        for name, ground in grounds.items()
        if contrast(colour, ground if len(ground) == 7 else "#ffffff") < SHAPE
    }
    assert pale == set()
    differences = [Color(a).delta_e(b, method="2000") for a, b in combinations(found, 2)]
    assert min(differences) > TOLD_APART
