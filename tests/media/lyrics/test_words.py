import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.lyrics.words import STRESSED, syllabify, words_in


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("night", 1), ("water", 2), ("harbour", 2), ("beautiful", 3), ("fire", 1), ("hour", 1),
        ("flower", 2), ("rhythm", 2), ("little", 2), ("carried", 2), ("foghorn", 2), ("idea", 3),
        ("streetlights", 2), ("o'clock", 2), ("brelming", 2),
    ],
)  # fmt: skip
def test_syllable_counts(word: str, count: int) -> None:
    assert len(syllabify(word)) == count


@pytest.mark.parametrize(
    ("word", "place"), [("water", 0), ("about", 1), ("foundation", 1), ("window", 0)]
)
def test_primary_stress(word: str, place: int) -> None:
    assert [s.stress for s in syllabify(word)].index(STRESSED) == place


def test_function_words_carry_no_stress() -> None:
    assert syllabify("the")[0].stress == 0
    assert syllabify("stone")[0].stress == STRESSED


@given(st.from_regex(r"[a-z]{1,12}", fullmatch=True))
def test_syllables_spell_the_word(word: str) -> None:
    found = syllabify(word)
    assert "".join(s.text for s in found) == (word if found else "")
    assert all(s.text for s in found)


def test_what_is_no_word_has_no_syllables() -> None:
    assert syllabify("123") == ()
    assert words_in("1, 2 -- !") == []
