"""A few quiet things on a table, lit from one side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from media.pictures.canvas import table_ink
from media.pictures.colour import Array, mix, ramp, shade
from media.pictures.fields import clip, ellipse, glow, meet, under
from media.pictures.finish import vignette
from media.pictures.scene import Drawn, Scene, lean
from media.pictures.shapes import polygon_mask, turned
from media.pictures.styles.night_window.common import (
    HEAD_CENTRE,
    HEAD_LEFT,
    HEAD_SPLIT,
    dark_inks,
    light_inks,
    paint_wall,
    soften,
)


@dataclass(frozen=True)
class _Vessel:
    """A thing turned on a wheel: half-widths along its height, both in its own units."""

    name: str
    heights: tuple[float, ...]
    halves: tuple[float, ...]
    tall: float


_VESSELS = (
    _Vessel(
        "bottle",
        (0, 0.05, 0.5, 0.62, 0.7, 0.96, 1.0),
        (0.13, 0.15, 0.15, 0.11, 0.055, 0.05, 0.062),
        0.36,
    ),
    _Vessel("vase", (0, 0.1, 0.35, 0.62, 0.84, 1.0), (0.14, 0.22, 0.31, 0.24, 0.11, 0.15), 0.28),
    _Vessel("cup", (0, 0.08, 0.5, 1.0), (0.3, 0.38, 0.45, 0.47), 0.125),
    _Vessel("bowl", (0, 0.06, 0.3, 0.65, 1.0), (0.34, 0.4, 0.75, 1.02, 1.1), 0.105),
    _Vessel("jug", (0, 0.1, 0.4, 0.7, 0.88, 1.0), (0.24, 0.3, 0.34, 0.25, 0.2, 0.235), 0.25),
    _Vessel(
        "pear",
        (0, 0.12, 0.34, 0.6, 0.82, 0.95, 1.0),
        (0.12, 0.34, 0.42, 0.3, 0.2, 0.11, 0.02),
        0.135,
    ),
    _Vessel(
        "orange",
        (0, 0.07, 0.25, 0.5, 0.75, 0.93, 1.0),
        (0.12, 0.27, 0.43, 0.5, 0.43, 0.27, 0.02),
        0.115,
    ),
)


def still_life(scene: Scene) -> Drawn:
    """A few quiet things on a table, lit from one side."""
    p, canvas = scene.palette, scene.canvas
    table_y = scene.between(0.64, 0.72)
    light = scene.side()
    dark = (
        scene.chooser.pick(
            "room", {"lamplit": 1.0, "daylit": lean(0.9, 0.9, scene.feeling.valence)}
        )
        == "lamplit"
    )
    wall = mix(p.deep, p.accent, 0.25) if dark else mix(p.paper, p.accent, 0.45)
    paint_wall(scene, shade(wall, 0.24 if dark else 0.68), wall, (0.5 + light * 0.4, 0.3))
    board = mix(p.key, p.deep, 0.35) if dark else mix(p.key, p.paper, 0.35)
    planks = ramp((shade(board, 0.5 if dark else 0.72), shade(board, 0.3 if dark else 0.6)))
    canvas.paint(
        canvas.shape(under(table_y)),
        table_ink(
            lambda x, y: (y - table_y) / (1 - table_y) * 0.8 + 0.2 * np.abs(x - 0.5 - light * 0.5),
            planks,
        ),
        top=table_y - 0.01,
    )
    order = scene.rng.permutation(len(_VESSELS))
    chosen = sorted(
        (_VESSELS[int(i)] for i in order[: int(scene.rng.integers(3, 5))]), key=lambda v: -v.tall
    )
    colours = [p.key, p.accent, p.paper, p.glow, mix(p.deep, p.accent, 0.5)]
    start = int(scene.rng.integers(0, len(colours)))
    for index, (vessel, x, y) in enumerate(_arrange(scene, chosen, table_y)):
        colour = colours[(start + index) % len(colours)]
        _turned(scene, vessel, x, y, colour, light, 0.62 if dark else 0.4)
    if dark:
        canvas.paint(glow(0.5 + light * 0.5, 0.25, 0.4), p.glow, mode="screen", opacity=0.22)
    vignette(canvas, 0.4 if dark else 0.18)
    inks = light_inks(scene) if dark else dark_inks(scene)
    return Drawn((HEAD_LEFT, HEAD_SPLIT, HEAD_CENTRE), inks, (0.5, table_y - 0.1))


def _arrange(
    scene: Scene, vessels: list[_Vessel], table_y: float
) -> list[tuple[_Vessel, float, float]]:
    """Tall things behind, small ones in front, nearly touching, the group centred."""
    scale = 1.18
    widths = [2 * max(v.halves) * v.tall * scale for v in vessels]
    spots, x = [], 0.0
    line_up = list(scene.rng.permutation(len(vessels)))
    for i in line_up:
        x += widths[i] / 2
        spots.append((i, x))
        x += widths[i] / 2 * scene.between(0.78, 1.12) + 0.012
    shift = 0.5 - x / 2 + scene.between(-0.05, 0.05)
    placed = []
    for i, at in spots:
        near = 0.035 + 0.085 * (1 - vessels[i].tall / 0.36) + scene.between(-0.01, 0.015)
        placed.append((vessels[i], at + shift, table_y + near))
    return sorted(placed, key=lambda item: item[2])


def _turned(
    scene: Scene, vessel: _Vessel, cx: float, foot: float, colour: Array, light: float, dusk: float
) -> None:
    canvas, p = scene.canvas, scene.palette
    tall = vessel.tall * 1.18
    t = np.linspace(0, 1, 200)
    smooth = PchipInterpolator(vessel.heights, vessel.halves)(t).astype(np.float32)

    def half_at(y: Array) -> Array:
        up = np.interp((foot - y) / tall, t, smooth, left=-0.01, right=-0.01)
        return np.asarray(up * tall, np.float32)

    side = np.stack([smooth, -t], axis=1)
    outline = np.concatenate([side, (side * (-1, 1))[::-1]]) * tall
    # The shadow lies on the table: flattened, and drawn out away from the light.
    lying = (outline * (1.0, 0.2)).astype(np.float32)
    lying[:, 0] += light * outline[:, 1] * 1.25
    mask = polygon_mask(canvas.size_px, [turned(lying, 0.0, cx, foot)])
    canvas.paint(soften(mask, 0.008), shade(p.night, 0.14), mode="multiply", opacity=0.6)
    base = float(smooth[2]) * tall
    contact = glow(cx, foot, base * 0.55, squash=6.0)
    canvas.paint(contact, shade(p.night, 0.1), mode="multiply", opacity=0.75)
    table = ramp(
        (shade(colour, dusk * 0.35), shade(colour, dusk * 0.9), colour, mix(colour, p.paper, 0.45))
    )
    bow = base * 0.16

    def inside(x: Array, y: Array) -> Array:
        off = (x - cx) / max(base, 1e-4)
        lower = foot + bow * np.sqrt(clip(1 - off * off, 0, 1)) - y
        width = half_at(np.minimum(y, foot - 0.004))
        return meet(width - np.abs(x - cx), lower, y - (foot - tall))

    def lit(x: Array, y: Array) -> Array:
        across = (x - cx) / np.maximum(half_at(np.minimum(y, foot - 0.004)), 1e-3)
        up = (foot - y) / tall
        return clip(0.46 + 0.44 * light * across - 0.18 * across**2 + 0.1 * up, 0, 1)

    canvas.paint(
        canvas.shape(inside),
        table_ink(lit, table),
        top=foot - tall - 0.01,
        bottom=foot + 0.03,
    )
    if vessel.name in ("cup", "bowl", "jug", "vase"):
        rim = float(smooth[-4]) * tall
        canvas.paint(
            canvas.shape(ellipse(cx, foot - tall, rim, rim / 5.5)),
            table_ink(lambda x, y: 0.3 - 0.35 * light * (x - cx) / rim + 0 * y, table),
            top=foot - tall - 0.05,
            bottom=foot - tall + 0.05,
        )
