"""A dark disc with a burning rim before melted colour."""

from __future__ import annotations

import numpy as np

from media.pictures.canvas import plane_field, table_ink
from media.pictures.colour import Array, mix, ramp, shade
from media.pictures.fields import clip, decay, disc
from media.pictures.finish import bloom, vignette
from media.pictures.light import stars
from media.pictures.noise import fbm
from media.pictures.scene import Drawn, Scene
from media.pictures.styles.neon_horizon.common import (
    FOOT_CENTRE,
    FOOT_LEFT,
    HEAD_CENTRE,
    HEAD_LEFT,
    light_inks,
    sky_table,
)


def eclipse(scene: Scene) -> Drawn:
    """A dark disc with a burning rim before melted colour."""
    p, canvas = scene.palette, scene.canvas
    _, table = sky_table(scene)
    cx = 0.5 + scene.side() * scene.between(0.0, 0.24)
    low = scene.rng.random() < 0.5
    cy = scene.between(0.58, 0.64) if low else scene.between(0.38, 0.43)
    radius = scene.between(0.19, 0.26) + 0.025 * scene.feeling.dominance
    angle = scene.between(0, 2 * np.pi)
    fog = plane_field(fbm(scene.seed(), 1.8, 4, 320))
    reach = scene.between(0.16, 0.26)

    def corona(x: Array, y: Array) -> Array:
        dx, dy = x - cx, y - cy
        far = np.hypot(dx, dy)
        toward = (dx * np.cos(angle) + dy * np.sin(angle)) / np.maximum(far, 1e-4)
        lit = clip(toward * 0.55 + 0.45, 0, 1) ** 1.7
        fall = decay(far - radius, 0.035 + reach * lit)
        return 0.04 + 0.95 * fall * (0.1 + 0.9 * lit) + 0.22 * (fog(x, y) - 0.45)

    canvas.paint(1.0, table_ink(corona, table))
    body = disc(cx, cy, radius)
    core = ramp((shade(p.night, 0.09), p.night, mix(p.night, p.key, 0.45)))

    def shading(x: Array, y: Array) -> Array:
        toward = ((x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)) / radius
        return clip(0.28 + 0.5 * toward, 0, 1) ** 1.6

    canvas.paint(canvas.shape(body), table_ink(shading, core))

    def rim(x: Array, y: Array) -> Array:
        away = body(x, y)
        toward = ((x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)) / np.maximum(
            np.hypot(x - cx, y - cy), 1e-4
        )
        lit = 0.12 + 0.88 * clip(toward * 0.6 + 0.4, 0, 1) ** 2.2
        line = np.exp(-np.abs(away) / (0.0024 + 0.008 * clip(toward, 0, 1) ** 2))
        return clip(line * lit, 0, 1)

    canvas.paint(rim, mix(p.glow, p.paper, 0.7), mode="screen")
    stars(canvas, scene.rng, p.paper, count=60, bottom=1.2)
    bloom(canvas, threshold=0.6, reach=0.014, strength=0.6)
    vignette(canvas, 0.45, (cx, cy))
    lockups = (HEAD_LEFT, HEAD_CENTRE) if low else (FOOT_LEFT, FOOT_CENTRE)
    return Drawn(lockups, light_inks(scene), (cx, cy))
