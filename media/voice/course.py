"""The way through a take while it is sung: where it is held, what sounds, and how loud."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import uniform_filter1d

from media.sound import Curve
from media.voice.align import Flags
from media.voice.take import FRAME_S, Take, low_and_high
from media.voice.timing import TimedPhone

HELD_WITHIN_DB = 10.0
# A t between vowels is often no t: voiced when this much of it was.
FLAPPED = 0.6
# They sound only where they were heard to: hissing ones and the bursts of stops.
HEARD_VOICED = frozenset({"z", "ʒ", "dʒ", "b", "d", "ɡ"})
# How far a vowel's level goes towards that of the others: 0 as spoken, 1 all alike.
LEVELLING = 0.7
LIFT_DB = (-6.0, 15.0)
LEVEL_FRAMES = 9
# Both ends of a vowel, where it joins its neighbours and keeps their level.
JOIN_S = 0.05


def time_map(take: Take, timed: Sequence[TimedPhone]) -> tuple[Curve, Curve]:
    """Knots from time in the song to time in the take."""
    song: list[float] = [timed[0].start_s - take.edges_s[0]]
    spoken: list[float] = [0.0]
    for phone, start, end in zip(timed, take.edges_s, take.edges_s[1:], strict=False):
        extra = (phone.end_s - phone.start_s) - (end - start)
        song.append(phone.start_s)
        spoken.append(float(start))
        if phone.phone.place == "vowel" and extra > 0.0:
            at, share = _where_held(take, float(start), float(end))
            song += (phone.start_s + (at - start) + extra * np.cumsum(share)).tolist()
            spoken += at.tolist()
        song.append(phone.end_s)
        spoken.append(float(end))
    tail = max(len(take.envelope) * FRAME_S - spoken[-1], FRAME_S)
    return np.array([*song, song[-1] + tail]), np.array([*spoken, spoken[-1] + tail])


def _where_held(take: Take, start_s: float, end_s: float) -> tuple[Curve, Curve]:
    """Times inside a vowel and which share of a long note is spent at each.

    A singer holds the middle of a vowel, where it is loud, and not the way into a consonant.
    """
    first, last = int(np.ceil(start_s / FRAME_S)), int(end_s / FRAME_S)
    frames = np.arange(first, max(first, min(last, len(take.envelope) - 1)) + 1)
    low, _ = low_and_high(take.envelope[frames], take.sample_rate_hz)
    loud = 10.0 * np.log10(low + 1e-12)
    middle = np.sin(np.pi * (np.arange(len(frames)) + 0.5) / len(frames)) ** 2
    weight = middle * np.clip(1.0 + (loud - loud.max()) / HELD_WITHIN_DB, 0.01, None)
    return np.clip(frames * FRAME_S, start_s, end_s), weight / weight.sum()


def voicing(
    take: Take, timed: Sequence[TimedPhone], at: Curve, frame: Curve
) -> tuple[Flags, Flags]:
    """Frames of vowels, and frames that sound at all: by what a sound is, not by the tracker."""
    heard = take.sounding[np.clip(np.round(frame).astype(int), 0, len(take.sounding) - 1)]
    vowel = np.zeros(len(at), dtype=bool)
    voiced = np.zeros(len(at), dtype=bool)
    for phone in timed:
        inside = (at >= phone.start_s) & (at < phone.end_s)
        if phone.phone.symbol in HEARD_VOICED:
            voiced |= inside & heard
        elif phone.phone.voiced or heard[inside].sum() > FLAPPED * inside.sum():
            voiced |= inside
        if phone.phone.place in ("vowel", "glide"):
            vowel |= inside
    return vowel, voiced


def levels(take: Take, timed: Sequence[TimedPhone], at: Curve, frame: Curve) -> Curve:
    """Power factors that hold the vowels at one level, as a singer does and a speaker does not."""
    power = uniform_filter1d(take.envelope.mean(axis=1).astype(np.float64), LEVEL_FRAMES)
    loud = 10.0 * np.log10(np.interp(frame, np.arange(len(power)), power) + 1e-12)
    core = np.zeros(len(at), dtype=bool)
    for phone in timed:
        if phone.phone.place == "vowel":
            edge = min(JOIN_S, 0.35 * (phone.end_s - phone.start_s))
            core |= (at >= phone.start_s + edge) & (at < phone.end_s - edge)
    if not core.any():
        return np.ones(len(at))
    lifts = LEVELLING * np.clip(np.percentile(loud[core], 75) - loud[core], *LIFT_DB)
    return np.asarray(10.0 ** (np.interp(at, at[core], lifts) / 10.0))
