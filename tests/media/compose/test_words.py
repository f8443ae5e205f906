"""Lyrics of every odd kind have a clear outcome."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.score import LyricSection, Score, SongBrief
from media.compose import compose
from media.compose.form import LONGEST_SONG_S
from media.gates.score import check_score
from packs import load_pack
from tests.media.songs import CHORUS, VERSE, full_brief

PACK = load_pack("synthwave")


def _sing(*sections: tuple[str, tuple[str, ...]], seed: int = 1) -> Score:
    lyrics = tuple(LyricSection(section=name, lines=lines) for name, lines in sections)
    return compose(SongBrief(title="Words", pack_id="synthwave", seed=seed, lyrics=lyrics), PACK)


def _texts(score: Score, section: str) -> list[str]:
    return [line.text for line in score.lyrics if score.sections[line.section].name == section]


def test_one_line_returns_in_every_chorus() -> None:
    score = _sing(("chorus", CHORUS[:1]))
    assert set(_texts(score, "chorus")) == {CHORUS[0]}
    assert len(_texts(score, "chorus")) >= 4
    assert score.vocal is not None
    assert len(score.vocal.notes) > sum(len(line.syllables) for line in score.lyrics)


def test_one_word_lines_are_sung() -> None:
    score = _sing(("chorus", ("Go", "Stay", "Wait", "Home")))
    assert set(_texts(score, "chorus")) == {"Go", "Stay", "Wait", "Home"}
    assert check_score(score, PACK).passed


def test_emoji_lines_are_left_out_and_told() -> None:
    score = _sing(("chorus", ("🔥🔥🔥", *CHORUS[:3], "…")))
    assert _texts(score, "chorus")[:3] == list(CHORUS[:3])
    told = next(c for c in score.choices if c.name == "lines left out")
    assert "🔥" in told.chosen
    assert told.reason.startswith("2 lines")


def test_emoji_alone_make_an_instrumental() -> None:
    score = _sing(("chorus", ("🔥🔥🔥",)))
    assert score.lyrics == ()
    assert score.vocal is not None


@pytest.mark.parametrize("line", ["שלום לכולם", "مرحبا", "Hello мир", "夜に"])
def test_letters_without_sounds_are_refused(line: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be sung") as caught:
        _sing(("verse", (line,)))
    assert caught.value.field == "lyrics"
    assert caught.value.remedy


def test_endless_line_is_quoted_and_refused() -> None:
    with pytest.raises(InvalidInput, match=r"'la la la .*…' has 60 syllables") as caught:
        _sing(("chorus", (" ".join(["la"] * 60),)))
    assert caught.value.field == "lyrics"


def test_four_hundred_lines_are_refused_with_the_number_that_fits() -> None:
    lines = tuple(f"I count the days of winter {i % 7}" for i in range(400))
    with pytest.raises(InvalidInput, match="400 lines") as caught:
        _sing(("verse", lines[:200]), ("chorus", lines[200:]))
    assert caught.value.field == "lyrics"
    fits = int((caught.value.remedy or "").split("about ")[1].split()[0])
    half = fits // 2
    score = _sing(("verse", lines[:half]), ("chorus", lines[200 : 200 + fits - half]))
    assert score.duration_s <= LONGEST_SONG_S


def test_more_verses_than_the_form_has_are_added_and_told() -> None:
    verses = tuple(
        ("verse", (f"{word} is the word I sing",)) for word in ("One", "Two", "Four", "Six")
    )
    score = _sing(*verses, ("chorus", CHORUS))
    sung = _texts(score, "verse")
    assert all(
        any(text.startswith(word) for text in sung) for word in ("One", "Two", "Four", "Six")
    )
    assert "verse" in next(c for c in score.choices if c.name == "sections added").chosen


def test_sections_the_pack_does_not_know_are_sung_before_the_last_chorus() -> None:
    score = _sing(("verse", VERSE), ("chorus", CHORUS), ("spoken", ("I never said goodbye",)))
    assert _texts(score, "spoken") == ["I never said goodbye"]
    names = [s.name for s in score.sections]
    assert names.index("spoken") < len(names) - 1 - names[::-1].index("chorus")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=5), st.integers(0, 99))
def test_any_text_is_sung_or_refused_by_name(lines: list[str], seed: int) -> None:
    brief = full_brief("lofi", seed).model_copy(
        update={"lyrics": (LyricSection(section="verse", lines=tuple(lines)),)}
    )
    with contextlib.suppress(InvalidInput):
        score = compose(brief, load_pack("lofi"))
        assert {line.text for line in score.lyrics} <= set(lines)
