"""A lit opening in the dark, and somebody in it."""

from __future__ import annotations

import numpy as np

from media.pictures.canvas import plane_field, table_ink
from media.pictures.colour import Array, mix, ramp, shade
from media.pictures.fields import clip, decay, disc, glow, join, meet, soft_step, under
from media.pictures.finish import bloom
from media.pictures.noise import fbm
from media.pictures.scene import Drawn, Scene
from media.pictures.styles.neon_horizon.common import (
    FOOT_LEFT,
    HEAD_CENTRE,
    HEAD_LEFT,
    HEAD_RIGHT,
    light_inks,
    sky_table,
)


def doorway(scene: Scene) -> Drawn:
    """A lit opening in the dark, and somebody in it."""
    p, canvas = scene.palette, scene.canvas
    _, table = sky_table(scene)
    floor = scene.between(0.66, 0.76)
    half = scene.between(0.075, 0.13)
    tall = scene.between(0.34, 0.46)
    cx = 0.5 + scene.side() * scene.between(0.0, 0.2)
    arched = scene.rng.random() < 0.6
    top = floor - tall
    wall = ramp((shade(p.night, 0.1), p.night, p.deep, mix(p.deep, p.key, 0.55)))
    halo = glow(cx, floor - tall * 0.45, 0.26, squash=0.8)
    fog = plane_field(fbm(scene.seed(), 2.0, 4, 300))

    def wall_value(x: Array, y: Array) -> Array:
        return 0.06 + 0.8 * halo(x, y) + 0.16 * (fog(x, y) - 0.4)

    canvas.paint(1.0, table_ink(wall_value, wall))

    def opening(x: Array, y: Array) -> Array:
        sides = half - np.abs(x - cx)
        if not arched:
            return meet(sides, y - top, floor - y)
        crown = half - np.hypot(x - cx, np.minimum(y - (top + half), 0))
        return meet(crown, floor - y)

    def spill(x: Array, y: Array) -> Array:
        depth = np.maximum(y - floor, 0)
        width = half * (1 + 2.6 * depth)
        soft = 0.004 + 0.28 * depth
        off = np.abs(x - cx) - width
        return soft_step(-1.0, 1.0, -off / soft) * decay(depth, 0.28) * (y >= floor)

    canvas.paint(
        canvas.shape(under(floor)),
        shade(p.night, 0.085),
        opacity=0.8,
        top=floor - 0.01,
    )
    light = table_ink(lambda x, y: 0.12 + 0.86 * (y - top) / tall + 0 * x, table)
    canvas.paint(spill, mix(p.accent, p.glow, 0.55), mode="screen", opacity=0.95, top=floor)
    canvas.paint(canvas.shape(opening), light, top=top - 0.01, bottom=floor + 0.01)
    sun_y = floor - tall * scene.between(0.3, 0.62)
    sun = disc(cx, sun_y, half * scene.between(0.42, 0.62))
    canvas.paint(
        lambda x, y: canvas.edge(np.minimum(sun(x, y), opening(x, y))), mix(p.glow, p.paper, 0.6)
    )
    _figure(scene, cx + half * scene.between(-0.35, 0.35), floor + 0.012, tall * 0.2)
    canvas.paint(glow(cx, floor - tall * 0.4, 0.2), p.key, mode="screen", opacity=0.22)
    bloom(canvas, threshold=0.55, reach=0.02, strength=0.55)
    return Drawn(
        (HEAD_LEFT, HEAD_CENTRE, FOOT_LEFT, HEAD_RIGHT), light_inks(scene), (cx, floor - tall / 2)
    )


def _figure(scene: Scene, x0: float, foot: float, height: float) -> None:
    """A standing person, small: head, coat, two legs, and a shadow towards us."""
    canvas, ink = scene.canvas, shade(scene.palette.night, 0.07)
    head = disc(x0, foot - height * 0.91, height * 0.085)

    def body(x: Array, y: Array) -> Array:
        up = (foot - y) / height
        coat = height * (0.17 - 0.10 * clip((up - 0.35) / 0.45, 0, 1))
        coat_d = np.minimum(coat - np.abs(x - x0), np.minimum(up - 0.34, 0.8 - up) * height)
        leg = np.abs(np.abs(x - x0) - height * 0.06)
        leg_d = np.minimum(height * 0.045 - leg, np.minimum(up, 0.4 - up) * height)
        return join(coat_d, leg_d, head(x, y))

    canvas.paint(canvas.shape(body), ink, top=foot - height * 1.1, bottom=foot + 0.01)

    def shadow(x: Array, y: Array) -> Array:
        depth = np.maximum(y - foot, 0)
        width = height * (0.13 + 0.5 * depth)
        fade = decay(depth, height * 0.9) * (y >= foot)
        return soft_step(-1, 1, (width - np.abs(x - x0)) / (0.003 + 0.15 * depth)) * fade

    canvas.paint(shadow, ink, opacity=0.85, top=foot)
