import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.score import LyricSection, Score, SongBrief
from media.compose import compose
from media.notation.lrc import score_to_lrc
from packs import load_pack
from tests.media.songs import full_brief, sketch_brief

TIME = re.compile(r"[\[<](\d\d):(\d\d)\.(\d\d)[\]>]")
SYNTHWAVE = load_pack("synthwave")


def seconds(text: str) -> list[float]:
    return [int(m) * 60 + int(s) + int(h) / 100 for m, s, h in TIME.findall(text)]


def sung_lines(lrc: str) -> list[str]:
    return [line for line in lrc.splitlines() if re.match(r"\[\d", line)]


def words_of(line: str) -> str:
    return " ".join(TIME.sub("", line).split())


def singing(words: str) -> Score:
    brief = sketch_brief("synthwave")
    lyrics = (LyricSection(section="chorus", lines=(words,)),)
    return compose(SongBrief.model_validate(brief.model_dump() | {"lyrics": lyrics}), SYNTHWAVE)


def test_every_word_has_the_time_of_its_first_syllable() -> None:
    score = compose(sketch_brief("synthwave"), SYNTHWAVE)
    assert score.vocal is not None
    line = score.lyrics[0]
    words = line.text.split()
    starts = {
        s.word: score.seconds(score.vocal.notes[s.note].start) for s in reversed(line.syllables)
    }
    found = sung_lines(score_to_lrc(score))[0]
    told = [starts[i] for i in range(len(words))]
    # A pickup sounds before the line's own downbeat.
    expected = [min(score.seconds(line.start), told[0]), *told]
    assert seconds(found)[:-1] == pytest.approx(expected, abs=0.006)
    assert words_of(found) == line.text


def test_times_never_run_backwards_over_a_whole_song() -> None:
    lrc = score_to_lrc(compose(full_brief("synthwave"), SYNTHWAVE), artist="Vela [live]")
    times = seconds("\n".join(sung_lines(lrc)))
    assert len(times) > 60
    assert times == sorted(times)
    assert "[ar:Vela (live)]" in lrc


@given(
    st.lists(
        st.one_of(
            st.sampled_from(("well-worn", "don't", "river,", "(oh)", "the", "-", "1999", "café")),
            st.from_regex(r"[a-z]{1,9}", fullmatch=True),
        ),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_words_round_trip_and_times_grow(words: list[str]) -> None:
    base = singing("Oh the river keeps its patience")
    line = base.lyrics[0].model_copy(update={"text": " ".join(words), "syllables": ()})
    timed = base.model_copy(update={"lyrics": (line, base.lyrics[1])})
    lines = sung_lines(score_to_lrc(timed))
    assert [words_of(found) for found in lines] == [line.text, base.lyrics[1].text]
    times = seconds("".join(lines))
    assert times == sorted(times)


def test_words_with_hyphens_and_numbers_keep_their_places() -> None:
    score = singing("The well-worn road - goes home")
    found = sung_lines(score_to_lrc(score))[0]
    assert words_of(found) == "The well-worn road - goes home"
    # The dash takes no time of its own: opening, five words, closing.
    assert len(seconds(found)) == 7


def test_song_without_form_words_has_headers_only() -> None:
    brief = sketch_brief("synthwave").model_copy(update={"lyrics": ()})
    lrc = score_to_lrc(compose(brief, SYNTHWAVE))
    assert sung_lines(lrc) == []
    assert lrc.startswith("[ti:Sketch]\n")
