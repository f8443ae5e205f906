"""Walls, soft masks and places for letters that all night pictures share."""

from __future__ import annotations

import cv2
import numpy as np

from media.pictures.canvas import enlarge, plane_field, table_ink
from media.pictures.colour import Array, mix, ramp, shade
from media.pictures.fields import clip, glow
from media.pictures.noise import fbm
from media.pictures.scene import Scene
from media.pictures.typeset import MARGIN, Area, Lockup

HEAD_LEFT = Lockup("head_left", Area(MARGIN, MARGIN, 1 - MARGIN, 0.3), "left", "top", "below", 0.08)


HEAD_SPLIT = Lockup(
    "head_split", Area(MARGIN, MARGIN, 1 - MARGIN, 0.3), "left", "top", "foot", 0.085
)


FOOT_LEFT = Lockup(
    "foot_left", Area(MARGIN, 0.7, 1 - MARGIN, 1 - MARGIN), "left", "bottom", "below", 0.09
)


FOOT_SPLIT = Lockup(
    "foot_split", Area(MARGIN, 0.7, 1 - MARGIN, 1 - MARGIN), "left", "bottom", "head", 0.09
)


FOOT_CENTRE = Lockup(
    "foot_centre", Area(MARGIN, 0.74, 1 - MARGIN, 1 - MARGIN), "centre", "bottom", "below", 0.08
)


HEAD_CENTRE = Lockup(
    "head_centre", Area(MARGIN, MARGIN, 1 - MARGIN, 0.28), "centre", "top", "below", 0.08
)


def light_inks(scene: Scene) -> tuple[Array, ...]:
    """Inks for a dark room, the preferred one first."""
    p = scene.palette
    return (p.paper, p.glow, shade(p.night, 0.15))


def dark_inks(scene: Scene) -> tuple[Array, ...]:
    """Inks for a light room, the preferred one first."""
    p = scene.palette
    return (shade(p.night, 0.16), p.paper, shade(p.night, 0.08))


def soften(mask: Array, reach: float) -> Array:
    """Blur a mask; `reach` is in parts of the side."""
    n = mask.shape[0]
    side = min(n, 750)
    small = cv2.resize(mask, (side, side), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(reach * side, 0.3)).astype(np.float32)
    return clip(enlarge(soft, n), 0, 1)


def paint_wall(scene: Scene, low: Array, high: Array, light: tuple[float, float]) -> None:
    """A plastered wall, lighter around one place."""
    plaster = fbm(scene.seed(), 3.0, 5, 500)
    grain = plane_field(plaster)
    reach = glow(*light, 0.5)

    def value(x: Array, y: Array) -> Array:
        return 0.1 + 0.85 * reach(x, y) + 0.12 * (grain(x, y) - 0.5)

    scene.canvas.paint(1.0, table_ink(value, ramp((low, mix(low, high, 0.5), high))))
