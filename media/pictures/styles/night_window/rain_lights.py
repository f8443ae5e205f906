"""The city out of focus behind a wet pane."""

from __future__ import annotations

import cv2
import numpy as np

from media.pictures.canvas import plane_field, table_ink
from media.pictures.colour import Array, mix, ramp, shade
from media.pictures.fields import Field, clip, decay, disc, downwards, soft_step
from media.pictures.finish import bloom
from media.pictures.noise import fbm
from media.pictures.scene import Drawn, Scene
from media.pictures.shapes import polygon_mask, rectangle
from media.pictures.styles.night_window.common import (
    HEAD_CENTRE,
    HEAD_LEFT,
    HEAD_SPLIT,
    light_inks,
    soften,
)


def rain_lights(scene: Scene) -> Drawn:
    """The city out of focus behind a wet pane."""
    p, canvas = scene.palette, scene.canvas
    centre = scene.between(0.55, 0.68)
    sky = ramp((shade(p.night, 0.1), p.night, p.deep, mix(p.deep, p.key, 0.5)))
    haze = plane_field(fbm(scene.seed(), 2.0, 4, 300, stretch=1.5))
    canvas.paint(
        1.0,
        table_ink(
            lambda x, y: 0.9 * np.exp(-(((y - centre) / 0.3) ** 2)) + 0.5 * (haze(x, y) - 0.5), sky
        ),
    )
    _skyline(scene, centre)
    lights = (p.glow, p.key, p.key, p.accent, mix(p.glow, p.paper, 0.4))
    columns = [scene.between(0.02, 0.98) for _ in range(9)]
    for index in range(int(scene.rng.integers(44, 60))):
        radius = 0.012 + 0.06 * scene.rng.random() ** 2.0
        x0 = columns[index % 9] + float(scene.rng.normal(0, 0.035))
        y0 = centre + 0.04 + float(scene.rng.normal(0, 0.1))
        colour = lights[int(scene.rng.integers(0, len(lights)))]
        body = disc(x0, y0, radius)
        opacity = scene.between(0.35, 0.95) * (0.022 / max(radius, 0.022)) ** 0.6

        def bokeh(x: Array, y: Array, body: Field = body, radius: float = radius) -> Array:
            d = body(x, y)
            return soft_step(0, 0.004, d) * (0.62 + 0.38 * decay(d, radius * 0.14))

        canvas.paint(
            bokeh, colour, mode="screen", opacity=opacity, top=y0 - radius, bottom=y0 + radius
        )
    canvas.paint(lambda x, y: soft_step(centre, 1.05, y) + 0 * x, shade(p.night, 0.12), opacity=0.6)
    bloom(canvas, threshold=0.55, reach=0.022, strength=0.5)
    _drops(scene)
    return Drawn((HEAD_LEFT, HEAD_SPLIT, HEAD_CENTRE), light_inks(scene), (0.5, centre))


def _skyline(scene: Scene, centre: float) -> None:
    """Houses too far out of focus to have edges."""
    x, blocks = -0.05, []
    while x < 1.05:
        wide = scene.between(0.06, 0.16)
        blocks.append(rectangle(x, centre - scene.between(0.02, 0.24), x + wide, 1.05))
        x += wide + scene.between(-0.01, 0.05)
    mask = soften(polygon_mask(scene.canvas.size_px, blocks), 0.009)
    scene.canvas.paint(mask, shade(scene.palette.night, 0.15), opacity=0.8)


def _drops(scene: Scene) -> None:
    """Drops bend the light: each shows the scene upside down, bright below, dark above."""
    canvas = scene.canvas
    blurred = cv2.GaussianBlur(canvas.small(200), (0, 0), 2.0)
    for _ in range(230):
        radius = 0.0018 + 0.0105 * scene.rng.random() ** 3.2
        x0, y0 = scene.between(0, 1), scene.between(0.02, 1.0)
        side = blurred.shape[0]
        seen = blurred[int(clip((1.1 - y0) * side, 0, side - 1)), int(clip(x0 * side, 0, side - 1))]
        below = blurred[int(clip(y0 * side, 0, side - 1)), int(clip(x0 * side, 0, side - 1))]
        bright = clip(below * 1.25 + seen * 0.35 + 0.06, 0, 1).astype(np.float32)
        table = ramp((below * 0.45, below * 0.8, bright), steps=64)
        squash = scene.between(1.0, 1.25)

        def drop(
            x: Array,
            y: Array,
            x0: float = x0,
            y0: float = y0,
            radius: float = radius,
            squash: float = squash,
        ) -> Array:
            return np.asarray(radius - np.hypot((x - x0) * squash, y - y0), np.float32)

        canvas.paint(
            canvas.shape(drop),
            table_ink(downwards(y0 - radius, 2 * radius), table),
            opacity=0.85,
            top=y0 - radius,
            bottom=y0 + radius,
        )
