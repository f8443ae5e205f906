"""A band vocoder: the song's chords, played by saws, speak with the singer's mouth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import istft, stft

from domain.score import Chord, Score
from media.sound import Curve, Sound

BANDS = 28
LOWEST_HZ, HIGHEST_HZ = 90.0, 11_000.0
_WINDOW_S, _HOPS = 0.024, 4
# The chord is played around the singer's middle register, whatever its voicing.
_MIDDLE = 57
_DETUNE_CENTS = (-7.0, 7.0)
_HISS = 0.35
_HISS_FROM_HZ = 3500.0
_TINY = 1e-9
_LIFT_LIMIT = 10.0**4
_CLEAR_S = 0.05


def vocode(voice: Sound, score: Score, sample_rate_hz: int, seed: int) -> Sound:
    """The chords of the score, shaped by `voice` (1, samples) and as loud as it."""
    made = np.zeros_like(voice)
    for start_s, end_s in _sung(score):
        start, end = int(start_s * sample_rate_hz), int(end_s * sample_rate_hz)
        part = voice[0, start:end].astype(np.float64)
        if len(part) < sample_rate_hz // 10 or not part.any():
            continue
        carrier = _carrier(score, start_s, len(part), sample_rate_hz, seed)
        made[0, start : start + len(part)] += _shaped(part, carrier, sample_rate_hz)
    return made


def _sung(score: Score) -> list[tuple[float, float]]:
    """Stretches with words in seconds, those that touch joined."""
    spans: list[tuple[float, float]] = []
    for line in sorted(score.lyrics, key=lambda entry: entry.start):
        start = max(0.0, score.seconds(line.start) - 1.0)
        end = score.seconds(line.end) + 0.5
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _carrier(score: Score, start_s: float, samples: int, sample_rate_hz: int, seed: int) -> Curve:
    """Saws on the chords from `start_s` on, with hiss on top for the consonants."""
    at = start_s + np.arange(samples) / sample_rate_hz
    played = np.zeros(samples)
    for chord in score.chords:
        first, last = score.seconds(chord.start), score.seconds(chord.start + chord.duration)
        a, b = np.searchsorted(at, (first, last))
        if a < b:
            played[a:b] = _saws(_register(chord), at[a:b], sample_rate_hz)
    noise = np.random.default_rng(seed).standard_normal(samples)
    spectrum = np.fft.rfft(noise)
    spectrum[np.fft.rfftfreq(samples, 1.0 / sample_rate_hz) < _HISS_FROM_HZ] = 0.0
    return np.asarray(played + _HISS * np.fft.irfft(spectrum, samples))


def _register(chord: Chord) -> list[int]:
    """The chord's pitch classes, each at the octave nearest to the middle register."""
    lowest = _MIDDLE - 6
    return sorted({lowest + (pitch - lowest) % 12 for pitch in chord.pitch_classes})


def _saws(pitches: Sequence[int], at: Curve, sample_rate_hz: int) -> Curve:
    """Detuned saws without aliasing: each step is smoothed over two samples (polyBLEP)."""
    total = np.zeros(len(at))
    for pitch in pitches:
        for cents in _DETUNE_CENTS:
            hertz = 440.0 * 2.0 ** ((pitch - 69 + cents / 100.0) / 12.0)
            step = hertz / sample_rate_hz
            phase = (at * hertz) % 1.0
            saw = 2.0 * phase - 1.0
            early, late = phase < step, phase > 1.0 - step
            x = phase[early] / step
            saw[early] -= x + x - x * x - 1.0
            x = (phase[late] - 1.0) / step
            saw[late] -= x * x + x + x + 1.0
            total += saw
    return np.asarray(total / np.sqrt(2.0 * len(pitches)))


def _shaped(voice: Curve, carrier: Curve, sample_rate_hz: int) -> Curve:
    """The carrier with the voice's level in every band."""
    window = int(_WINDOW_S * sample_rate_hz)
    overlap = window - window // _HOPS
    frequencies, _, spoken = stft(voice, sample_rate_hz, nperseg=window, noverlap=overlap)
    _, _, played = stft(carrier, sample_rate_hz, nperseg=window, noverlap=overlap)
    bands = _bands(np.asarray(frequencies))
    wanted = bands @ np.abs(spoken) ** 2
    # The carrier is steady, so its level may be smoothed in time; a frame's own would ripple.
    there = gaussian_filter1d(bands @ np.abs(played) ** 2, 2.0, axis=1)
    gains = np.sqrt(np.minimum(wanted / (there + _TINY), _LIFT_LIMIT))
    spread = bands / np.maximum(bands.sum(axis=0), _TINY)
    _, shaped = istft(played * (spread.T @ gains), sample_rate_hz, nperseg=window, noverlap=overlap)
    fitted = np.zeros(len(voice))
    fitted[: min(len(voice), len(shaped))] = shaped[: len(voice)]
    level = float(np.sqrt(np.mean(voice**2)) / max(np.sqrt(np.mean(fitted**2)), _TINY))
    return np.asarray(fitted * level)


def _bands(frequencies: Curve) -> Curve:
    """Triangular bands on a logarithmic axis, (bands, bins)."""
    centres = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS)
    octave = np.log2(np.maximum(frequencies, 1.0))
    width = np.log2(centres[1] / centres[0])
    distance = np.abs(octave[None, :] - np.log2(centres)[:, None]) / width
    return np.asarray(np.clip(1.0 - distance, 0.0, None))
