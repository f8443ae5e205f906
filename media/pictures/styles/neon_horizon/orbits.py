"""Discs inside discs, each lit from another side."""

from __future__ import annotations

import numpy as np

from media.pictures.canvas import table_ink
from media.pictures.colour import Array, shade
from media.pictures.fields import Field, clip, decay, disc
from media.pictures.finish import bloom, vignette
from media.pictures.scene import Drawn, Scene
from media.pictures.styles.neon_horizon.common import (
    FOOT_CENTRE,
    FOOT_LEFT,
    HEAD_LEFT,
    HEAD_RIGHT,
    light_inks,
    sky_table,
)


def orbits(scene: Scene) -> Drawn:
    """Discs inside discs, each lit from another side."""
    p, canvas = scene.palette, scene.canvas
    _, table = sky_table(scene)
    canvas.paint(1.0, table_ink(lambda x, y: 0.16 * (1 - y) + 0.04 + 0 * x, table))
    low = scene.rng.random() < 0.5
    cx, cy = scene.between(0.3, 0.7), scene.between(0.6, 0.68) if low else scene.between(0.34, 0.42)
    drift = scene.between(0, 2 * np.pi)
    count = int(scene.rng.integers(4, 7))
    outer = scene.between(0.4, 0.56)
    turn = scene.between(0, 2 * np.pi)
    for index in range(count):
        t = index / (count - 1)
        radius = outer * (1 - t) ** 1.05 + 0.055
        x0 = cx + np.cos(drift) * 0.13 * t * outer / 0.5
        y0 = cy + np.sin(drift) * 0.13 * t * outer / 0.5
        turn += scene.between(1.9, 3.2)
        ring = disc(x0, y0, radius)
        bright = 0.35 + 0.65 * t

        def value(
            x: Array,
            y: Array,
            x0: float = x0,
            y0: float = y0,
            radius: float = radius,
            turn: float = turn,
            bright: float = bright,
        ) -> Array:
            across = ((x - x0) * np.cos(turn) + (y - y0) * np.sin(turn)) / (2 * radius) + 0.5
            return 0.03 + bright * clip(across, 0, 1) ** 1.5

        canvas.paint(_shadow_of(ring), shade(p.night, 0.07), opacity=0.5)
        canvas.paint(canvas.shape(ring), table_ink(value, table))
    bloom(canvas, threshold=0.62, reach=0.02, strength=0.45)
    vignette(canvas, 0.3, (cx, cy))
    return Drawn(
        (HEAD_LEFT, HEAD_RIGHT) if low else (FOOT_LEFT, FOOT_CENTRE), light_inks(scene), (cx, cy)
    )


def _shadow_of(ring: Field) -> Field:
    return lambda x, y: decay(-ring(x, y - 0.012), 0.035)
