import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.voice.phonemes import line_phones
from media.voice.timing import SungNote, sung_notes, time_phones, word_times
from tests.media.voice.songs import LINE, OTHER, sung_score


def test_words_keep_the_times_of_their_notes() -> None:
    score = sung_score((LINE, OTHER))
    times = word_times(score)
    assert [t.text for t in times] == f"{LINE} {OTHER}".split()
    assert [t.line for t in times] == [0] * 7 + [1] * 6
    assert times[0].start_s == pytest.approx(score.seconds(0.5))
    assert all(t.start_s < t.end_s for t in times)
    water = times[6]
    notes = sung_notes(score, score.lyrics[0])
    assert (water.start_s, water.end_s) == (notes[-2].start_s, notes[-1].end_s)


def test_a_song_without_words_has_no_word_times() -> None:
    assert word_times(sung_score(())) == ()


@given(
    st.lists(st.floats(0.09, 1.5), min_size=8, max_size=8),
    st.floats(0.5, 1.0),
    st.floats(0.02, 0.3),
)
def test_vowels_begin_on_their_notes(steps: list[float], legato: float, natural: float) -> None:
    starts = [0.0, *itertools.accumulate(steps)]
    notes = [
        SungNote(start, start + legato * step, 60, 90)
        for start, step in zip(starts, steps, strict=False)
    ]
    phones = line_phones(sung_score().lyrics[0])
    timed = time_phones(phones, [natural] * len(phones), notes)
    onsets = [t.start_s for t in timed if t.phone.place == "vowel"]
    assert onsets == pytest.approx([note.start_s for note in notes])
    assert all(t.end_s > t.start_s for t in timed)
    assert all(b.start_s > a.end_s - 0.03 for a, b in itertools.pairwise(timed))


def test_a_rest_is_not_sung_through() -> None:
    phones = line_phones(sung_score().lyrics[0])
    notes = [SungNote(k * 1.0, k * 1.0 + 0.3, 60, 90) for k in range(8)]
    timed = time_phones(phones, [0.08] * len(phones), notes)
    ends = {t.phone.syllable: t.end_s for t in timed}
    assert all(ends[k] < k + 0.5 for k in range(8))
