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
    sections = (LyricSection(section="verse", lines=lines),)
    report = check_lyrics(sections, PACK, scheme="ABCB")
    assert "lyrics_rhyme" in {gate.gate for gate in report.failures}


def test_what_the_label_does_not_sing_fails() -> None:
    gate = _gate("lyrics_policy", (*VERSE, "Gucci on the water"))
    assert gate.verdict == "fail"
    assert "trade mark" in gate.reason
    assert _gate("lyrics_policy", VERSE).verdict == "pass"


def test_words_the_artist_avoids_fail() -> None:
    sections = (LyricSection(section="verse", lines=tuple(VERSE)),)
    report = check_lyrics(sections, PACK, avoided=["gravel"])
    assert [gate.gate for gate in report.failures] == ["lyrics_avoided"]
    assert check_lyrics(sections, PACK, avoided=["revenge"]).passed


def test_unrhymed_words_are_only_excused_where_the_genre_has_them() -> None:
    lines = ("I saw a cat", "across the ocean", "holding thumbs", "beneath a mirror")
    sections = (LyricSection(section="verse", lines=lines),)
    verdicts = {
        scheme: next(
            g.verdict
            for g in check_lyrics(sections, PACK, scheme=scheme).gates
            if g.gate == "lyrics_rhyme"
        )
        for scheme in ("XXXX", "ABAB")
    }
    assert verdicts == {"XXXX": "not_applicable", "ABAB": "fail"}


def test_another_language_fails_unless_it_is_meant() -> None:
    lines = ("Die Nacht ist lang und kalt", "ich gehe durch die Stadt", "und überall ist Schnee")
    sections = (LyricSection(section="verse", lines=lines),)
    failures = {gate.gate for gate in check_lyrics(sections, PACK).failures}
    assert {"lyrics_junk", "lyrics_language"} <= failures
    assert check_lyrics(sections, PACK, language="de").passed
    assert not check_lyrics(sections, PACK, language="nl").passed
