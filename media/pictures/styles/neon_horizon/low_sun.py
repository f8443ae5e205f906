"""A sun going into water, with its road of light."""

from __future__ import annotations

import numpy as np

from media.pictures.canvas import table_ink
from media.pictures.colour import Array, mix, ramp
from media.pictures.fields import decay, disc, downwards, soft_step, under
from media.pictures.finish import bloom, vignette
from media.pictures.light import ripples, stars
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


def low_sun(scene: Scene) -> Drawn:
    """A sun going into water, with its road of light."""
    p, canvas = scene.palette, scene.canvas
    hour, table = sky_table(scene)
    horizon = scene.between(0.56, 0.74)
    radius = scene.between(0.13, 0.2) + 0.05 * (scene.feeling.dominance + 1) * scene.between(0, 1)
    cx = 0.5 + scene.side() * scene.between(0.0, 0.2)
    cy = horizon - radius * scene.between(0.15, 1.05)
    paint_sky(scene, table, horizon, (cx, cy), radius * 1.9)
    if hour != "first_light":
        stars(canvas, scene.rng, p.paper, count=170, bottom=horizon * 0.7)
    top = p.paper if hour == "first_light" else mix(p.glow, p.paper, 0.55)
    sun = ramp((top, p.glow, mix(p.glow, p.accent, 0.6), p.key))
    body = disc(cx, cy, radius)

    def melt(x: Array, y: Array) -> Array:
        low = soft_step(cy - 0.1 * radius, horizon + 0.2 * radius, y)
        return canvas.edge(body(x, y)) * (1 - 0.82 * low) * (y < horizon)

    canvas.paint(melt, table_ink(downwards(cy - radius, 2 * radius), sun))
    _paint_water(scene, table, horizon, cx, radius)
    haze = mix(p.glow, p.accent, 0.35)
    canvas.paint(
        lambda x, y: np.exp(-np.abs(y - horizon) / 0.012) * np.exp(-np.abs(x - cx) / 0.5),
        haze,
        mode="screen",
        opacity=0.75,
    )
    bloom(canvas, threshold=0.62, reach=0.016, strength=0.42)
    vignette(canvas, 0.4, (cx, horizon))
    return Drawn((HEAD_LEFT, HEAD_CENTRE, FOOT_CENTRE, FOOT_LEFT), light_inks(scene), (cx, cy))


def _paint_water(scene: Scene, table: Array, horizon: float, cx: float, radius: float) -> None:
    p, canvas = scene.palette, scene.canvas
    wave = ripples(scene.seed(), horizon)

    def mirrored(x: Array, y: Array) -> Array:
        depth = y - horizon
        swell = (wave(x, y) - 0.5) * 0.3
        return np.asarray(
            0.62 - 1.25 * depth + swell * (0.4 + depth) - 0.12 * np.abs(x - cx), np.float32
        )

    canvas.paint(
        canvas.shape(under(horizon)),
        table_ink(mirrored, table),
        top=horizon - 0.01,
    )
    canvas.paint(
        lambda x, y: soft_step(horizon, 1.0, y) + 0 * x, p.night, opacity=0.75, top=horizon
    )

    def road(x: Array, y: Array) -> Array:
        depth = np.maximum(y - horizon, 0)
        width = radius * (0.55 + 1.3 * depth)
        off = np.abs(x - cx) / width
        glint = soft_step(0.0, 0.16, wave(x, y) - 0.42 - 0.22 * off - 0.22 * depth)
        return glint * decay((off * 0.85) ** 2 + depth * 2.2, 1.0) * (y > horizon)

    canvas.paint(road, mix(p.glow, p.paper, 0.25), opacity=0.9, top=horizon)
