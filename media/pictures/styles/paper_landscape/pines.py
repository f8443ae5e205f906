"""Rows of spruces going into mist, a moon above them."""

from __future__ import annotations

import numpy as np

from domain.art import Motif
from media.pictures.noise import curve
from media.pictures.scene import Drawn, Scene
from media.pictures.shapes import polygon_mask
from media.pictures.styles.paper_landscape.common import (
    DARK,
    HEAD_CENTRE,
    HEAD_LEFT,
    SKY_SPLIT,
    begin,
    cut_below,
    lay_birds,
    lay_orb,
    layer_colour,
    letter_inks,
    ridge_line,
    stand_trees,
)


def pines(scene: Scene) -> Drawn:
    """Rows of spruces going into mist, a moon above them."""
    hour, stack = begin(scene)
    cx, cy = 0.5 + scene.side() * scene.between(0.0, 0.22), scene.between(0.36, 0.47)
    lay_orb(scene, stack, hour, cx, cy, scene.between(0.1, 0.17))
    rows = int(scene.rng.integers(4, 6))
    first = scene.between(0.56, 0.64)
    valley = scene.side() * scene.between(0.0, 0.12)
    for index in range(rows):
        depth = index / (rows - 1)
        base = first + (1.04 - first) * depth
        line = curve(scene.seed(), 1.6, 2, 0.3)
        top = ridge_line(line, base, 0.045, valley * (1 - 2 * (index % 2)) * 1.4)
        tall = 0.1 + 0.19 * depth**1.3
        count = round(24 - 13 * depth)
        grove = stand_trees(scene, top, count=count, tall=tall, left=-0.03, right=1.03)
        mask = polygon_mask(scene.canvas.size_px, grove)
        np.maximum(mask, scene.canvas.mask(cut_below(top, curve(scene.seed(), 26, 1))), out=mask)
        stack.piece(mask, layer_colour(hour, 0.1 + 0.9 * depth), lift=0.8 + 0.9 * depth)
    if scene.wants(Motif.BIRDS, 0.35):
        lay_birds(
            scene,
            stack,
            layer_colour(hour, 0.9) if hour.name not in DARK else hour.orb,
            (1 - cx, cy),
        )
    return Drawn((HEAD_CENTRE, HEAD_LEFT, SKY_SPLIT), letter_inks(scene), (cx, cy))
