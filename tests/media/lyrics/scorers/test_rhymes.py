from __future__ import annotations

from media.lyrics.scorers.rhymes import ending_words, rhymes_for
from media.lyrics.scorers.rhyming import rhyme_kind
from media.lyrics.words import is_english_word


def test_hinted_words_rhyme_by_sound_and_are_never_the_word_itself() -> None:
    found = rhymes_for("I hold your hand")
    assert {"land", "sand", "band"} <= set(found)
    assert "hand" not in found
    assert all(rhyme_kind("hand", word) == "perfect" for word in found)


def test_where_no_perfect_rhyme_is_known_near_ones_are_hinted() -> None:
    found = rhymes_for("with all my love")
    assert found
    assert all(rhyme_kind("love", word) == "slant" for word in found)


def test_without_a_rhyme_there_is_no_hint() -> None:
    assert rhymes_for("...") == ()


def test_every_word_of_the_list_is_english_and_stands_once() -> None:
    words = ending_words()
    assert len(words) > 400
    assert all(is_english_word(word) for word in words)
    assert sum(bool(rhymes_for(word)) for word in words) > 0.97 * len(words)
