"""Hours, sheets, birds and trees that all paper pictures share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from media.pictures.colour import Array, mix, ramp, shade
from media.pictures.fields import clip, disc
from media.pictures.noise import Curve
from media.pictures.paper import PaperStack
from media.pictures.scene import Scene, lean
from media.pictures.shapes import bird, pine, polygon_mask, turned
from media.pictures.typeset import MARGIN, Area, Lockup

DARK = ("dusk", "night")


ORB_TOP = 0.27
"""No sun or moon stands higher: the title is there."""


HEAD_CENTRE = Lockup(
    "head_centre", Area(MARGIN, MARGIN + 0.012, 1 - MARGIN, 0.27), "centre", "top", "below", 0.085
)


HEAD_LEFT = Lockup(
    "head_left", Area(MARGIN, MARGIN, 1 - MARGIN, 0.27), "left", "top", "below", 0.09
)


SKY_SPLIT = Lockup(
    "sky_split", Area(MARGIN, MARGIN, 1 - MARGIN, 0.27), "left", "top", "foot", 0.095
)


FOOT_CENTRE = Lockup(
    "foot_centre", Area(MARGIN, 0.76, 1 - MARGIN, 1 - MARGIN), "centre", "bottom", "below", 0.08
)


FOOT_LEFT = Lockup(
    "foot_left", Area(MARGIN, 0.68, 1 - MARGIN, 1 - MARGIN), "left", "bottom", "head", 0.09
)


@dataclass(frozen=True)
class Hour:
    """The colours of a time of day."""

    name: str
    sky: Array
    sky_low: Array
    orb: Array
    layers: Array
    """A colour table from the farthest sheet (0) to the nearest (1)."""


def choose_hour(scene: Scene) -> Hour:
    """Choose the time of day by mood and mix its colours."""
    p, feeling = scene.palette, scene.feeling
    name = scene.chooser.pick(
        "hour",
        {
            "morning": lean(1.0, 0.8, feeling.valence),
            "evening": lean(1.0, 0.3, feeling.arousal),
            "dusk": lean(0.9, 0.4, feeling.dominance),
            "night": lean(0.8, -0.9, feeling.valence),
        },
    )
    if name == "morning":
        sky, low, orb = p.paper, mix(p.paper, p.glow, 0.45), p.key
        layers = ramp(
            (mix(p.paper, p.accent, 0.45), p.accent, p.key, p.deep, p.night), softness=0.02
        )
    elif name == "evening":
        sky, low, orb = mix(p.glow, p.key, 0.4), p.glow, p.paper
        layers = ramp(
            (mix(p.glow, p.key, 0.75), p.key, mix(p.key, p.deep, 0.6), p.deep, p.night),
            softness=0.02,
        )
    else:
        sky, low, orb = p.night, mix(p.night, p.deep, 0.9), p.paper
        layers = ramp(
            (
                mix(p.deep, p.accent, 0.35),
                p.accent,
                mix(p.accent, p.deep, 0.5),
                p.deep,
                shade(p.night, 0.15),
            ),
            softness=0.02,
        )
    return Hour(name, sky, low, orb, layers)


def begin(scene: Scene) -> tuple[Hour, PaperStack]:
    """Choose the hour and lay the sky."""
    hour = choose_hour(scene)
    stack = PaperStack(scene.canvas, scene.seed(), scene.side())
    stack.ground(ramp((hour.sky, hour.sky_low)), hour.sky)
    return hour, stack


def letter_inks(scene: Scene) -> tuple[Array, ...]:
    """Inks for light and dark skies, the preferred one first."""
    p = scene.palette
    return (shade(p.night, 0.2), p.paper, shade(p.night, 0.1))


def layer_colour(hour: Hour, depth: float) -> Array:
    """The colour of a sheet by its depth, 0 far to 1 near."""
    return np.asarray(hour.layers[int(clip(depth, 0, 1) * (len(hour.layers) - 1))], np.float32)


def lay_orb(
    scene: Scene, stack: PaperStack, hour: Hour, cx: float, cy: float, radius: float
) -> None:
    """Sun or moon as a disc on paler rings."""
    rings = int(scene.rng.integers(0, 3))
    while rings and cy - radius * (1 + 0.42 * rings) < ORB_TOP:
        rings -= 1
    cy = max(cy, ORB_TOP + radius)
    for ring in range(rings, 0, -1):
        colour = mix(hour.sky, hour.orb, 0.3 / ring + 0.05)
        stack.sheet(disc(cx, cy, radius * (1 + 0.42 * ring)), colour, lift=0.5)
    stack.sheet(disc(cx, cy, radius), hour.orb, lift=0.8)
    if hour.name in DARK and scene.rng.random() < 0.45:
        off = radius * 0.36 * scene.side()
        colour = mix(hour.sky, hour.orb, 0.3 / max(rings, 1) + 0.05 if rings else 0.02)
        bite = disc(cx + off, cy - radius * 0.12, radius * 0.9)
        whole = disc(cx, cy, radius * 1.005)
        stack.sheet(lambda x, y: np.minimum(bite(x, y), whole(x, y)), colour, lift=0.35)


def ridge_line(line: Curve, base: float, height: float, tilt: float) -> Callable[[Array], Array]:
    """The top edge of a hill as a function of x."""

    def top(x: Array) -> Array:
        return base - height * line(x) + tilt * (x - 0.5)

    return top


def cut_below(top: Callable[[Array], Array], cut: Curve) -> Callable[[Array, Array], Array]:
    """Everything under a ridge, with the slight unsteadiness of scissors."""
    return lambda x, y: y - top(x) - 0.0011 * cut(x)


def lay_birds(scene: Scene, stack: PaperStack, ink: Array, around: tuple[float, float]) -> None:
    """Lay a loose flight of birds."""
    count = int(scene.rng.integers(3, 8))
    heading = scene.between(-0.3, 0.3)
    outlines = []
    for index in range(count):
        span = scene.between(0.026, 0.052)
        x = around[0] + (index - count / 2) * 0.05 + scene.between(-0.015, 0.015)
        y = around[1] + abs(index - count / 2) * 0.022 + scene.between(-0.014, 0.014)
        shape = bird(span, scene.between(0.12, 0.26))
        outlines.append(turned(shape, heading * 0.5, x, y))
    stack.piece(polygon_mask(scene.canvas.size_px, outlines), ink, lift=0.3)


def stand_trees(
    scene: Scene,
    top: Callable[[Array], Array],
    *,
    count: int,
    tall: float,
    left: float,
    right: float,
) -> list[Array]:
    """Outlines of spruces standing on a ridge."""
    trees = []
    for x in np.sort(scene.rng.uniform(left, right, count)):
        height = tall * scene.between(0.45, 1.2)
        foot = float(top(np.array([x], np.float32))[0])
        trees.append(
            turned(
                pine(scene.rng, height, height * scene.between(0.4, 0.52)),
                0.0,
                float(x),
                foot + 0.006,
            )
        )
    return trees
