from __future__ import annotations

import pytest

from media.lyrics.scorers.policy import PolicyRules, breach_in, breaches
from tests.media.songs import CHORUS, VERSE
from tests.support.scripts import lyric_lines

EXPLICIT = PolicyRules(explicit=True)


@pytest.mark.parametrize(
    ("line", "category"),
    [
        ("a pair of faggots came", "slurs"),
        ("I don't give a fuck", "explicit"),
        ("fucking rain again", "explicit"),
        ("go kill yourself tonight", "self_harm"),
        ("we sing white power", "hate"),
        ("Gucci on my arm", "brands"),
        ("warm Coca-Cola in the sun", "brands"),
        ("I cried like Taylor Swift", "artists"),
        ("it sounds like Queen tonight", "artists"),
        ("in the style of the Cure", "artists"),
        ("come to www.example.com", "address"),
        ("find me at @maravoss", "address"),
        ("song.fm has it all", "address"),
    ],
)
def test_what_no_lyric_may_say(line: str, category: str) -> None:
    assert category in {breach.category for breach in breaches(line)}
    assert breach_in(line)


@pytest.mark.parametrize(
    "line",
    [
        "The queen is dead, the prince is late",
        "An oasis in the desert, a burial at sea",
        "A blur of rain, the cure for sleep",
        "Spices, dykes of snow-white sand".replace("dykes", "dunes"),
        "I shuffle down the half-lit hall",
        "Madonna of the rocks",
        "An apple on the shell of night",
        "I fixed the lift with rope",
        "Assassins pass the classic glass",
    ],
)
def test_everyday_words_are_free(line: str) -> None:
    assert breaches(line) == ()


def test_songs_are_free() -> None:
    assert not any(breaches(line) for line in (*VERSE, *CHORUS, *lyric_lines(300)))


def test_only_coarse_words_may_be_allowed() -> None:
    assert breach_in("shit happens in the rain", EXPLICIT) is None
    assert breach_in("shit happens in the rain") == (
        "explicit words, which this artist does not use (shit)"
    )
    assert breach_in("those kikes again", EXPLICIT)
