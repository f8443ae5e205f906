import io

import mido
import pytest

from domain.genre import KEYS
from media.compose import compose
from media.midi import score_to_midi, stem_to_midi
from packs import load_pack
from tests.media.songs import CHORUS, sketch_brief


def _read(data: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(data))


def test_midi_carries_tempo_words_and_all_notes() -> None:
    score = compose(sketch_brief("indie-folk"), load_pack("indie-folk"))
    messages = [m for track in _read(score_to_midi(score)).tracks for m in track]
    notes = sum(m.type == "note_on" for m in messages)
    assert notes == sum(len(t.notes) for t in score.tracks)
    tempo = next(m.tempo for m in messages if m.type == "set_tempo")
    assert mido.tempo2bpm(tempo) == pytest.approx(score.tempo_bpm, abs=0.01)
    words = "".join(m.text for m in messages if m.type == "lyrics")
    assert words.startswith(CHORUS[0].replace(" ", ""))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("mode", ["ionian", "aeolian"])
def test_every_key_can_be_written(key: str, mode: str) -> None:
    score = compose(sketch_brief("lofi"), load_pack("lofi"))
    changed = score.model_copy(update={"key": key, "mode": mode, "title": "夜"})
    assert _read(score_to_midi(changed)).tracks


def test_stem_lasts_as_long_as_asked() -> None:
    score = compose(sketch_brief("lofi"), load_pack("lofi"))
    track = next(t for t in score.tracks if t.part == "bass")
    assert _read(stem_to_midi(track, 60.0, 40.0)).length == pytest.approx(40.0, abs=0.01)
