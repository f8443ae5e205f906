"""Looking through holes in sheet behind sheet, to a small far place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from domain.art import Motif
from media.pictures.colour import Array
from media.pictures.fields import join
from media.pictures.noise import Curve, curve
from media.pictures.scene import Drawn, Scene
from media.pictures.styles.paper_landscape.common import (
    DARK,
    FOOT_CENTRE,
    HEAD_CENTRE,
    begin,
    cut_below,
    lay_birds,
    lay_orb,
    layer_colour,
    letter_inks,
    ridge_line,
)


def cutout(scene: Scene) -> Drawn:
    """Looking through holes in sheet behind sheet, to a small far place."""
    hour, stack = begin(scene)
    up = scene.rng.random() < 0.7
    cx, cy = (
        scene.between(0.42, 0.58),
        scene.between(0.38, 0.43) if up else scene.between(0.58, 0.62),
    )
    inner = scene.between(0.13, 0.17)
    lay_orb(scene, stack, hour, cx + scene.between(-0.06, 0.06), cy - inner * 0.25, inner * 0.42)
    for depth in (0.2, 0.45, 0.7):
        line = curve(scene.seed(), 2.6, 2, 0.3)
        top = ridge_line(line, cy + inner * (0.15 + 0.75 * depth), 0.03, scene.between(-0.1, 0.1))
        stack.sheet(cut_below(top, curve(scene.seed(), 26, 1)), layer_colour(hour, depth), lift=0.6)
    if scene.wants(Motif.BIRDS, 0.4):
        lay_birds(
            scene,
            stack,
            layer_colour(hour, 0.95) if hour.name not in DARK else hour.orb,
            (cx, cy - inner * 0.6),
        )
    count = int(scene.rng.integers(4, 6))
    order = (
        np.linspace(0.95, 0.12, count)
        if scene.rng.random() < 0.6
        else np.linspace(0.25, 1.0, count)
    )
    kind = scene.chooser.pick("opening", {"cave": 1.0, "arch": 0.8, "round": 0.6})
    for index in range(count):
        radius = inner + (0.34 - inner) * (index / (count - 1)) ** 0.9
        wobble = curve(scene.seed(), 5.0, 2, 0.4)
        stack.sheet(
            _opening(kind, cx, cy, radius, wobble, 0.028 + 0.05 * index / count),
            layer_colour(hour, float(order[index])),
            lift=1.2 + 0.25 * index,
        )
    return Drawn((FOOT_CENTRE,) if up else (HEAD_CENTRE,), letter_inks(scene), (cx, cy))


def _opening(
    kind: str, cx: float, cy: float, radius: float, wobble: Curve, amount: float
) -> Callable[[Array, Array], Array]:
    def outside(x: Array, y: Array) -> Array:
        dx, dy = x - cx, y - cy
        if kind == "arch":
            crown = np.hypot(dx, np.minimum(dy, 0))
            return join(crown - radius * 0.92, dy - radius * 0.92 + 0 * x)
        far = np.asarray(np.hypot(dx, dy * 1.02), np.float32)
        if kind == "round":
            return far - radius
        angle = np.arctan2(dy, dx)
        # The wobble must close on itself: walk it along a circle, not along the angle.
        shift = wobble(0.5 + 0.25 * np.cos(angle)) + wobble(0.4 + 0.25 * np.sin(angle))
        return far - radius * (1 + amount * 2.2 * shift)

    return outside
