"""Scorers of who sings and how: persons, tense, vowels and consonants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.lyrics.scorers.consistency import (
    actor_of,
    odd_actors,
    odd_tenses,
    persons_in,
    tense_of,
)
from media.lyrics.scorers.singability import end_openness, heaviest_cluster, singability


def test_the_line_that_leaves_the_tense_is_found() -> None:
    lines = ["She walked to the river", "The rain was cold", "I see the bridge, it is too long"]
    assert odd_tenses(lines) == [2]
    assert odd_tenses(lines[:2]) == []
    assert odd_tenses([lines[0], lines[2]]) == [], "one against one is no rule"


@pytest.mark.parametrize(
    ("line", "tense"),
    [("He left a note", "past"), ("It's raining still", "present"), ("the red bed", None)],
)
def test_tenses(line: str, tense: str | None) -> None:
    assert tense_of(line) == tense


def test_a_third_person_who_acts_is_odd() -> None:
    lines = ["I hold the rope", "You hold the lamp", "I count", "You wait", "They came at noon"]
    assert odd_actors(lines) == [4]
    assert odd_actors(lines, ["i", "they"]) == [1, 3]
    assert odd_actors(lines[:4]) == []
    assert actor_of("The rope holds me") is None
    assert persons_in("my brother and his dog")["he"] == 1


def test_open_vowels_are_held_better_than_closed_ones() -> None:
    assert end_openness("I will wait here for the snow") > end_openness("we ate a cheap biscuit")
    assert end_openness("far away") > end_openness("a little bit")
    assert end_openness("") == 0.0


def test_heaps_of_consonants_are_counted_across_words() -> None:
    assert heaviest_cluster("strengths stretched") >= 5
    assert heaviest_cluster("oh no") <= 1
    assert heaviest_cluster("the river") <= 2


def test_a_line_made_to_be_sung_beats_a_tongue_twister() -> None:
    assert singability("Oh, let the river go") > singability("Strict strength tests twelfth texts")


@given(st.text(max_size=50))
def test_singability_is_a_share(line: str) -> None:
    assert 0.0 <= singability(line) <= 1.0
