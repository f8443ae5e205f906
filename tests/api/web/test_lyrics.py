from __future__ import annotations

from datetime import UTC, datetime

from api.web.lyrics import lyric_blocks
from api.web.page import count, key_name, minutes, moment, seconds, words
from api.web.stage_list import first_sentence
from domain.work import LyricSection


def test_sections_with_other_words_are_numbered() -> None:
    def part(name: str, line: str) -> LyricSection:
        return LyricSection(section=name, lines=(line,))

    song = (part("verse", "a"), part("chorus", "b"), part("verse", "c"), part("chorus", "b"))
    assert [b.heading for b in lyric_blocks(song)] == ["Verse 1", "Chorus", "Verse 2", "Chorus"]
    assert [b.refrain for b in lyric_blocks(song)] == [False, True, False, True]


def test_values_read_as_people_write_them() -> None:
    assert [minutes(v) for v in (None, 5, 91.4, 3600)] == ["0:00", "0:05", "1:31", "60:00"]
    assert [seconds(v) for v in (0.42, 42.4, 185)] == ["0.4 s", "42 s", "3 min 05 s"]
    assert [count(n, "play") for n in (0, 1, 1204)] == ["0 plays", "1 play", "1,204 plays"]
    assert words("words_of_post") == "Words of post"
    assert moment(datetime(2026, 5, 3, 7, 4, tzinfo=UTC)) == "3 May 2026, 07:04 UTC"
    assert [key_name(*k) for k in (("D", "aeolian"), ("G#", "dorian"), (None, None))] == [
        "D minor",
        "G# dorian",
        "",
    ]


def test_a_long_biography_is_cut_at_a_sentence_or_a_word() -> None:
    assert first_sentence("One. Two.") == "One."
    assert first_sentence("No end here") == "No end here"
    cut = first_sentence("word " * 100, longest=20)
    assert cut == "word word word word…"
