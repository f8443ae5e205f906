"""Hills behind hills under one sun or moon."""

from __future__ import annotations

from domain.art import Motif
from media.pictures.colour import mix
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


def hills(scene: Scene) -> Drawn:
    """Hills behind hills under one sun or moon."""
    hour, stack = begin(scene)
    cx, radius = 0.5 + scene.side() * scene.between(0.05, 0.27), scene.between(0.085, 0.15)
    cy = scene.between(0.42, 0.52)
    lay_orb(scene, stack, hour, cx, cy, radius)
    count = int(scene.rng.integers(5, 8))
    first = scene.between(0.5, 0.6)
    swell = 0.055 + 0.02 * scene.feeling.arousal
    warm = int(scene.rng.integers(1, count - 1))
    for index in range(count):
        depth = index / (count - 1)
        base = first + (0.93 - first) * depth**1.05
        line = curve(scene.seed(), scene.between(1.1, 2.2), 2, 0.25)
        top = ridge_line(line, base, swell * (1 + 0.35 * depth), scene.between(-0.16, 0.16))
        colour = layer_colour(hour, 0.08 + 0.92 * depth)
        if index == warm:
            colour = mix(colour, hour.orb if hour.name == "morning" else scene.palette.key, 0.55)
        stack.sheet(cut_below(top, curve(scene.seed(), 26, 1)), colour, lift=0.9 + 0.6 * depth)
        if index == warm and scene.wants(Motif.PINES, 0.55):
            edge = scene.between(0.05, 0.6)
            grove = stand_trees(scene, top, count=7, tall=0.075, left=edge, right=edge + 0.3)
            stack.piece(
                polygon_mask(scene.canvas.size_px, grove),
                layer_colour(hour, min(1, depth + 0.35)),
                lift=0.4,
            )
    if scene.wants(Motif.BIRDS, 0.5):
        ink = layer_colour(hour, 0.95) if hour.name not in DARK else hour.orb
        lay_birds(scene, stack, ink, (1 - cx + scene.between(-0.05, 0.05), cy - 0.03))
    return Drawn((HEAD_CENTRE, HEAD_LEFT, SKY_SPLIT), letter_inks(scene), (cx, cy))
