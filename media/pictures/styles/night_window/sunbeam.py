"""Late light through panes, lying on a wall, with the shadow of a plant."""

from __future__ import annotations

import numpy as np

from media.pictures.colour import Array, mix, shade
from media.pictures.finish import bloom
from media.pictures.scene import Drawn, Scene, lean
from media.pictures.shapes import leaf, polygon_mask, ribbon, turned
from media.pictures.styles.night_window.common import (
    FOOT_LEFT,
    FOOT_SPLIT,
    HEAD_LEFT,
    HEAD_SPLIT,
    dark_inks,
    light_inks,
    paint_wall,
    soften,
)


def sunbeam(scene: Scene) -> Drawn:
    """Late light through panes, lying on a wall, with the shadow of a plant."""
    p, canvas = scene.palette, scene.canvas
    hour = scene.chooser.pick(
        "hour",
        {
            "afternoon": lean(1.0, 0.8, scene.feeling.valence),
            "golden": 1.0,
            "moonlit": lean(0.9, -0.9, scene.feeling.valence),
        },
    )
    wall = {"afternoon": shade(p.accent, 0.66), "golden": shade(p.key, 0.56), "moonlit": p.deep}[
        hour
    ]
    light = {
        "afternoon": mix(p.paper, p.glow, 0.4),
        "golden": p.glow,
        "moonlit": mix(p.accent, p.paper, 0.55),
    }[hour]
    side = scene.side()
    cx, cy = 0.5 + side * scene.between(0.0, 0.12), scene.between(0.48, 0.56)
    paint_wall(
        scene,
        shade(wall, 0.62 if hour == "afternoon" else 0.36 if hour == "golden" else 0.2),
        wall,
        (cx, cy),
    )
    columns, rows = int(scene.rng.integers(2, 4)), int(scene.rng.integers(2, 4))
    wide, tall = scene.between(0.46, 0.62), scene.between(0.46, 0.58)
    skew, turn = side * scene.between(0.18, 0.42), side * scene.between(0.05, 0.2)
    panes = []
    for c in range(columns):
        for r in range(rows):
            u0, u1 = (c + 0.055) / columns - 0.5, (c + 0.945) / columns - 0.5
            v0, v1 = (r + 0.045) / rows - 0.5, (r + 0.955) / rows - 0.5
            corners = np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]]) * (wide, tall)
            x = cx + corners[:, 0] + skew * corners[:, 1]
            y = cy + corners[:, 1] + turn * corners[:, 0]
            panes.append(np.stack([x, y], axis=1).astype(np.float32))
    mask = polygon_mask(canvas.size_px, panes)
    lit = 0.72 * soften(mask, 0.0035) + 0.28 * soften(mask, 0.02)
    foliage = soften(polygon_mask(canvas.size_px, _foliage(scene, cx, cy, side)), 0.006)
    shadowed = lit * (1 - 0.9 * foliage)
    canvas.paint(shadowed, light, opacity=0.86)
    canvas.paint(soften(mask, 0.07), light, mode="screen", opacity=0.16)
    bloom(canvas, threshold=0.7, reach=0.02, strength=0.25)
    lockups = (FOOT_LEFT, FOOT_SPLIT, HEAD_LEFT, HEAD_SPLIT)
    return Drawn(lockups, light_inks(scene) if hour != "afternoon" else dark_inks(scene), (cx, cy))


def _foliage(scene: Scene, cx: float, cy: float, side: float) -> list[Array]:
    shapes: list[Array] = []
    root_x, root_y = cx - side * scene.between(0.1, 0.3), cy + 0.42
    for _ in range(int(scene.rng.integers(3, 6))):
        lean_x = side * scene.between(-0.1, 0.34)
        t = np.linspace(0, 1, 60)
        stem = np.stack(
            [root_x + lean_x * t**1.5, root_y - scene.between(0.42, 0.72) * t], axis=1
        ).astype(np.float32)
        shapes.append(ribbon(stem, np.linspace(0.008, 0.004, 60)))
        for index in range(7):
            at = stem[12 + index * 7]
            angle = -np.pi / 2 + (1 if index % 2 else -1) * scene.between(0.5, 1.2) + lean_x
            length = scene.between(0.09, 0.16)
            shapes.append(
                turned(
                    leaf(length, length * 0.36, scene.between(-0.3, 0.3)), angle, *map(float, at)
                )
            )
    return shapes
