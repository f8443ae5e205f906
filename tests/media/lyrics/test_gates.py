from collections.abc import Sequence

from domain.quality import GateResult
from domain.score import LyricSection
from media.lyrics.gates import check_lyrics
from packs import load_pack
from tests.media.songs import CHORUS, VERSE

PACK = load_pack("indie-folk")


def _gate(
    name: str, lines: Sequence[str], sources: Sequence[str] = (), earlier: Sequence[str] = ()
) -> GateResult:
    sections = (LyricSection(section="verse", lines=tuple(lines)),)
    report = check_lyrics(sections, PACK, sources, earlier)
    return next(g for g in report.gates if g.gate == name)


def test_honest_lyrics_pass() -> None:
    sections = (
        LyricSection(section="verse", lines=VERSE),
        LyricSection(section="chorus", lines=CHORUS),
    )
    assert check_lyrics(sections, PACK).passed


def test_junk_fails_and_is_quoted() -> None:
    gate = _gate("lyrics_junk", (*VERSE[:3], "Here is the verse you asked for"))
    assert gate.verdict == "fail"
    assert "you asked for" in gate.reason


def test_no_lines_fail() -> None:
    assert not check_lyrics((), PACK).passed


def test_cliche_fails() -> None:
    assert _gate("lyrics_cliches", (*VERSE, "She had a heart of gold")).verdict == "fail"


def test_copying_the_prompt_fails() -> None:
    gate = _gate("lyrics_copied", VERSE, sources=["she left my coat beside the water once"])
    assert gate.verdict == "fail"


def test_copying_is_not_judged_without_anything_to_copy_from() -> None:
    assert _gate("lyrics_copied", VERSE).verdict == "not_applicable"
    assert _gate("lyrics_copied", VERSE, sources=["other words"]).verdict == "pass"


def test_lines_of_earlier_songs_fail() -> None:
    assert _gate("lyrics_novelty", VERSE, earlier=[VERSE[0].upper()]).verdict == "fail"
    assert _gate("lyrics_novelty", VERSE, earlier=["other words"]).verdict == "pass"


def test_unsingable_lengths_fail() -> None:
    assert _gate("lyrics_singable", ("Hm", "Oh", "Go", "No")).verdict == "fail"


def test_turning_in_circles_fails() -> None:
    lines = ("stone river stone", "river stone river", "stone moon river", "river moon stone")
    assert _gate("lyrics_vocabulary", lines).verdict == "fail"


def test_verse_without_any_rhyme_fails() -> None:
    lines = ("I saw a cat", "across the ocean", "holding thumbs", "beneath a mirror")
    assert _gate("lyrics_rhyme", lines).verdict == "fail"
