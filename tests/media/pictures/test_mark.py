"""Marks and headers are drawn in every style, repeatably, and differ between artists."""

from __future__ import annotations

import numpy as np
import pytest

from domain.art import DisplayTypeface, Style
from domain.errors import InvalidInput
from media.pictures.mark import draw_banner, draw_mark, initials
from tests.media.pictures.samples import art


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Vesper Lune", "VL"),
        ("Marrow & Pine", "MP"),
        ("the tiny umbrella", "TU"),
        ("Ember", "E"),
        ("The The", "TT"),
        ("émile 9", "É9"),
        ("Ночной поезд", "НП"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize("name", ["", "&", "!!!"])
def test_a_name_without_letters_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        draw_mark(name, art(), 1, 96)
    assert caught.value.field == "stage_name"


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("face", [DisplayTypeface.ANTON, DisplayTypeface.FRAUNCES_ITALIC])
def test_marks_repeat_by_seed_and_show_the_letters(style: Style, face: DisplayTypeface) -> None:
    direction = art(style, display=face)
    mark = draw_mark("Vesper Lune", direction, 3, 200)
    assert mark.shape == (200, 200, 3)
    assert mark.dtype == np.uint8
    assert np.array_equal(mark, draw_mark("Vesper Lune", direction, 3, 200))
    other = draw_mark("Ink Orchard", direction, 3, 200)
    changed = np.any(np.abs(mark.astype(int) - other) > 60, axis=-1)
    assert changed[60:140, 50:150].mean() > 0.05
    assert changed[:30].mean() < 0.01


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("seed", [1, 2])
def test_headers_have_the_asked_size_and_a_picture(style: Style, seed: int) -> None:
    header = draw_banner(art(style), seed, 360, 120)
    assert header.shape == (120, 360, 3)
    assert header.std() > 8


def test_a_header_that_is_not_wide_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        draw_banner(art(), 1, 100, 300)
    assert caught.value.field == "height"
