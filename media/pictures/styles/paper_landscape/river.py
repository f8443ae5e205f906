"""A river winding out of the hills towards us."""

from __future__ import annotations

import numpy as np

from domain.art import Motif
from media.pictures.colour import Array, mix
from media.pictures.noise import Curve, curve
from media.pictures.paper import PaperStack
from media.pictures.scene import Drawn, Scene
from media.pictures.shapes import polygon_mask, ribbon
from media.pictures.styles.paper_landscape.common import (
    DARK,
    HEAD_CENTRE,
    HEAD_LEFT,
    SKY_SPLIT,
    Hour,
    begin,
    cut_below,
    lay_birds,
    lay_orb,
    layer_colour,
    letter_inks,
    ridge_line,
    stand_trees,
)


def river(scene: Scene) -> Drawn:
    """A river winding out of the hills towards us."""
    hour, stack = begin(scene)
    horizon = scene.between(0.44, 0.52)
    cx = 0.5 + scene.side() * scene.between(0.0, 0.16)
    lay_orb(scene, stack, hour, cx, horizon - scene.between(0.0, 0.09), scene.between(0.08, 0.13))
    for depth in (0.0, 0.14):
        line = curve(scene.seed(), 2.2, 3, 0.35)
        top = ridge_line(line, horizon + 0.05 * (depth > 0), 0.05, scene.between(-0.06, 0.06))
        stack.sheet(
            cut_below(top, curve(scene.seed(), 26, 1)), layer_colour(hour, 0.1 + depth), lift=0.8
        )
    plain = horizon + 0.075
    stack.sheet(lambda x, y: y - plain + 0 * x, layer_colour(hour, 0.38), lift=0.7)
    t = np.linspace(0, 1, 160)
    sway = scene.side() * scene.between(0.16, 0.26)
    bends = scene.between(1.35, 2.0)
    y = plain + (1.06 - plain) * t**1.7
    x = cx + sway * np.sin(t * np.pi * bends) * (0.12 + 0.88 * t) + (0.5 - cx) * t
    flow = ribbon(np.stack([x, y], axis=1).astype(np.float32), 0.01 + 0.44 * t**2.3)
    water = (
        mix(hour.orb, hour.sky_low, 0.25)
        if hour.name != "morning"
        else mix(scene.palette.paper, scene.palette.accent, 0.15)
    )
    stack.piece(polygon_mask(scene.canvas.size_px, [flow]), water, lift=0.35)
    _banks(scene, stack, hour, plain)
    if scene.wants(Motif.BIRDS, 0.4):
        lay_birds(
            scene,
            stack,
            layer_colour(hour, 0.9) if hour.name not in DARK else hour.orb,
            (1 - cx, horizon - 0.12),
        )
    return Drawn((HEAD_CENTRE, HEAD_LEFT, SKY_SPLIT), letter_inks(scene), (cx, horizon))


def _banks(scene: Scene, stack: PaperStack, hour: Hour, plain: float) -> None:
    side = scene.side()
    for index in range(4):
        depth = 0.45 + 0.55 * index / 3
        side = -side
        reach = scene.between(0.24, 0.36) + 0.02 * index
        base = plain + 0.09 + (1.0 - plain) * (0.12 + 0.3 * index)
        line = curve(scene.seed(), 1.6, 2, 0.3)

        def top(
            x: Array,
            side: float = side,
            reach: float = reach,
            base: float = base,
            line: Curve = line,
        ) -> Array:
            inward = (x if side < 0 else 1 - x) / reach
            return base - 0.13 * (1 - inward**2) + 0.02 * line(x)

        stack.sheet(
            cut_below(top, curve(scene.seed(), 26, 1)),
            layer_colour(hour, depth),
            lift=1.0 + 0.15 * index,
        )
        if index in (1, 2):
            left = 0.01 if side < 0 else 1 - reach * 0.75
            grove = stand_trees(
                scene, top, count=5, tall=0.085 + 0.03 * index, left=left, right=left + reach * 0.7
            )
            stack.piece(
                polygon_mask(scene.canvas.size_px, grove),
                layer_colour(hour, min(1.0, depth + 0.18)),
                lift=0.5,
            )
