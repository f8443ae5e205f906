"""What may stand in a lit window: a plant, a cat, somebody reading."""

from __future__ import annotations

import numpy as np

from media.pictures.colour import Array
from media.pictures.scene import Scene
from media.pictures.shapes import leaf, ribbon, turned


def plant_outlines(scene: Scene, cx: float, foot: float, width: float) -> list[Array]:
    """A pot plant standing at `foot`."""
    pot = np.array([[-0.11, -0.2], [0.11, -0.2], [0.08, 0.0], [-0.08, 0.0]], np.float32)
    shapes = [(pot * width + (cx, foot)).astype(np.float32)]
    for index in range(9):
        angle = -np.pi / 2 + (index - 4) * 0.3 + scene.between(-0.1, 0.1)
        length = width * scene.between(0.28, 0.46)
        blade = leaf(length, length * 0.3, scene.between(-0.3, 0.3))
        shapes.append(turned(blade, angle, cx, foot - 0.17 * width))
    return shapes


def cat_outlines(scene: Scene, cx: float, foot: float, width: float) -> list[Array]:
    """A sitting cat, its tail along the sill."""
    t = np.linspace(0, 2 * np.pi, 60)
    ring = np.stack([np.cos(t), np.sin(t)], axis=1)
    body = ring * (0.135, 0.2) + (0, -0.17)
    head = ring * (0.085, 0.078) + (0.03, -0.42)
    ears = [
        np.array([[-0.045, -0.45], [-0.03, -0.545], [0.02, -0.485]]),
        np.array([[0.045, -0.485], [0.095, -0.54], [0.108, -0.44]]),
    ]
    s = np.linspace(0, 1, 30)
    path = np.stack([-0.08 - 0.22 * s, -0.03 - 0.02 * np.sin(s * 6)], axis=1)
    tail = ribbon(path.astype(np.float32), np.linspace(0.05, 0.03, 30))
    parts = [body, head, *ears, tail]
    return [(part * width + (cx, foot)).astype(np.float32) for part in parts]


def reader_outlines(scene: Scene, cx: float, foot: float, width: float) -> list[Array]:
    """Head and shoulders of somebody reading."""
    t = np.linspace(0, 2 * np.pi, 60)
    ring = np.stack([np.cos(t), np.sin(t)], axis=1)
    head = ring * (0.085, 0.105) + (0.0, -0.5)
    hair = ring * (0.1, 0.085) + (-0.02, -0.54)
    bun = ring * (0.045, 0.045) + (-0.09, -0.62)
    neck = np.array([[-0.035, -0.46], [0.035, -0.46], [0.045, -0.3], [-0.05, -0.3]])
    shoulders = np.concatenate(
        [
            np.stack([0.21 * np.cos(t[30:]), -0.1 + 0.26 * np.sin(t[30:])], axis=1),
            [[0.23, 0.02], [-0.23, 0.02]],
        ]
    )
    return [
        (part * width + (cx, foot)).astype(np.float32)
        for part in (head, hair, bun, neck, shoulders)
    ]
