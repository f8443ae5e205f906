"""Covers: every composition passes the gates, seeds repeat, and any title finds its place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.art import COMPOSITIONS, Composition, DisplayTypeface, Style, TextTypeface
from domain.errors import InvalidInput
from media.pictures.cover import Cover, CoverSpec, composition_weights, draw_cover, draw_plate
from media.pictures.encode import resize
from media.pictures.gates import check_cover
from media.pictures.scene import Feeling
from tests.media.pictures.samples import SIZE_PX, art, small_cover, spec

ALL = [(style, c) for style, compositions in COMPOSITIONS.items() for c in compositions]


def drawn_as(style: Style, composition: Composition) -> tuple[CoverSpec, Cover]:
    wanted = spec(direction=art(style, composition=composition))
    for seed in range(60):
        cover = draw_cover(wanted, seed, 64)
        if cover.chosen("composition") == composition:
            return wanted, draw_cover(wanted, seed, SIZE_PX)
    raise AssertionError(f"no seed below 60 chose {composition}")


@pytest.mark.parametrize(("style", "composition"), ALL)
def test_every_composition_passes_the_gates(style: Style, composition: Composition) -> None:
    wanted, cover = drawn_as(style, composition)
    report = check_cover(cover, wanted, size_px=SIZE_PX)
    assert report.passed, [g.reason for g in report.failures]


@pytest.mark.parametrize("style", list(Style))
def test_the_same_seed_gives_the_same_pixels_and_another_does_not(style: Style) -> None:
    wanted = spec(direction=art(style))
    first, again, other = (small_cover(wanted, seed) for seed in (5, 5, 6))
    assert np.array_equal(first.image, again.image)
    assert first.choices == again.choices
    assert not np.array_equal(first.image, other.image)


def test_size_changes_detail_not_composition() -> None:
    wanted = spec(direction=art(Style.PAPER_LANDSCAPE))
    small, large = draw_cover(wanted, 3, 160), draw_cover(wanted, 3, 480)
    assert [c.chosen for c in small.choices] == [c.chosen for c in large.choices]
    assert np.abs(resize(large.plate, 20).astype(int) - resize(small.plate, 20)).mean() < 4


def test_plate_and_image_differ_only_inside_the_text_boxes() -> None:
    cover = small_cover()
    changed = np.any(cover.image != cover.plate, axis=-1)
    for box in cover.boxes:
        rows, columns = slice(int(box.top), int(box.bottom)), slice(int(box.left), int(box.right))
        assert changed[rows, columns].any()
        changed[rows, columns] = False
    assert not changed.any()


def test_choices_are_recorded_with_their_odds() -> None:
    cover = small_cover(seed=11)
    names = [choice.name for choice in cover.choices]
    assert {"composition", "leading_colour", "lockup"} <= set(names)
    for choice in cover.choices:
        assert choice.chosen in choice.options
        assert choice.seed == 11
        assert sum(choice.probabilities) == pytest.approx(1)


def test_a_profile_composition_is_likelier_than_all_others_together() -> None:
    weights = composition_weights(art(composition=Composition.ECLIPSE))
    mine = weights.pop(Composition.ECLIPSE)
    assert mine > sum(weights.values())


def test_mood_moves_the_hour() -> None:
    def share_at_midnight(valence: float) -> float:
        plate = draw_plate(
            art(composition=Composition.LOW_SUN), Feeling(valence=valence), 1, 64,
            composition=Composition.LOW_SUN,
        )  # fmt: skip
        hour = next(c for c in plate.scene.chooser.made if c.name == "hour")
        return hour.probabilities[hour.options.index("midnight")]

    assert share_at_midnight(-1.0) > 2 * share_at_midnight(1.0)


TITLES = [
    "X",
    "Ω",
    "Å i åa ä e ö",
    "Последний снег",
    "Ça va, ça vient… l’été à Đà Nẵng",
    "Donaudampfschifffahrtsgesellschaft",
    "Straße nach Süden",
    "Everything We Said Before the Lights Went Out Over the Harbour (Reprise)",
    "I Could Have Told You That the Orchard Was Already Sold, My Love, but You Were Singing",
]


@pytest.mark.parametrize("face", list(DisplayTypeface))
@pytest.mark.parametrize("title", TITLES)
def test_unusual_titles_are_laid_out_readably(title: str, face: DisplayTypeface) -> None:
    wanted = spec(title=title, direction=art(Style.PAPER_LANDSCAPE, display=face))
    report = check_cover(draw_cover(wanted, 2, 200), wanted, size_px=200)
    assert report.passed, [g.reason for g in report.failures]


@settings(max_examples=25, deadline=None)
@given(
    title=st.text("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJ'’é-", min_size=1, max_size=60).filter(
        lambda t: any(c.isalpha() for c in t)
    ),
    seed=st.integers(0, 2**31),
    face=st.sampled_from(list(DisplayTypeface)),
)
def test_lines_never_leave_the_margins_or_touch(
    title: str, seed: int, face: DisplayTypeface
) -> None:
    wanted = spec(title=title, direction=art(Style.NIGHT_WINDOW, display=face))
    cover = draw_cover(wanted, seed, 128)
    gates = {g.gate: g for g in check_cover(cover, wanted, size_px=128).gates}
    for name in ("margin", "overlap", "title_size", "words"):
        assert gates[name].verdict == "pass", gates[name].reason


@pytest.mark.parametrize("face", list(TextTypeface))
def test_long_artist_names_wrap_inside_the_margins(face: TextTypeface) -> None:
    artist = "The Extraordinarily Long Named Orchestra of the Northern Relay Stations"
    wanted = spec(artist=artist, direction=art(text=face))
    report = check_cover(small_cover(wanted), wanted, size_px=SIZE_PX)
    assert report.passed, [g.reason for g in report.failures]


@pytest.mark.parametrize("field", ["title", "artist"])
def test_letters_no_font_has_are_refused_by_field(field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        small_cover(spec().model_copy(update={field: "雨の夜"}))
    assert caught.value.field == field
    assert "雨" in caught.value.message


def test_a_title_that_can_never_be_read_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        small_cover(spec(title="mountain " * 22))
    assert caught.value.field == "title"


def test_a_title_of_spaces_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        small_cover(spec(title="   "))
    assert caught.value.field == "title"


def test_a_tiny_size_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        draw_cover(spec(), 1, 10)
    assert caught.value.field == "size_px"
