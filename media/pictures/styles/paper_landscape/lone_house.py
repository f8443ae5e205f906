"""A great sky, and under it one house with a light on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from domain.art import Motif
from media.pictures.colour import Array, lch, mix
from media.pictures.fields import clip, meet
from media.pictures.noise import Curve, curve
from media.pictures.paper import PaperStack
from media.pictures.scene import Drawn, Scene
from media.pictures.shapes import polygon_mask, rectangle
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


def lone_house(scene: Scene) -> Drawn:
    """A great sky, and under it one house with a light on."""
    hour, stack = begin(scene)
    ground = scene.between(0.72, 0.8)
    cx = 0.5 + scene.side() * scene.between(0.1, 0.27)
    if scene.wants(Motif.MOON, 0.55) or hour.name == "night":
        lay_orb(scene, stack, hour, 1 - cx, scene.between(0.42, 0.52), scene.between(0.045, 0.1))
    for index in range(int(scene.rng.integers(2, 5))):
        y0, reach = 0.42 + 0.075 * index + scene.between(-0.02, 0.02), scene.between(0.25, 0.5)
        mid = scene.between(0.1, 0.9)
        stack.sheet(
            _cloud(mid, y0, reach, curve(scene.seed(), 9, 3)),
            mix(
                hour.sky_low,
                hour.orb if hour.name != "morning" else scene.palette.accent,
                0.16 + 0.05 * index,
            ),
            lift=0.6,
        )
    far = ridge_line(
        curve(scene.seed(), 1.8, 2, 0.3), ground - 0.035, 0.035, scene.between(-0.08, 0.08)
    )
    stack.sheet(cut_below(far, curve(scene.seed(), 26, 1)), layer_colour(hour, 0.3), lift=0.8)
    top = ridge_line(curve(scene.seed(), 1.3, 1), ground, 0.03, scene.between(-0.1, 0.1))
    stack.sheet(cut_below(top, curve(scene.seed(), 26, 1)), layer_colour(hour, 0.7), lift=1.0)
    _house(scene, stack, hour, cx, float(top(np.array([cx], np.float32))[0]))
    near = ridge_line(
        curve(scene.seed(), 1.4, 2, 0.3), ground + 0.13, 0.04, scene.between(-0.14, 0.14)
    )
    stack.sheet(cut_below(near, curve(scene.seed(), 26, 1)), layer_colour(hour, 0.98), lift=1.5)
    if scene.wants(Motif.BIRDS, 0.5):
        lay_birds(
            scene, stack, layer_colour(hour, 0.9) if hour.name not in DARK else hour.orb, (cx, 0.5)
        )
    return Drawn((HEAD_CENTRE, HEAD_LEFT, SKY_SPLIT), letter_inks(scene), (cx, ground))


def _cloud(mid: float, y0: float, reach: float, torn: Curve) -> Callable[[Array, Array], Array]:
    def inside(x: Array, y: Array) -> Array:
        along = clip(1 - ((x - mid) / reach) ** 2)
        upper = y0 - 0.032 * along**0.6 + 0.005 * torn(x)
        lower = y0 + 0.01 * along**0.6 + 0.003 * torn(x * 0.9 + 0.05)
        return meet(y - upper, lower - y, (along - 0.002) * 0.1)

    return inside


def _house(scene: Scene, stack: PaperStack, hour: Hour, cx: float, foot: float) -> None:
    n, w = scene.canvas.size_px, scene.between(0.036, 0.048)
    wall = mix(scene.palette.paper, hour.orb, 0.3)
    if hour.name in DARK:
        wall = mix(scene.palette.deep, scene.palette.accent, 0.6)
    if lch(layer_colour(hour, 0.3))[0] > 0.75:
        wall = scene.palette.key
    body = rectangle(cx - w, foot - w * 1.05, cx + w, foot + 0.02)
    roof = np.array(
        [[cx - w * 1.25, foot - w * 1.0], [cx, foot - w * 2.05], [cx + w * 1.25, foot - w * 1.0]],
        np.float32,
    )
    side = scene.side()
    chimney = rectangle(
        cx + side * w * 0.55 - w * 0.13,
        foot - w * 2.1,
        cx + side * w * 0.55 + w * 0.13,
        foot - w * 1.4,
    )
    stack.piece(polygon_mask(n, [chimney]), layer_colour(hour, 0.9), lift=0.3)
    stack.piece(polygon_mask(n, [body]), wall, lift=0.5)
    stack.piece(polygon_mask(n, [roof]), layer_colour(hour, 0.95), lift=0.4)
    pane = rectangle(cx - w * 0.62, foot - w * 0.78, cx - w * 0.12, foot - w * 0.28)
    door = rectangle(cx + w * 0.2, foot - w * 0.72, cx + w * 0.6, foot + 0.01)
    stack.piece(
        polygon_mask(n, [pane]),
        scene.palette.glow if hour.name != "morning" else scene.palette.deep,
        lift=0.15,
    )
    stack.piece(polygon_mask(n, [door]), layer_colour(hour, 0.9), lift=0.15)
    trees = stand_trees(
        scene,
        lambda x: foot + 0 * x,
        count=2,
        tall=w * 3.2,
        left=cx - side * w * 2.2 - w * 0.6,
        right=cx - side * w * 2.2 + w * 0.6,
    )
    stack.piece(polygon_mask(n, trees), layer_colour(hour, 0.88), lift=0.5)
