import pytest
from pydantic import ValidationError

from domain.score import LyricLine, Score, SungSyllable
from media.compose import compose
from packs import load_pack
from tests.media.songs import full_brief, sketch_brief


@pytest.fixture(scope="module")
def score() -> Score:
    return compose(full_brief("lofi"), load_pack("lofi"))


def test_score_survives_json(score: Score) -> None:
    assert Score.model_validate_json(score.model_dump_json()) == score


def test_duration_follows_tempo(score: Score) -> None:
    assert score.duration_s == pytest.approx(score.beats * 60 / score.tempo_bpm)


def test_chord_and_section_are_found_by_beat(score: Score) -> None:
    second = score.sections[1]
    assert score.section_at(second.start) == second
    assert score.section_at(second.start - 0.01) == score.sections[0]
    assert score.chord_at(0).start == 0
    assert score.chord_at(score.beats + 99) == score.chords[-1]


def test_lyrics_must_point_at_notes() -> None:
    sketch = compose(sketch_brief("lofi"), load_pack("lofi"))
    stray = LyricLine(
        section=0, text="x", start=0, end=1,
        syllables=(SungSyllable(text="x", stress=1, word=0, note=999),),
    )  # fmt: skip
    with pytest.raises(ValidationError, match="does not exist"):
        Score.model_validate({**sketch.model_dump(), "lyrics": [stray.model_dump()]})
