"""The buses, and how loud the voice must be for its words to stand over the band."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from media.loudness import HOP_S
from media.mixing.curves import GRID_S
from media.sound import Curve

Bus = Literal["drums", "music", "lead", "room", "plate"]

ACTIVE = 0.5
# A band that steps back further is meant to leave the voice further in front.
OVER_BAND_LU_PER_DUCK_DB = 0.9
LIFT_LIMIT_DB = 8.0


def lift_over_band(
    powers: Mapping[Bus, Curve], curves: Mapping[Bus, Curve], active: Curve, duck_db: float
) -> float:
    """Decibels that the voice lacks to stand over the band where it sings; never negative.

    `powers` are hop powers of the buses before their curves (see `media.loudness`).
    """
    hops = min(len(power) for power in powers.values())
    sung = at_hops(active, hops) > ACTIVE
    if not sung.any():
        return 0.0
    voice = band = 0.0
    for name, power in powers.items():
        heard = power[:hops] * 10.0 ** (at_hops(curves[name], hops) / 10.0)
        if name in ("lead", "plate"):
            voice += float(heard[sung].mean())
        else:
            band += float(heard[sung].mean())
    if voice <= 0.0 or band <= 0.0:
        return 0.0
    lacking = OVER_BAND_LU_PER_DUCK_DB * duck_db - 10.0 * np.log10(voice / band)
    return float(np.clip(lacking, 0.0, LIFT_LIMIT_DB))


def at_hops(curve: Curve, hops: int) -> Curve:
    """A curve's values in the middle of each loudness hop."""
    steps = round(HOP_S / GRID_S)
    middle = np.arange(hops) * steps + steps // 2
    return curve[np.minimum(middle, len(curve) - 1)]
