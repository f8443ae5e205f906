from __future__ import annotations

import pytest

from domain.search import WORDS_MAX, asked_words, excerpt, marked


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("Night  night LIGHT", ("night", "light")),
        ('"a* OR title:b', ("a", "or", "title", "b")),
        ("write_song", ("write", "song")),
        ("夜 Straße", ("夜", "straße")),
        ("-- ' \" *", ()),
    ],
)
def test_a_query_is_words_and_nothing_else(query: str, words: tuple[str, ...]) -> None:
    assert asked_words(query) == words


def test_a_query_has_an_end() -> None:
    assert len(asked_words(" ".join(f"w{n}" for n in range(100)))) == WORDS_MAX


def test_words_are_marked_where_they_begin() -> None:
    assert marked("Light over the lighthouse, slight", ("light",)) == [
        ("Light", True),
        (" over the ", False),
        ("lighthouse", True),
        (", slight", False),
    ]
    assert marked("nothing", ()) == [("nothing", False)]
    assert "".join(text for text, _ in marked("a.b a|b", ("a", "b"))) == "a.b a|b"


def test_an_excerpt_is_cut_around_the_first_of_the_words() -> None:
    text = "far " * 100 + "the lighthouse stands " + "near " * 100
    cut = excerpt(text, ("light",), 80)
    assert "lighthouse" in cut
    assert cut.startswith("… ")
    assert cut.endswith(" …")
    assert len(cut) <= 86
    assert excerpt("short  words", ("none",)) == "short words"
    assert excerpt("far " * 100, ("none",), 40).startswith("far far")
