"""Scorers of what a line says: stock phrases, repetition, originality, the artist's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.lyrics.scorers.cliche import (
    cliche_rate,
    common_in,
    common_phrases,
    common_share,
    worn_in,
)
from media.lyrics.scorers.hook import hook_places, hook_share, title_share
from media.lyrics.scorers.lexicon import avoided_in, wanted_in
from media.lyrics.scorers.originality import Catalogue, originality
from media.lyrics.scorers.repetition import (
    repeated_openings,
    said_twice,
    starts_alike,
    tired_words,
)
from tests.media.songs import CHORUS, VERSE

TRITE = [
    "I need you by my side tonight",
    "Hold me close and never let go",
    "You and I until the end of time",
    "Tears in my eyes, my broken heart",
]


def test_stock_phrases_are_found_and_honest_lines_are_free_of_them() -> None:
    assert cliche_rate(TRITE) == 1.0
    assert cliche_rate([*VERSE, *CHORUS]) == 0.0
    assert common_share(TRITE[0]) > 0.8
    assert common_in("I will hold me close to the door") == ["hold me close"]


def test_a_stock_phrase_must_stand_word_for_word() -> None:
    assert common_in("Hold the rail close to me") == []


def test_the_list_of_stock_phrases_is_short_and_holds_no_lines() -> None:
    assert 300 < len(common_phrases()) < 800
    assert max(len(phrase) for phrase in common_phrases()) <= 7


def test_worn_words_are_counted() -> None:
    assert worn_in(["endless", "dreams", "kettle"]) == 2
    assert worn_in(["kettle"]) == 0


def test_the_genres_own_phrases_count_too() -> None:
    assert cliche_rate(["The purple kettle"], ["purple kettle"]) == 1.0


def test_repetition_inside_and_between_lines() -> None:
    assert said_twice("The river knows the river") == 1
    assert said_twice("The river knows the bank") == 0
    before = ["The river bends", "A river sleeps"]
    assert tired_words("One more river", before) == 1
    assert tired_words("One more bridge", before) == 0
    assert starts_alike("The river ends", before)
    assert not starts_alike("My hand is cold", before)
    assert repeated_openings(["I left my coat", "You came", "I left the door"]) == [2]


EARLIER = Catalogue.of(["The kettle hums beside the door", "I count the windows of the train"])


def test_what_the_artist_sang_before_is_not_original() -> None:
    assert originality("the kettle hums, beside the DOOR!", EARLIER) == 0.0
    assert originality("A kettle hums beside the window", EARLIER) < 0.7
    assert originality("My brother mends the garden fence", EARLIER) == 1.0
    assert originality("My brother mends", Catalogue()) == 1.0
    assert EARLIER.has("I count the windows of the train.")
    assert not EARLIER.has("")


def test_small_words_alone_are_nobodys() -> None:
    assert originality("and then it is on the sill", Catalogue.of(["and then it is on me"])) > 0.4


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Oh baby, come", True),
        ("Two babies cry", True),
        ("I was running", True),
        ("the runway is empty", False),
        ("revenge is sweet", True),
        ("we drink cold tea at night", True),
        ("we drink cold coffee", False),
    ],
)
def test_avoided_words_are_found_in_every_form(line: str, found: bool) -> None:
    assert bool(avoided_in(line, ["baby", "run", "revenge", "cold tea"])) == found


def test_wanted_words_are_told() -> None:
    assert wanted_in("Frost upon two lamps", ["frost", "lamp", "kettle"]) == ["frost", "lamp"]


def test_the_hook_is_the_title_in_the_first_or_last_line() -> None:
    chorus = ["Third stair is creaking", "I hear it", "you know it", "I stay"]
    assert hook_share(chorus, "Third Stair") == 1.0
    assert hook_share([*chorus[1:], "upon the third stair"], "Third Stair") == 1.0
    assert hook_share([chorus[1], chorus[0], *chorus[2:]], "Third Stair") == 0.0
    assert title_share("oranges are sweet", "Oranges on the Ninth Floor") == pytest.approx(1 / 3)
    assert title_share("you and I", "You and I") == 1.0
    assert hook_places(["one"]) == (0,)
    assert hook_places(chorus) == (0, 3)


@given(st.text(max_size=60))
def test_shares_are_shares_of_any_text(line: str) -> None:
    assert 0.0 <= common_share(line) <= 1.0
    assert 0.0 <= originality(line, EARLIER) <= 1.0
    assert 0.0 <= title_share(line, line) <= 1.0
