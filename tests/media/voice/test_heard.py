"""Whether a listener who never saw the words writes them down. Slow: it loads Whisper-base."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.hearing import Heard, Listener, distance, plain_words, prepare_listener, word_error
from domain.errors import PartMissing
from domain.genre import VocalStyle
from media.sound import Sound
from media.voice.sing import sing
from packs import load_pack
from tests.media.tones import noise
from tests.media.voice.songs import PLAIN, sung_score

RATE = 44_100
LINES = (
    "My mother danced across the kitchen",
    "The radio was always on",
    "The city wakes in glass and metal",
    "The morning trains are running late",
)


def shuffled(sound: Sound, piece_s: float = 0.12) -> Sound:
    """The same sound in pieces as long as a phone, out of order."""
    piece = int(piece_s * RATE)
    pieces = sound[0, : sound.shape[1] // piece * piece].reshape(-1, piece)
    return np.random.default_rng(5).permutation(pieces).reshape(1, -1)


@pytest.mark.slow
def test_words_are_understood_and_nonsense_is_not(voice: Path, tmp_path: Path) -> None:
    score = sung_score(LINES)
    pack = load_pack("synthwave").model_copy(
        update={"vocal": VocalStyle(doubles_in=(), harmonies_in=())}
    )
    samples = int((score.duration_s + 1.0) * RATE)
    (lead,) = sing(score, pack, PLAIN, voice, samples, RATE)
    listener = Listener(prepare_listener(tmp_path))
    words = " ".join(LINES)

    def error(sound: Sound) -> float:
        return word_error([Heard(words, listener.hear(sound, RATE))])

    assert error(lead.sound) <= 0.2
    assert error(shuffled(lead.sound)) > 0.8
    assert error(noise(10.0)) > 0.8


def test_word_error_counts_words() -> None:
    assert word_error([Heard("the old town", "The old town!")]) == 0.0
    assert word_error([Heard("the old town", "a old brown town")]) == pytest.approx(2 / 3)
    assert word_error([Heard("the old town", "")]) == 1.0
    assert distance(plain_words("Oh, it’s ok"), plain_words("it's okay")) == 0


def test_missing_listener_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.hearing.PARTS", ("no_such_part1", "no_such_part2"))
    with pytest.raises(PartMissing, match="no_such_part1"):
        prepare_listener(tmp_path)
