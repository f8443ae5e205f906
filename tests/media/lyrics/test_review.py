from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.lyrics.review import COST, Aim, Place, Review, review
from media.lyrics.scorers.originality import Catalogue
from media.lyrics.weights import LINE, SONG, line_score, song_score

AIM = Aim(scheme="ABCB", syllables=(6, 9), title="Third Stair", persons=("i", "you"))
GOOD = {
    "verse 1": (
        "I leave my coat beside the door",
        "The kettle cools upon the stone",
        "You keep the letters in a drawer",
        "And all the bells are left alone",
    ),
    "chorus": (
        "Third stair, I hear it every night",
        "It answers when I let you go",
        "A single board, a single light",
        "And what it says I ought to know",
    ),
}


def with_line(place: Place, line: str) -> dict[str, tuple[str, ...]]:
    key, index = place
    changed = list(GOOD[key])
    changed[index] = line
    return {**GOOD, key: tuple(changed)}


def faults(found: Review) -> set[tuple[Place, str]]:
    return {(weakness.place, reason) for weakness in found.weak for reason in weakness.reasons}


def test_a_good_song_has_a_high_score_and_hardly_a_weakness() -> None:
    found = review(GOOD, AIM)
    assert found.score > 0.85
    assert {reason for _, reason in faults(found)} <= {"same_opening"}


@pytest.mark.parametrize(
    ("place", "line", "reason"),
    [
        (("verse 1", 3), "And all the bells are in the rain", "unrhymed"),
        (("chorus", 0), "A board is creaking every night", "no_hook"),
        (("chorus", 1), "I need you by my side to go", "cliche"),
        (("verse 1", 1), "I leave the coat upon the stone", "repeats"),
        (("chorus", 2), "You keep the candle and the light", "same_opening"),
        (("verse 1", 2), "They keep the letters in a drawer", "new_person"),
        (("verse 1", 0), "Oh no", "wrong_length"),
        (("verse 1", 0), "Guarantee fatigue, believe canoes", "off_metre"),
        (("chorus", 2), "A strict strength tests the twelfth script", "hard_to_sing"),
    ],
)
def test_each_fault_is_named_where_it_stands_and_lowers_the_score(
    place: Place, line: str, reason: str
) -> None:
    found = review(with_line(place, line), AIM)
    assert (place, reason) in faults(found)
    assert found.score < review(GOOD, AIM).score


def test_a_tense_that_changes_is_named() -> None:
    past = ("I left my coat", "The kettle was cold", "You held the rope", "And now it is the sea")
    assert (("verse 1", 3), "other_tense") in faults(review({**GOOD, "verse 1": past}, AIM))


def test_what_an_earlier_song_says_is_named() -> None:
    aim = Aim("ABCB", (6, 9), catalogue=Catalogue.of([GOOD["verse 1"][1]]))
    found = review(GOOD, aim)
    assert (("verse 1", 1), "sung_before") in faults(found)
    assert found.weak[0].place == ("verse 1", 1)


def test_without_a_chorus_or_rhymes_those_measures_do_not_apply() -> None:
    found = review({"verse 1": GOOD["verse 1"]}, Aim("XXXX", (6, 9), "Third Stair"))
    assert not {"hook", "rhyme", "contrast"} & set(found.parts)
    assert review({}, AIM).score == 0.0


def test_the_weakest_line_comes_first() -> None:
    found = review(with_line(("chorus", 0), "They need you by my side"), AIM)
    assert found.weak[0].place == ("chorus", 0)
    assert [w.cost for w in found.weak] == sorted((w.cost for w in found.weak), reverse=True)


def test_shuffled_lines_score_lower_than_the_song() -> None:
    flat = [line for stanza in GOOD.values() for line in stanza]
    lower = 0
    for seed in range(12):
        mixed = random.Random(seed).sample(flat, len(flat))
        lower += (
            review({"verse 1": mixed[:4], "chorus": mixed[4:]}, AIM).score < review(GOOD, AIM).score
        )
    assert lower >= 11


def test_every_weight_says_why_and_faults_cost() -> None:
    assert all(weight.why and weight.value for weight in (*LINE.values(), *SONG.values()))
    assert all(cost > 0 for cost in COST.values())
    assert line_score({"rhyme": 1.0, "worn": 1.0}) == pytest.approx(2.5)


@given(st.dictionaries(st.sampled_from(sorted(SONG)), st.floats(0, 1)))
def test_a_songs_score_is_a_share(parts: dict[str, float]) -> None:
    assert 0.0 <= song_score(parts) <= 1.0 + 1e-9
