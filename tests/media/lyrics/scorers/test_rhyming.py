from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.lyrics.rhyme import rhyme_score
from media.lyrics.scorers.rhyming import (
    SCHEMES,
    internal_rhyme,
    partner_of,
    partners_of,
    rhyme_coverage,
    rhyme_kind,
)

SCHEME = st.sampled_from(sorted(SCHEMES))


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("stone", "phone", "perfect"),
        ("home", "alone", "slant"),
        ("love", "enough", "slant"),
        ("my heart", "your heart", "same word"),
        ("window", "kettle", "none"),
        ("cat", "ocean", "none"),
        ("", "ocean", "none"),
    ],
)
def test_kinds_of_rhyme(first: str, second: str, kind: str) -> None:
    assert rhyme_kind(first, second) == kind


def test_kindred_consonants_rhyme_better_than_strange_ones() -> None:
    assert rhyme_score("home", "alone") > rhyme_score("home", "hope")


def test_other_scripts_rhyme_by_their_letters_and_not_always() -> None:
    assert rhyme_score("моя луна", "она одна") > rhyme_score("моя луна", "твой дом")
    assert rhyme_score("夜の雨", "静かな町") < 1


def test_coverage_counts_the_rhymes_a_scheme_wants() -> None:
    lines = ["by the stone", "in the rain", "on the phone", "on the train"]
    assert rhyme_coverage(lines, "ABAB") == 1.0
    assert rhyme_coverage(lines, "AABB") == 0.0
    assert rhyme_coverage(lines, "ABCB") == 1.0
    assert rhyme_coverage(lines, "XXXX") is None


def test_a_monorhyme_wants_every_line_to_rhyme() -> None:
    lines = ["a stone", "a phone", "alone", "the bone"]
    assert rhyme_coverage(lines, "AAAA") == 1.0
    assert rhyme_coverage([*lines[:3], "the kettle"], "AAAA") == pytest.approx(2 / 3)
    assert [partner_of(i, "AAAA") for i in range(8)] == [None, 0, 0, 0, None, 4, 4, 4]


def test_partners_look_both_ways() -> None:
    assert partners_of(1, 4, "ABCB") == (3,)
    assert partners_of(3, 4, "ABCB") == (1,)
    assert partners_of(0, 4, "ABCB") == ()
    assert partners_of(5, 8, "AAAA") == (4, 6, 7)
    assert partners_of(2, 4, "XXXX") == ()


def test_a_rhyme_inside_a_line_is_heard() -> None:
    assert internal_rhyme("The night is white across the bay") == 1.0
    assert internal_rhyme("The kettle hums beside the door") == 0.0


@given(SCHEME, st.integers(1, 16))
def test_partnership_is_mutual(scheme: str, lines: int) -> None:
    for i in range(lines):
        for other in partners_of(i, lines, scheme):
            assert i in partners_of(other, lines, scheme)
            assert i // 4 == other // 4
