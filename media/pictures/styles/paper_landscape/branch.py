"""One branch before one large disc."""

from __future__ import annotations

import numpy as np

from media.pictures.colour import Array
from media.pictures.fields import disc
from media.pictures.scene import Drawn, Scene
from media.pictures.shapes import leaf, polygon_mask, ribbon, turned
from media.pictures.styles.paper_landscape.common import (
    FOOT_CENTRE,
    FOOT_LEFT,
    HEAD_CENTRE,
    HEAD_LEFT,
    begin,
    layer_colour,
    letter_inks,
)


def branch(scene: Scene) -> Drawn:
    """One branch before one large disc."""
    hour, stack = begin(scene)
    up = scene.rng.random() < 0.65
    cx = 0.5 + scene.side() * scene.between(0.0, 0.1)
    cy = scene.between(0.38, 0.42) if up else scene.between(0.6, 0.64)
    radius = scene.between(0.23, 0.29)
    disc_colour = hour.orb if hour.name != "evening" else scene.palette.key
    stack.sheet(disc(cx, cy, radius), disc_colour, lift=0.8)
    side = scene.side()
    t = np.linspace(0, 1, 120)
    x = 0.5 + side * (-0.56 + 0.98 * t)
    y = cy + scene.between(0.12, 0.2) - 0.34 * t + scene.between(0.06, 0.12) * np.sin(np.pi * t)
    stem = np.stack([x, y], axis=1).astype(np.float32)
    count = int(scene.rng.integers(15, 23))
    tones = [layer_colour(hour, d) for d in (0.98, 0.82, 0.66)]
    n = scene.canvas.size_px
    outlines: list[list[Array]] = [[], [], []]
    length, slim = scene.between(0.14, 0.2), scene.between(0.26, 0.42)
    for index in range(count):
        at = 0.07 + 0.93 * index / (count - 1)
        k = int(at * 119)
        ahead = stem[min(k + 1, 119)] - stem[max(k - 1, 0)]
        heading = float(np.arctan2(ahead[1], ahead[0]))
        away = 0.0 if index == count - 1 else (1 if index % 2 else -1) * scene.between(0.55, 1.05)
        size = length * (1.05 - 0.55 * at) * scene.between(0.85, 1.12)
        shape = leaf(size, size * slim, scene.between(-0.3, 0.3))
        outlines[index % 3].append(
            turned(shape, heading + away, float(stem[k, 0]), float(stem[k, 1]))
        )
    for tone, group in zip(tones[::-1], outlines, strict=True):
        stack.piece(polygon_mask(n, group), tone, lift=0.9)
    stack.piece(polygon_mask(n, [ribbon(stem, np.linspace(0.011, 0.003, 120))]), tones[0], lift=0.6)
    return Drawn(
        (FOOT_CENTRE, FOOT_LEFT) if up else (HEAD_CENTRE, HEAD_LEFT), letter_inks(scene), (cx, cy)
    )
