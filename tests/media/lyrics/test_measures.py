import pytest

from media.lyrics.junk import junk_in
from media.lyrics.overlap import (
    shares_run,
    stutters,
    vocabulary_share,
    word_overlap,
)
from media.lyrics.prosody import line_fit, scan, syllable_count
from media.lyrics.rhyme import IDENTICAL_WORD, rhyme_score
from media.lyrics.scorers.cliche import cliches_in


def test_rhymes_are_heard_not_spelled() -> None:
    assert rhyme_score("turn on the light", "all through the night") == 1.0
    assert rhyme_score("called your name", "into the flame") == 1.0
    assert rhyme_score("through", "cough") < 0.5
    assert rhyme_score("the cat", "the ocean") < 0.3


def test_near_rhyme_lies_between() -> None:
    assert 0.4 < rhyme_score("night", "time") < 1.0


def test_repeating_a_word_is_not_rhyming() -> None:
    assert rhyme_score("my heart", "your heart") == IDENTICAL_WORD


def test_lines_without_words_do_not_rhyme() -> None:
    assert rhyme_score("", "night") == 0.0


def test_line_fit_falls_with_distance() -> None:
    line = "Carries every name it knows"
    target = syllable_count(line)
    fits = [line_fit(line, target + off) for off in range(4)]
    assert fits[0] == 1.0
    assert fits == sorted(fits, reverse=True)
    assert line_fit(line, 2) == 0.0


def test_middle_of_three_strong_syllables_gives_way() -> None:
    assert [s.stress for s in scan("cold dark night")] == [2, 1, 2]


def test_shared_runs() -> None:
    source = ["the river keeps its patience with the moon"]
    assert shares_run("a river keeps its patience with us", source, 5)
    assert not shares_run("a river keeps its patience", source, 5)
    assert not shares_run("short", source, 5)


def test_repetition_measures() -> None:
    assert vocabulary_share(["stone river", "stone river"]) == 0.5
    assert word_overlap("the stone river", "a river bend") == pytest.approx(1 / 3)
    assert stutters("night night night falls")
    assert not stutters("night falls over the night train")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("visit www.songs.com now", "address"),
        ("we rise #blessed", "hashtag"),
        ("meet me at 9", "digits"),
        ('{"line": "hello"}', "markup"),
        ("Here is the chorus of your song", "task"),
        ("Verse 1:", "digits"),
        ("(Chorus)", "label"),
        ("oh shit the rain", "profanity"),
        ("el amor es para siempre con las estrellas", "language"),
        ("夜の雨", "words"),
        ("rain rain rain again", "repeated"),
        ("", "words"),
    ],
)
def test_junk_is_named(line: str, what: str) -> None:
    assert what in (junk_in(line) or "")


@pytest.mark.parametrize(
    "line",
    [
        "I left my coat beside the water",
        "Don’t you know the café’s closing?",
        "The user of the road is gone",
        "We broke the line and kept the thread",
    ],
)
def test_clean_lines_pass(line: str) -> None:
    assert junk_in(line) is None


def test_cliches_are_found_as_whole_words() -> None:
    assert cliches_in("A heart of gold, again", ["heart of gold"]) == ["heart of gold"]
    assert cliches_in("the heart of golden fields", ["heart of gold"]) == []
