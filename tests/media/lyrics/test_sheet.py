from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.score import LyricSection
from media.lyrics.clean import LONGEST_LINE_SYLLABLES, broken_up, clean_lines
from media.lyrics.forming import to_form
from media.lyrics.prosody import syllable_count
from media.lyrics.sheet import INSTRUMENTAL, LINES_A_SECTION, MOST_LINES, read_sheet
from media.lyrics.words import words_in
from packs import load_pack

SHEET = """\ufeff[Verse 1]\r
The kettle hums beside the door \U0001f3b5\r
[Am]I left my [C]coat upon the floor\r
\r
Chorus: x2\r
Hold on to me (x2)\r
!!!\r
\r
Verse 2\r
Nobody came\r
\r
[Chorus]\r
[Guitar Solo]\r
[Bridge]\r
[00:12.30]We meet at nine\r
"""


def read(text: str) -> tuple[list[tuple[str, tuple[str, ...]]], str]:
    sections, notes = read_sheet(text)
    return [(s.section, s.lines) for s in sections], "\n".join(notes)


def test_what_shapes_an_emoji_goes_with_it() -> None:
    cleaned = clean_lines("\u2764\ufe0f dance 1\ufe0f\u20e3 more")
    assert cleaned.lines == ((1, "dance 1 more"),)
    assert cleaned.dropped[0].text == "\u2764\ufe0f \ufe0f\u20e3"


def test_a_sheet_as_people_write_it() -> None:
    chorus = ("chorus", ("Hold on to me", "Hold on to me"))
    sections, notes = read(SHEET)
    assert sections == [
        ("verse", ("The kettle hums beside the door", "I left my coat upon the floor")),
        chorus,
        chorus,
        ("verse", ("Nobody came",)),
        chorus,
        ("bridge", ("We meet at nine",)),
    ]
    assert "line 2: signs that cannot be sung" in notes
    assert "line 7: nothing in it can be sung: '!!!'" in notes
    assert "Guitar Solo" in notes


def test_a_stanza_that_returns_is_the_chorus() -> None:
    sections, _ = read("one two\n\nhold me\n\nthree four\n\nHold me")
    assert [name for name, _ in sections] == ["verse", "chorus", "verse", "chorus"]


def test_words_that_only_begin_like_a_heading_are_sung() -> None:
    sections, _ = read("Bridge over the water\nVerse me in love\nIntro music plays")
    assert sections[0][1] == ("Bridge over the water", "Verse me in love", "Intro music plays")


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff", "🎵🎵\n---\n...", "[Verse]\n[Chorus]\n"])
def test_no_words_are_an_instrumental(text: str) -> None:
    sections, notes = read_sheet(text)
    assert sections == ()
    assert notes[-1] == INSTRUMENTAL


def test_one_line_is_a_song() -> None:
    assert read("I left my coat")[0] == [("verse", ("I left my coat",))]


def test_a_hundred_lines_are_kept_in_sections_a_form_can_hold() -> None:
    sections, notes = read_sheet(
        "\n".join(f"I walk another mile {'on' * n}" for n in range(3)) * 33
    )
    assert sum(len(s.lines) for s in sections) > LINES_A_SECTION
    assert all(len(s.lines) <= LINES_A_SECTION for s in sections)
    assert any("parted" in note for note in notes)


def test_too_many_lines_say_which_has_no_room_and_what_to_do() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_sheet("\n".join("I walk another mile" for _ in range(400)))
    assert caught.value.field == "lyrics"
    assert f"line {MOST_LINES + 1}" in caught.value.message
    assert "4 songs" in (caught.value.remedy or "")


def test_a_line_without_end_is_refused_by_number() -> None:
    with pytest.raises(InvalidInput, match="line 2"):
        read_sheet("fine\n" + "la " * 5000)


def test_an_overlong_line_is_cut_at_its_comma() -> None:
    sections, notes = read(
        "I left my winter coat beside the river, and all the letters that you never wanted"
    )
    assert sections[0][1] == (
        "I left my winter coat beside the river,",
        "and all the letters that you never wanted",
    )
    assert "line 1: longer than" in notes


def test_figures_are_pointed_out() -> None:
    assert "figures are not sung" in read("Meet me at 9 tonight")[1]


def test_right_to_left_and_scripts_without_spaces_are_sung() -> None:
    sections, _ = read(
        "[Verse]\nשלום עולם\n\u202bمرحبا بالعالم\u202c\n夜の雨がふる静かな町のどこかで君を待つ夜"
    )
    lines = sections[0][1]
    assert lines[:2] == ("שלום עולם", "مرحبا بالعالم")
    assert all(0 < syllable_count(line) <= LONGEST_LINE_SYLLABLES for line in lines)
    assert "".join(lines[2:]) == "夜の雨がふる静かな町のどこかで君を待つ夜"


def test_cleaning_tells_what_it_dropped() -> None:
    cleaned = clean_lines("I sing\n🎵\n\nand 😀 smile")
    assert cleaned.lines == ((1, "I sing"), (4, "and smile"))
    assert [(d.number, d.text) for d in cleaned.dropped] == [(2, "🎵"), (4, "😀")]


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_short_text_is_read(text: str) -> None:
    sections, notes = read_sheet(text)
    assert sections or INSTRUMENTAL in notes
    for section in sections:
        assert section.lines
        assert all(0 < syllable_count(line) <= LONGEST_LINE_SYLLABLES for line in section.lines)


WORDS = st.lists(
    st.sampled_from(["river", "stone,", "I", "never", "unforgettable,", "of"]), max_size=60
)


@given(WORDS)
@settings(max_examples=60, deadline=None)
def test_breaking_a_line_loses_no_word(words: list[str]) -> None:
    line = " ".join(words)
    pieces = broken_up(line)
    assert words_in(" ".join(pieces)) == words_in(line)


NAMES = ["verse", "chorus", "bridge", "prechorus", "outro"]
SECTIONS = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(1, 7)), min_size=1, max_size=9)


@given(SECTIONS, st.sampled_from(["synthwave", "lofi", "indie-folk"]))
@settings(max_examples=80, deadline=None)
def test_a_form_sings_every_section_in_order(given: list[tuple[str, int]], pack_id: str) -> None:
    sections = [LyricSection(section=name, lines=("I sing",) * count) for name, count in given]
    form = to_form(sections, load_pack(pack_id))
    assert [s.name for s in form if s.sung] == [name for name, _ in given]
    assert not {s.name for s in form if not s.sung} & {name for name, _ in given}
    assert all(
        f.bars >= 2 * n for f, (_, n) in zip((s for s in form if s.sung), given, strict=True)
    )


def test_the_band_keeps_its_own_sections() -> None:
    sections, _ = read_sheet("[Verse]\na line of words\n[Chorus]\na line to sing")
    form = to_form(sections, load_pack("synthwave"))
    assert form[0].name == "intro"
    assert form[-1].name == "outro"
    assert next(s for s in form if s.name == "chorus").energy > form[0].energy


def test_without_words_the_usual_form_is_played() -> None:
    pack = load_pack("synthwave")
    assert to_form((), pack) in [form.sections for form in pack.forms]


def test_a_section_too_long_for_a_form_is_refused() -> None:
    with pytest.raises(InvalidInput, match="section 1"):
        to_form([LyricSection(section="verse", lines=("I sing",) * 17)], load_pack("synthwave"))
    with pytest.raises(InvalidInput, match="at most"):
        to_form([LyricSection(section="verse", lines=("I sing",) * 16)] * 8, load_pack("synthwave"))
