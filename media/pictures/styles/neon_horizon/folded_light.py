"""Sheets of light folded over each other: one sharp edge, one soft."""

from __future__ import annotations

import numpy as np

from media.pictures.canvas import plane_field, table_ink
from media.pictures.colour import Array, shade
from media.pictures.fields import Field, clip
from media.pictures.finish import bloom
from media.pictures.noise import curve
from media.pictures.scene import Drawn, Scene
from media.pictures.styles.neon_horizon.common import (
    FOOT_LEFT,
    HEAD_CENTRE,
    HEAD_LEFT,
    HEAD_RIGHT,
    light_inks,
    sky_table,
)

FOLD_SIDE = 640


def folded_light(scene: Scene) -> Drawn:
    """Sheets of light folded over each other: one sharp edge, one soft."""
    canvas = scene.canvas
    _, table = sky_table(scene)
    canvas.paint(1.0, table_ink(lambda x, y: 0.1 * y + 0 * x, table))
    count = int(scene.rng.integers(5, 8))
    angle = scene.side() * scene.between(0.15, 0.95)
    swing = 0.075 + 0.035 * scene.feeling.arousal
    rise = scene.between(0.1, 0.24)
    for index in range(count):
        start = rise + (1.02 - rise) * index / (count - 1)
        below = _fold(scene, start, angle, swing)
        reach = scene.between(0.16, 0.34)
        peak = scene.between(0.55, 1.0) if index % 2 == 0 else scene.between(0.3, 0.7)
        _lay_sheet(scene, below, table, peak, reach)
    bloom(canvas, threshold=0.66, reach=0.02, strength=0.35)
    return Drawn((HEAD_LEFT, FOOT_LEFT, HEAD_RIGHT, HEAD_CENTRE), light_inks(scene))


def _fold(scene: Scene, start: float, angle: float, swing: float) -> Field:
    """Distance below the wavy upper edge of a sheet, kept as a small smooth plane."""
    wave = curve(scene.seed(), scene.between(0.9, 1.7), 2, 0.3)
    axis = (np.arange(FOLD_SIDE, dtype=np.float32) + 0.5) / FOLD_SIDE - 0.5
    x, y = axis[None, :], axis[:, None]
    along = x * np.cos(angle) + y * np.sin(angle) + 0.5
    across = y * np.cos(angle) - x * np.sin(angle) + 0.5
    plane = across - start - swing * wave(clip(along, -0.2, 1.2))
    return plane_field(plane.astype(np.float32))


def _lay_sheet(scene: Scene, below: Field, table: Array, peak: float, reach: float) -> None:
    canvas = scene.canvas

    def light(x: Array, y: Array) -> Array:
        depth = np.maximum(below(x, y), 0)
        return clip(peak * np.exp(-depth / reach) + 0.1 * np.exp(-depth / 0.012) + 0.03, 0, 1)

    canvas.paint(
        lambda x, y: np.exp(-np.maximum(-below(x, y), 0) / 0.05),
        shade(scene.palette.night, 0.08),
        opacity=0.55,
    )
    canvas.paint(canvas.shape(below), table_ink(light, table))
