from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.lyrics.scorers.metre import FEET, best_metre, length_evenness, regularity, stress_fit

IAMBS = "I leave the kettle cooling by the stairs"
TROCHEES = "Carries winter over water"
ANAPAESTS = "On the edge of the river I wait for the rain"
DACTYLS = "Photographs wandering over the balcony"


@pytest.mark.parametrize(("line", "metre"), [(IAMBS, "iambic"), (TROCHEES, "trochaic")])
def test_the_metre_of_a_regular_line_is_found(line: str, metre: str) -> None:
    assert best_metre([line]) == metre
    assert regularity(line) > 0.9


@pytest.mark.parametrize("line", [ANAPAESTS, DACTYLS])
def test_lines_in_threes_fit_threes_better_than_twos(line: str) -> None:
    threes = max(stress_fit(line, "anapaestic"), stress_fit(line, "dactylic"))
    assert threes > max(stress_fit(line, "iambic"), stress_fit(line, "trochaic"))


def test_prose_without_a_beat_is_less_regular() -> None:
    prose = "Administrative considerations notwithstanding, negotiators telephoned"
    assert regularity(prose) < regularity(IAMBS) - 0.1


def test_the_stress_of_a_long_word_does_not_bend() -> None:
    assert stress_fit("about again", "iambic") == 1.0
    assert stress_fit("about again", "trochaic") == 0.0


def test_a_target_metre_judges_a_line_by_its_neighbours() -> None:
    assert regularity(TROCHEES, "iambic") < regularity(TROCHEES, "trochaic")
    assert regularity(TROCHEES, None) == regularity(TROCHEES, "trochaic")


def test_answering_lines_should_be_of_one_length() -> None:
    even = ["I left my coat outside", "You kept the door ajar"]
    assert length_evenness(even) == 1.0
    assert length_evenness([even[0], "No"]) < 0.5
    assert length_evenness([]) == 1.0


def test_without_words_there_is_no_metre() -> None:
    assert best_metre([]) is None
    assert regularity("...") == 0.0


WORDS = ["river", "again", "the", "stone", "unforgettable", "of", "telephone", "hallelujah"]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9))
def test_a_fit_is_a_share(words: list[str]) -> None:
    line = " ".join(words)
    assert all(0.0 <= stress_fit(line, metre) <= 1.0 for metre in FEET)
    assert regularity(line) == max(stress_fit(line, metre) for metre in FEET)
