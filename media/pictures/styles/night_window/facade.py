"""A sleeping house front, and one window that is not asleep."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from media.pictures.canvas import table_ink
from media.pictures.colour import Array, mix, ramp, shade
from media.pictures.fields import clip, glow, join, meet, rounded, soft_step
from media.pictures.finish import bloom, vignette
from media.pictures.noise import curve
from media.pictures.scene import Drawn, Scene
from media.pictures.shapes import polygon_mask
from media.pictures.styles.night_window.common import (
    FOOT_CENTRE,
    FOOT_LEFT,
    FOOT_SPLIT,
    HEAD_CENTRE,
    HEAD_LEFT,
    HEAD_SPLIT,
    light_inks,
    paint_wall,
)
from media.pictures.styles.night_window.silhouettes import (
    cat_outlines,
    plant_outlines,
    reader_outlines,
)


def one_lit_window(scene: Scene) -> Drawn:
    """A sleeping house front, and one window that is not asleep."""
    p = scene.palette
    up = scene.rng.random() < 0.5
    columns, rows = int(scene.rng.integers(3, 6)), int(scene.rng.integers(3, 5))
    top, bottom = (0.28, 1.08) if up else (-0.08, 0.70)
    lit = (
        int(scene.rng.integers(0, columns)),
        int(scene.rng.integers(0, rows - 1)) if up else int(scene.rng.integers(1, rows)),
    )
    pitch_x, pitch_y = 0.9 / columns, (bottom - top) / rows
    width, height = pitch_x * scene.between(0.5, 0.6), pitch_y * scene.between(0.58, 0.68)
    left = 0.05

    def place(c: int, r: int) -> tuple[float, float, float, float]:
        cx, cy = left + (c + 0.5) * pitch_x, top + (r + 0.5) * pitch_y
        return cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2

    box = place(*lit)
    centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    wall = mix(p.deep, p.key, 0.16)
    paint_wall(scene, shade(wall, 0.2), shade(wall, 0.34), centre)
    _courses(scene, wall)
    for c in range(columns):
        for r in range(rows):
            if (c, r) != lit:
                _dark_window(scene, place(c, r))
    _bright_window(scene, box)
    scene.canvas.paint(glow(*centre, 0.16), mix(p.glow, p.key, 0.3), mode="screen", opacity=0.42)
    bloom(scene.canvas, threshold=0.6, reach=0.016, strength=0.4)
    vignette(scene.canvas, 0.35, centre)
    lockups = (HEAD_LEFT, HEAD_SPLIT, HEAD_CENTRE) if up else (FOOT_LEFT, FOOT_SPLIT, FOOT_CENTRE)
    return Drawn(lockups, light_inks(scene), centre)


def _courses(scene: Scene, wall: Array) -> None:
    """Faint horizontal boards."""
    pitch = scene.between(0.022, 0.034)
    scene.canvas.paint(
        lambda x, y: np.exp(-((y / pitch) % 1.0) * 7) + 0 * x,
        shade(wall, 0.12),
        mode="multiply",
        opacity=0.28,
    )


def _frame(
    scene: Scene, box: tuple[float, float, float, float], colour: Array, bars: Array
) -> None:
    left, top, right, bottom = box
    rim = (right - left) * 0.07
    canvas = scene.canvas
    sill = rounded(left - rim * 1.8, bottom + rim * 0.4, right + rim * 1.8, bottom + rim * 1.5)
    shadow = rounded(left - rim * 1.5, bottom + rim * 1.2, right + rim * 1.9, bottom + rim * 4)
    soft = rim * 2.5
    canvas.paint(
        lambda x, y: soft_step(-1, 1, shadow(x, y) / soft),
        shade(scene.palette.night, 0.1),
        opacity=0.6,
        top=bottom - 0.02,
        bottom=bottom + 0.12,
    )
    outer = rounded(left - rim, top - rim, right + rim, bottom + rim)
    inner = rounded(left, top, right, bottom)
    canvas.paint(
        lambda x, y: canvas.edge(np.minimum(outer(x, y), -inner(x, y))),
        colour,
        top=top - 0.03,
        bottom=bottom + 0.03,
    )
    canvas.paint(canvas.shape(sill), colour, top=bottom - 0.01, bottom=bottom + 0.06)
    mid_x, mid_y = (left + right) / 2, top + (bottom - top) * 0.36
    thin = rim * 0.3

    def mullions(x: Array, y: Array) -> Array:
        cross = join(thin - np.abs(x - mid_x), thin - np.abs(y - mid_y))
        return meet(cross, inner(x, y))

    canvas.paint(canvas.shape(mullions), bars, top=top, bottom=bottom)


def _dark_window(scene: Scene, box: tuple[float, float, float, float]) -> None:
    p, canvas = scene.palette, scene.canvas
    left, top, right, bottom = box
    inner = rounded(*box)
    slope, start = scene.between(0.25, 0.7), scene.between(0.0, 0.5)
    table = ramp((shade(p.night, 0.12), mix(p.night, p.deep, 0.8), mix(p.deep, p.accent, 0.25)))

    def reflected(x: Array, y: Array) -> Array:
        u, v = (x - left) / (right - left), (y - top) / (bottom - top)
        return clip(start + 0.35 * (1 - v) - slope * np.abs(u - v * 0.6), 0.02, 0.85)

    canvas.paint(canvas.shape(inner), table_ink(reflected, table), top=top, bottom=bottom)
    if scene.rng.random() < 0.4:
        drop = top + (bottom - top) * scene.between(0.25, 0.7)
        blind = rounded(left, top, right, drop)
        canvas.paint(canvas.shape(blind), mix(p.deep, p.accent, 0.22), top=top, bottom=drop)
    frame = mix(p.deep, p.paper, 0.16)
    _frame(scene, box, frame, shade(frame, 0.25))


def _bright_window(scene: Scene, box: tuple[float, float, float, float]) -> None:
    p, canvas = scene.palette, scene.canvas
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    inner = rounded(*box)
    table = ramp((mix(p.key, p.deep, 0.25), p.key, p.glow, mix(p.glow, p.paper, 0.65)))
    lamp = glow(left + width * scene.between(0.25, 0.75), top + height * 0.55, width * 0.9)
    canvas.paint(
        canvas.shape(inner),
        table_ink(lambda x, y: 0.2 + 0.85 * lamp(x, y), table),
        top=top,
        bottom=bottom,
    )
    ink = shade(p.night, 0.13)
    side = scene.side()
    what = scene.chooser.pick("in_the_window", {"plant": 1.0, "cat": 0.8, "reader": 0.8})
    cx = (left + right) / 2 + side * width * 0.16
    shapes = {"plant": plant_outlines, "cat": cat_outlines, "reader": reader_outlines}[what](
        scene, cx, bottom, width
    )
    mask = polygon_mask(canvas.size_px, shapes)
    mask *= canvas.mask(inner)
    canvas.paint(mask, ink, top=top, bottom=bottom)
    for edge, sign in ((left, 1.0), (right, -1.0)):
        fold = curve(scene.seed(), 3.0, 1)

        def drape(
            x: Array,
            y: Array,
            edge: float = edge,
            sign: float = sign,
            fold: Callable[[Array], Array] = fold,
        ) -> Array:
            v = (y - top) / height
            reach = width * (0.2 - 0.07 * np.sin(np.pi * clip(v, 0, 1))) + 0.01 * width * fold(v)
            return meet(reach - sign * (x - edge), inner(x, y))

        canvas.paint(
            canvas.shape(drape),
            mix(p.key, p.glow, 0.25),
            opacity=0.75,
            top=top,
            bottom=bottom,
        )
    frame = mix(p.deep, p.paper, 0.3)
    _frame(scene, box, frame, shade(p.night, 0.2))
