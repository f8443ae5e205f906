"""Singing a take: another pitch, another timing, another mouth (WORLD vocoder)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyworld

from media.sound import Curve
from media.voice.course import levels, time_map, voicing
from media.voice.take import FRAME_S, PERIOD_MS, Frames, Take, frame_times
from media.voice.timing import TimedPhone

# Held vowels are louder than spoken ones, so the sounds between them are lifted too.
WHISPER_GAIN = 1.3
MOST_WHISPER_GAIN = 2.2
_SILENCE = 1e-16
_NOISE_AT_BOTTOM, _NOISE_AT_TOP = 0.02, 0.45
_NOISE_RISES_FROM = 0.25


@dataclass(frozen=True)
class Manner:
    """How a take is sung: the stretch of its envelope and the share of breath in its vowels."""

    formant: float
    breath: float


def sing_take(
    take: Take, timed: Sequence[TimedPhone], pitch_hz: Curve, start_s: float, manner: Manner
) -> Curve:
    """Sing a take: `pitch_hz` has a value per frame from `start_s` on; returns samples."""
    at = frame_times(start_s, len(pitch_hz))
    frame = np.interp(at, *time_map(take, timed)) / FRAME_S
    held, voiced = voicing(take, timed, at, frame)
    envelope = _reshaped(_rows(take.envelope, frame), manner.formant)
    lifts = levels(take, timed, at, frame)
    envelope *= lifts[:, None]
    envelope[~voiced] = _SILENCE
    noise = _rows(take.noise, frame)
    noise[held] = np.minimum(noise[held], _most_noise(noise.shape[1], manner.breath))
    sung = pyworld.synthesize(
        np.where(voiced, pitch_hz, 0.0), np.ascontiguousarray(envelope),
        np.ascontiguousarray(noise), take.sample_rate_hz, PERIOD_MS,
    )  # fmt: skip
    loudness = WHISPER_GAIN * np.clip(np.sqrt(lifts), 1.0, MOST_WHISPER_GAIN)
    return np.asarray(sung) + _whispered(take, frame, np.where(voiced, 0.0, loudness), len(sung))


def _whispered(take: Take, frame: Curve, loudness: Curve, samples: int) -> Curve:
    """Frames with a `loudness` as they were spoken, pieced together from overlapping grains.

    A vocoder makes smooth noise of them; the bursts by which p, t and k are told apart are lost.
    """
    hop = FRAME_S * take.sample_rate_hz
    reach = int(hop)
    window = np.hanning(2 * reach + 1)
    made = np.zeros(samples + 4 * reach)
    source = np.pad(take.samples, 2 * reach)
    for index in np.flatnonzero(loudness):
        to = round(index * hop) + reach
        come = round(float(np.clip(frame[index], 0.0, len(take.sounding) - 1.0)) * hop) + reach
        grain = source[come : come + len(window)]
        made[to : to + len(window)] += loudness[index] * window * grain
    return made[2 * reach : 2 * reach + samples]


def _rows(rows: Frames, frame: Curve) -> Curve:
    """Rows at fractional places."""
    place = np.clip(frame, 0.0, len(rows) - 1.0)
    below = place.astype(int)
    above = np.minimum(below + 1, len(rows) - 1)
    share = (place - below)[:, None]
    return np.asarray(rows[below] * (1.0 - share) + rows[above] * share)


def _reshaped(envelope: Curve, formant: float) -> Curve:
    """Stretch the envelope along frequency; above 1 the vocal tract gets shorter."""
    if formant == 1.0:
        return envelope
    bins = envelope.shape[1]
    source = np.clip(np.arange(bins) / formant, 0.0, bins - 1.0)
    below = source.astype(int)
    above = np.minimum(below + 1, bins - 1)
    share = source - below
    return np.asarray(envelope[:, below] * (1.0 - share) + envelope[:, above] * share)


def _most_noise(bins: int, breath: float) -> Curve:
    """The most aperiodicity a held sound may have, from the lowest to the highest bin."""
    rise = np.clip((np.linspace(0.0, 1.0, bins) - _NOISE_RISES_FROM), 0.0, None)
    rise = rise / (1.0 - _NOISE_RISES_FROM)
    return np.asarray(np.clip(_NOISE_AT_BOTTOM + _NOISE_AT_TOP * rise + breath, 0.0, 1.0))
