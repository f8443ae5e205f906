"""Where sounds really begin in a spoken line.

The network is told how long each sound lasts, but starts an s well inside the vowel before it.
Holding such a vowel would hold the hiss too, so borders between tone and noise are moved to where
the sound itself changes.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from media.sound import Curve
from media.voice.phonemes import BUZZING, Phone

Flags = npt.NDArray[np.bool_]

_KEEPS = 0.25
_LEAST_FRAMES = 3


def refined(
    phones: Sequence[Phone], edges: Curve, tonal: Flags, audible: Flags, frame_s: float
) -> Curve:
    """The `len(phones) + 1` borders of the phones, moved to where the sound changes.

    `tonal` says which frames are tone, `audible` which are not silence.
    """
    moved = edges.copy()
    runs = _runs(phones)
    for (a, b, first_is_tone), (_, c, second_is_tone) in itertools.pairwise(runs):
        if first_is_tone is None or second_is_tone is None:
            continue
        start, border, end = moved[a], moved[b], moved[c]
        low = start + _KEEPS * (border - start)
        high = end - _KEEPS * (end - border)
        found = _change(tonal, start, low, high, end, frame_s, tone_first=first_is_tone)
        _move(moved, a, b, c, found)
    opening = np.flatnonzero((tonal if runs[0][2] else audible)[: round(moved[1] / frame_s)])
    if len(opening):
        moved[0] = min(opening[0] * frame_s, moved[1] - _LEAST_FRAMES * frame_s)
    _close(moved, runs[-1], tonal, audible, frame_s)
    return moved


def _close(
    edges: Curve, run: tuple[int, int, bool | None], tonal: Flags, audible: Flags, frame_s: float
) -> None:
    """Set the last border: a tone fades before its time is over, a hiss goes on after it."""
    start, end = round(edges[-2] / frame_s), round(edges[-1] / frame_s)
    if run[2]:
        place = np.flatnonzero(tonal[: end + 1])
        found = float(place[-1] * frame_s) if len(place) else 0.0
        _move(edges, run[0], run[1], run[1], max(found, 0.5 * float(edges[-2] + edges[-1])))
    else:
        place = np.flatnonzero(audible[start:])
        if len(place):
            edges[-1] = max((start + place[-1]) * frame_s, edges[-2] + _LEAST_FRAMES * frame_s)


def _runs(phones: Sequence[Phone]) -> list[tuple[int, int, bool | None]]:
    """Neighbouring phones of one kind: first, last + 1, and whether tone, noise or neither."""
    kinds = [_is_tone(phone) for phone in phones]
    runs = []
    at = 0
    for kind, group in itertools.groupby(kinds):
        length = len(list(group))
        runs.append((at, at + length, kind))
        at += length
    return runs


def _is_tone(phone: Phone) -> bool | None:
    if phone.held:
        return True
    return False if not phone.voiced or phone.symbol in BUZZING else None


def _change(
    tonal: Flags, start_s: float, low_s: float, high_s: float, end_s: float,
    frame_s: float, *, tone_first: bool,
) -> float:  # fmt: skip
    """The border between `low_s` and `high_s` that most frames agree with."""
    first, last = round(start_s / frame_s), round(end_s / frame_s)
    low, high = round(low_s / frame_s), round(high_s / frame_s)
    inside = tonal[first : last + 1]
    if high - low < 1 or len(inside) < 2 * _LEAST_FRAMES:
        return 0.5 * (low_s + high_s)
    agrees = np.where(inside if tone_first else ~inside, 1, -1)
    # Moving the border past a frame gains it for the first sound or loses it.
    gained = np.concatenate([[0], np.cumsum(agrees)])
    choices = gained[low - first : high - first + 1]
    return float((low + int(np.argmax(choices))) * frame_s)


def _move(edges: Curve, a: int, b: int, c: int, found: float) -> None:
    """Set border `b`, the borders inside both runs keeping their proportions."""
    old, start, end = edges[b], edges[a], edges[c]
    edges[a + 1 : b] = start + (edges[a + 1 : b] - start) * (found - start) / max(old - start, 1e-6)
    edges[b + 1 : c] = end - (end - edges[b + 1 : c]) * (end - found) / max(end - old, 1e-6)
    edges[b] = found
