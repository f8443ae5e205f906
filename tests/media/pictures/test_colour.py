"""Colour arithmetic, checked against published values and by round trips."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.pictures.colour import (
    cast_palette,
    contrast,
    from_hex,
    from_oklab,
    lch,
    luminance,
    mix,
    oklch,
    ramp,
    shade,
    to_hex,
    to_oklab,
)

hexes = st.integers(0, 0xFFFFFF).map(lambda v: f"#{v:06x}")


def test_oklab_of_known_colours() -> None:
    # Reference values of Ottosson's article for white and of its published code for red.
    assert to_oklab(from_hex("#ffffff")) == pytest.approx([1, 0, 0], abs=1e-3)
    assert to_oklab(from_hex("#ff0000")) == pytest.approx([0.628, 0.225, 0.126], abs=1e-3)


def test_contrast_of_black_and_white_is_21() -> None:
    light = luminance(np.array([from_hex("#ffffff"), from_hex("#000000")]))
    assert float(contrast(light[0], light[1])) == pytest.approx(21, rel=1e-4)


@given(hexes)
def test_oklab_round_trip(colour: str) -> None:
    assert to_hex(from_oklab(to_oklab(from_hex(colour)))) == colour


@given(hexes, hexes, st.floats(0, 1))
def test_mixes_stay_between_in_lightness(one: str, other: str, share: float) -> None:
    a, b = from_hex(one), from_hex(other)
    low, high = sorted((lch(a)[0], lch(b)[0]))
    # Clipping a vivid mix to the gamut may move its lightness a little.
    assert low - 0.08 <= lch(mix(a, b, share))[0] <= high + 0.08


@given(st.floats(0.05, 0.95), st.floats(0, 0.4), st.floats(0, 360))
def test_oklch_keeps_lightness_in_gamut(light: float, chroma: float, hue: float) -> None:
    assert lch(oklch(light, chroma, hue))[0] == pytest.approx(light, abs=0.02)


def test_mixing_complements_does_not_go_grey() -> None:
    blue, orange = from_hex("#2040d0"), from_hex("#e08020")
    straight = (to_oklab(blue) + to_oklab(orange)) / 2
    assert lch(mix(blue, orange, 0.5))[1] > 1.2 * float(np.hypot(*straight[1:]))


def test_ramps_begin_and_end_at_their_colours_without_jumps() -> None:
    table = ramp([from_hex(c) for c in ("#101020", "#c03060", "#ffe0a0")])
    assert np.abs(table[0] - from_hex("#101020")).max() < 0.04
    assert np.abs(table[-1] - from_hex("#ffe0a0")).max() < 0.04
    assert np.abs(np.diff(table, axis=0)).max() < 0.01


def test_darkened_yellow_turns_towards_orange() -> None:
    yellow = from_hex("#e8c020")
    assert lch(shade(yellow, 0.4))[2] < lch(yellow)[2] - 10


@given(st.lists(hexes, min_size=3, max_size=7, unique=True), st.integers(0, 2))
def test_cast_roles_give_readable_extremes(colours: list[str], lead: int) -> None:
    palette = cast_palette(colours, lead)
    value = contrast(luminance(palette.paper), luminance(palette.night))
    assert float(value) > 9
