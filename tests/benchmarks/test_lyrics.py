from __future__ import annotations

import dataclasses

from benchmarks.lyrics import Song, Studio, measure, shared_lines
from tests.agents.house import EMBEDDER, FORM, PACK, PROFILE, House


def test_lines_are_shared_when_two_songs_say_the_same_words() -> None:
    songs = [["The rain, the rain", "A lamp"], ["the rain the rain!", "A rope"], ["A rope and I"]]
    assert shared_lines(songs) == (2, 5)
    assert shared_lines([["one", "one"], ["two"]]) == (0, 2), "within a song is no sharing"
    assert shared_lines([]) == (0, 0)


async def measured(seed: int) -> Song:
    return await measure(Studio(House().gateway, EMBEDDER, PROFILE, PACK, FORM), seed)


async def test_a_song_is_measured_and_copies_nothing() -> None:
    song = await measured(3)
    assert (song.seed, song.tries) == (3, 1)
    assert song.lines
    assert song.calls > len(song.lines)
    assert 0 <= song.refused < 1
    assert song.rhyme is not None
    assert song.copied == []
    assert song.measures.after >= song.measures.before
    assert song.measures.hook == 1
    assert 0.5 < song.measures.metre <= 1


async def test_a_copied_line_is_found() -> None:
    song = await measured(3)
    guilty = dataclasses.replace(song, lines=("I'll keep your key for one more day", "A lamp"))
    assert guilty.copied == ["I'll keep your key for one more day"]
