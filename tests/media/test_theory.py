import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.genre import KEYS, Mode
from media.theory import (
    SCALES,
    hertz,
    is_minor,
    melody_pitch_classes,
    nearest,
    parse_roman,
    scale_pitch_classes,
    tonic,
)


@pytest.mark.parametrize(
    ("roman", "key", "mode", "classes"),
    [
        ("I", "C", "ionian", (0, 4, 7)),
        ("V7", "C", "ionian", (7, 11, 2, 5)),
        ("VI", "A", "aeolian", (5, 9, 0)),
        ("V", "A", "aeolian", (4, 8, 11)),
        ("iv", "G", "ionian", (0, 3, 7)),
        ("bVII", "C", "ionian", (10, 2, 5)),
        ("Imaj9", "D", "ionian", (2, 6, 9, 1, 4)),
        ("vii", "C", "ionian", (11, 2, 5)),
        ("Vsus4", "G", "ionian", (2, 7, 9)),
    ],
)
def test_numerals(roman: str, key: str, mode: Mode, classes: tuple[int, ...]) -> None:
    assert parse_roman(roman, key, mode).pitch_classes == classes


@pytest.mark.parametrize("roman", ["", "H", "iX", "I13", "viiii"])
def test_nonsense_numerals_are_refused(roman: str) -> None:
    with pytest.raises(InvalidInput):
        parse_roman(roman, "C", "ionian")


def test_unknown_key_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as caught:
        tonic("H")
    assert "F#" in (caught.value.remedy or "")


@given(st.sampled_from(KEYS), st.sampled_from(sorted(SCALES)))
def test_diatonic_triads_stay_in_their_scale(key: str, mode: Mode) -> None:
    scale = set(scale_pitch_classes(key, mode))
    for degree, numeral in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii")):
        third = (SCALES[mode][(degree + 2) % 7] - SCALES[mode][degree]) % 12
        roman = numeral.upper() if third == 4 else numeral
        assert set(parse_roman(roman, key, mode).pitch_classes) <= scale


def test_borrowed_tone_replaces_its_neighbour_in_the_melody() -> None:
    scale = scale_pitch_classes("A", "aeolian")
    tones = melody_pitch_classes(parse_roman("V", "A", "aeolian"), scale)
    assert 8 in tones
    assert 7 not in tones


def test_nearest_stays_in_range() -> None:
    assert nearest(0, 61, 48, 72) == 60
    assert nearest(0, 100, 48, 72) == 72
    with pytest.raises(InvalidInput):
        nearest(0, 60, 61, 63)


def test_concert_pitch_and_thirds() -> None:
    assert hertz(69) == pytest.approx(440.0)
    assert hertz(81) == pytest.approx(880.0)
    assert is_minor("dorian")
    assert not is_minor("mixolydian")
