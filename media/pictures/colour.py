"""Colours in sRGB and OKLab, and the roles a palette's colours play on a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

# Björn Ottosson, "A perceptual color space for image processing" (2020).
_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LMS_BACK, _LAB_BACK = np.linalg.inv(_LMS), np.linalg.inv(_LAB)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


def from_hex(colour: str) -> Array:
    """Read `#rrggbb` as three sRGB values between 0 and 1."""
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)


def to_hex(rgb: npt.ArrayLike) -> str:
    """Write three sRGB values between 0 and 1 as `#rrggbb`."""
    levels = np.clip(np.rint(np.asarray(rgb, np.float64) * 255), 0, 255).astype(int)
    return "#" + "".join(f"{level:02x}" for level in levels)


def to_linear(rgb: npt.ArrayLike) -> Array:
    """Undo the sRGB transfer curve."""
    v = np.asarray(rgb, np.float32)
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4).astype(np.float32)


def from_linear(linear: npt.ArrayLike) -> Array:
    """Apply the sRGB transfer curve, clipping to the gamut."""
    v = np.clip(np.asarray(linear, np.float64), 0, 1)
    return np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055).astype(np.float32)


def luminance(rgb: npt.ArrayLike) -> Array:
    """WCAG relative luminance of sRGB values in the last axis."""
    return np.asarray(to_linear(rgb) @ LUMINANCE, np.float32)


def contrast(one: npt.ArrayLike, other: npt.ArrayLike) -> Array:
    """WCAG contrast ratio between two luminances."""
    a, b = np.asarray(one, np.float32), np.asarray(other, np.float32)
    return np.asarray((np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05), np.float32)


def to_oklab(rgb: npt.ArrayLike) -> Array:
    """Convert sRGB values in the last axis to OKLab."""
    lms = np.cbrt(to_linear(rgb).astype(np.float64) @ _LMS.T)
    return np.asarray(lms @ _LAB.T, np.float32)


def _oklab_to_linear(lab: npt.ArrayLike) -> npt.NDArray[np.float64]:
    lms = (np.asarray(lab, np.float64) @ _LAB_BACK.T) ** 3
    return np.asarray(lms @ _LMS_BACK.T, np.float64)


def from_oklab(lab: npt.ArrayLike) -> Array:
    """Convert OKLab values in the last axis to sRGB, clipped to the gamut."""
    return from_linear(_oklab_to_linear(lab))


def oklch(lightness: float, chroma: float, hue_deg: float) -> Array:
    """Return the sRGB colour, lowering the chroma until it fits the gamut."""
    angle = np.deg2rad(hue_deg)
    low, high = 0.0, max(chroma, 0.0)
    tried = high
    for _ in range(18):
        lab = [lightness, tried * np.cos(angle), tried * np.sin(angle)]
        linear = _oklab_to_linear(lab)
        if linear.min() >= -1e-4 and linear.max() <= 1 + 1e-4:
            low = tried
            if tried == high:
                break
        else:
            high = tried
        tried = (low + high) / 2
    return from_oklab([lightness, low * np.cos(angle), low * np.sin(angle)])


def lch(rgb: npt.ArrayLike) -> tuple[float, float, float]:
    """Return OKLCH lightness, chroma and hue in degrees."""
    light, a, b = (float(v) for v in to_oklab(rgb))
    return light, float(np.hypot(a, b)), float(np.rad2deg(np.arctan2(b, a)) % 360)


def shade(
    rgb: npt.ArrayLike, lightness: float, chroma_factor: float = 1.0, turn_deg: float = 0.0
) -> Array:
    """Move a colour to another lightness, keeping its hue apart from `turn_deg`."""
    light, chroma, hue = lch(rgb)
    if 60 < hue < 125:
        # Darkened yellow turns olive; painters let its shadows go towards orange.
        turn_deg -= min(max(light - lightness, 0.0), 0.5) * 1.6 * (hue - 45)
    return oklch(lightness, chroma * chroma_factor, hue + turn_deg)


def mix(one: npt.ArrayLike, other: npt.ArrayLike, share: float) -> Array:
    """Mix in OKLab, keeping most of the chroma that a straight line loses through grey."""
    a, b = to_oklab(one), to_oklab(other)
    return from_oklab(_vivid(a, b, np.array([share], np.float32))[0])


def _vivid(a: Array, b: Array, share: Array) -> Array:
    t = share[:, None]
    lab = a + (b - a) * t
    kept = np.hypot(lab[:, 1], lab[:, 2])
    wanted = (1 - share) * np.hypot(a[1], a[2]) + share * np.hypot(b[1], b[2])
    # Opposite hues would need an arbitrary detour, so restore chroma only half-way.
    factor = 1 + 0.5 * (np.minimum(wanted / np.maximum(kept, 1e-4), 2.2) - 1)
    lab[:, 1:] *= factor[:, None]
    return lab.astype(np.float32)


def ramp(colours: Sequence[npt.ArrayLike], steps: int = 2048, softness: float = 0.06) -> Array:
    """Blend colours into a table (steps, 3), without visible joints at the stops."""
    stops = [to_oklab(colour) for colour in colours]
    place = np.linspace(0, len(stops) - 1, steps, dtype=np.float32)
    left = np.minimum(place.astype(int), len(stops) - 2)
    table = np.empty((steps, 3), np.float32)
    for index in range(len(stops) - 1):
        here = left == index
        table[here] = _vivid(stops[index], stops[index + 1], place[here] - index)
    reach = max(1, int(steps * softness))
    kernel = np.hanning(2 * reach + 1)
    kernel /= kernel.sum()
    padded = np.pad(table, ((reach, reach), (0, 0)), mode="edge")
    smooth = np.stack([np.convolve(padded[:, c], kernel, mode="valid") for c in range(3)], axis=-1)
    return from_oklab(smooth)


@dataclass(frozen=True, eq=False)
class Palette:
    """The roles that colours play, each in sRGB."""

    night: Array
    deep: Array
    key: Array
    accent: Array
    glow: Array
    paper: Array

    def hexes(self) -> tuple[str, ...]:
        """All roles as hex colours, dark to light."""
        roles = (self.night, self.deep, self.key, self.accent, self.glow, self.paper)
        return tuple(to_hex(role) for role in roles)


def _hue_gap(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


def cast_palette(colours: Sequence[str], lead: int = 0) -> Palette:
    """Give each colour a role; `lead` turns which of the chromatic colours comes first."""
    by_light = sorted((from_hex(colour) for colour in colours), key=lambda c: lch(c)[0])
    dark, light = by_light[0], by_light[-1]
    # A dark colour lifted to a middle tone would be a stranger on the cover.
    middle = [c for c in by_light[1:] if lch(c)[0] > 0.4 and lch(c)[1] > 0.03]
    vivid = sorted(middle or by_light[1:], key=lambda c: -lch(c)[1])
    key = vivid[lead % len(vivid)]
    others = [c for c in vivid if c is not key] or [shade(key, 0.7, 1, 30)]
    accent = max(others, key=lambda c: min(_hue_gap(lch(c)[2], lch(key)[2]), 90) * lch(c)[1])
    warm = max((*others, key), key=lambda c: lch(c)[0] + lch(c)[1])
    second = by_light[1] if lch(by_light[1])[0] < 0.45 else dark
    return Palette(
        night=shade(dark, min(max(lch(dark)[0], 0.13), 0.22), 0.9),
        deep=shade(second, min(max(lch(second)[0], 0.27), 0.38), 1.0),
        key=shade(key, min(max(lch(key)[0], 0.52), 0.74), 1.05),
        accent=shade(accent, min(max(lch(accent)[0], 0.5), 0.8), 1.0),
        glow=shade(warm, max(lch(warm)[0], 0.84), 0.85),
        paper=shade(light, max(lch(light)[0], 0.94), 0.6),
    )
