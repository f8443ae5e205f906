from collections.abc import Sequence

import numpy as np

from media.sound import Sound
from media.voice.measure import f0_share_within
from media.voice.timing import sung_notes
from tests.media.tones import noise
from tests.media.voice.songs import sung_score

RATE = 44_100
SCORE = sung_score()
BRIGHT = (1.0, 1 / 2, 1 / 3, 1 / 4, 1 / 5)
# An "oh" whose formant sits on the second harmonic.
HOLLOW = (0.09, 1.0, 0.02, 0.1)


def whistled(
    off_semitones: float = 0.0, jitter_semitones: float = 0.0, harmonics: Sequence[float] = BRIGHT
) -> Sound:
    """The melody as plain harmonic tones, perhaps off."""
    samples = int((SCORE.duration_s + 1.0) * RATE)
    made = np.zeros(samples)
    rng = np.random.default_rng(3)
    for note in sung_notes(SCORE, SCORE.lyrics[0]):
        start, end = int(note.start_s * RATE), int(note.end_s * RATE)
        pitch = note.pitch + off_semitones + jitter_semitones * rng.uniform(-1.0, 1.0)
        phase = 2 * np.pi * 440.0 * 2 ** ((pitch - 69) / 12) * np.arange(end - start) / RATE
        made[start:end] = sum(a * np.sin(k * phase) for k, a in enumerate(harmonics, 1)) * 0.2
    return made.astype(np.float32)[None]


def test_notes_in_tune_pass_with_both_trackers() -> None:
    assert f0_share_within(whistled(), RATE, SCORE) > 0.98
    assert f0_share_within(whistled(), RATE, SCORE, tracker="harvest") > 0.95


def test_a_quarter_tone_off_depends_on_the_tolerance() -> None:
    assert f0_share_within(whistled(0.4), RATE, SCORE) > 0.95
    assert f0_share_within(whistled(0.4), RATE, SCORE, cents=30) < 0.05


def test_wrong_notes_fail() -> None:
    assert f0_share_within(whistled(1.0), RATE, SCORE) < 0.1
    assert f0_share_within(whistled(jitter_semitones=3.0), RATE, SCORE) < 0.6


def test_a_vowel_that_is_strongest_an_octave_up_is_heard_at_its_own_pitch() -> None:
    assert f0_share_within(whistled(harmonics=HOLLOW), RATE, SCORE) > 0.95


def test_singing_an_octave_off_fails() -> None:
    assert f0_share_within(whistled(12.0), RATE, SCORE) < 0.05
    assert f0_share_within(whistled(-12.0), RATE, SCORE) < 0.05


def test_silence_and_noise_fail() -> None:
    silent = np.zeros((1, 5 * RATE), dtype=np.float32)
    assert f0_share_within(silent, RATE, SCORE) == 0.0
    assert f0_share_within(noise(5.0), RATE, SCORE) < 0.3
    assert f0_share_within(silent[:, :100], RATE, SCORE) == 0.0


def test_a_song_without_words_scores_nothing() -> None:
    assert f0_share_within(whistled(), RATE, sung_score(())) == 0.0
