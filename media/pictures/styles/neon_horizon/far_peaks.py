"""Mountains behind mountains, mist between them, a sun that is far away."""

from __future__ import annotations

import numpy as np

from media.pictures.canvas import table_ink
from media.pictures.colour import Array, mix, ramp, shade
from media.pictures.fields import disc, downwards
from media.pictures.finish import bloom, vignette
from media.pictures.light import stars
from media.pictures.noise import curve
from media.pictures.scene import Drawn, Scene
from media.pictures.styles.neon_horizon.common import (
    FOOT_CENTRE,
    FOOT_LEFT,
    HEAD_CENTRE,
    HEAD_LEFT,
    light_inks,
    paint_sky,
    sky_table,
)


def far_peaks(scene: Scene) -> Drawn:
    """Mountains behind mountains, mist between them, a sun that is far away."""
    p, canvas = scene.palette, scene.canvas
    _, table = sky_table(scene)
    cx, cy = 0.5 + scene.side() * scene.between(0.04, 0.24), scene.between(0.34, 0.5)
    radius = scene.between(0.1, 0.19)
    paint_sky(scene, table, 0.72, (cx, cy), radius * 2.2)
    stars(canvas, scene.rng, p.paper, count=120, bottom=0.5)
    sun = ramp((mix(p.glow, p.paper, 0.7), p.glow, p.accent))
    body = disc(cx, cy, radius)
    canvas.paint(
        canvas.shape(body),
        table_ink(downwards(cy - radius, 2 * radius), sun),
    )
    layers = 5
    first = scene.between(0.5, 0.58)
    tilt = scene.between(-0.16, 0.16)
    for index in range(layers):
        depth = index / (layers - 1)
        _ridge(scene, first + (0.92 - first) * depth**1.1, depth, (cx, tilt))
    bloom(canvas, threshold=0.62, reach=0.016, strength=0.4)
    vignette(canvas, 0.35)
    return Drawn((HEAD_LEFT, HEAD_CENTRE, FOOT_LEFT, FOOT_CENTRE), light_inks(scene), (cx, cy))


def _ridge(scene: Scene, base: float, depth: float, light: tuple[float, float]) -> None:
    p, canvas = scene.palette, scene.canvas
    sharp = 0.42 + 0.06 * scene.feeling.arousal
    line = curve(scene.seed(), 2.2 + 1.3 * (1 - depth), 7, sharp)
    amplitude = 0.11 + 0.04 * depth
    tilt = light[1] * (1 - 2 * (scene.rng.random() < 0.5))

    def height(x: Array) -> Array:
        # Folding the noise makes crests where it changes sign.
        return base - amplitude * (1.0 - 1.6 * np.abs(line(x))) + tilt * (x - 0.5)

    crest = shade(p.key, 0.5 * (1 - depth) ** 0.8 + 0.1, 1 - 0.5 * depth)
    foot = shade(mix(p.key, p.glow, 0.25), 0.68 * (1 - depth) ** 0.7 + 0.17, 0.9 - 0.3 * depth)
    table = ramp((crest, mix(crest, foot, 0.5), foot))

    def below(x: Array, y: Array) -> Array:
        return y - height(x)

    canvas.paint(
        canvas.shape(below),
        table_ink(lambda x, y: (y - base + amplitude) / 0.26 + 0 * x, table),
    )
    canvas.paint(
        lambda x, y: (
            np.exp(-np.abs(below(x, y)) / 0.0016)
            * np.exp(-np.abs(x - light[0]) / 0.22)
            * (1 - 0.7 * depth)
        ),
        p.glow,
        mode="screen",
        opacity=0.6,
    )
