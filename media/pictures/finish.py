"""What every picture gets last: bloom, vignette and grain, then eight bits."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from domain.art import Texture
from media.pictures.canvas import Canvas, enlarge
from media.pictures.colour import Array
from media.pictures.fields import clip

GRAIN = {Texture.CLEAN: 0.006, Texture.FINE_GRAIN: 0.020, Texture.FILM_GRAIN: 0.038}

Image = npt.NDArray[np.uint8]


def bloom(canvas: Canvas, *, threshold: float, reach: float, strength: float) -> None:
    """Let bright parts spill light around them."""
    side = min(canvas.size_px, 500)
    small = canvas.small(side)
    bright = np.clip(small - threshold, 0, None) / (1 - threshold)
    near = cv2.GaussianBlur(bright, (0, 0), reach * side)
    far = cv2.GaussianBlur(bright, (0, 0), reach * side * 3.5)
    light = np.clip((near + 0.6 * far) * strength, 0, 1).astype(np.float32)
    for channel in range(3):
        plane = np.clip(enlarge(np.ascontiguousarray(light[..., channel]), canvas.size_px), 0, 1)
        target = canvas.rgb[..., channel]
        target += (1 - target) * plane


def vignette(canvas: Canvas, strength: float, centre: tuple[float, float] = (0.5, 0.5)) -> None:
    """Darken towards the corners."""

    def fall(x: Array, y: Array) -> Array:
        distance = np.hypot(x - centre[0], y - centre[1])
        return np.asarray(clip((distance - 0.35) / 0.5) ** 2, np.float32)

    canvas.paint(fall, np.zeros(3, np.float32), mode="multiply", opacity=strength)


def develop(canvas: Canvas, texture: Texture, seed: int) -> Image:
    """Add grain, strongest in the midtones, and return the picture as 8-bit RGB.

    The canvas is spent afterwards: its memory holds the grained picture.
    """
    n = canvas.size_px
    amplitude = GRAIN[texture]
    grain = np.random.default_rng(seed).standard_normal((n, n), dtype=np.float32)
    # A grain of film covers more than one pixel of a 3000 px cover.
    cv2.GaussianBlur(grain, (0, 0), max(0.35, 0.8 * n / 3000), dst=grain)
    grain *= np.float32(amplitude / grain.std())
    out = np.empty((n, n, 3), np.uint8)
    for rows, _, _ in canvas.bands():
        band = canvas.rgb[rows]
        light = band.mean(axis=-1)
        weight = 0.3 + 0.7 * np.clip(4 * light * (1 - light), 0, 1)
        band += (grain[rows] * weight)[..., None]
        out[rows] = np.clip(band * 255 + 0.5, 0, 255).astype(np.uint8)
    return out
