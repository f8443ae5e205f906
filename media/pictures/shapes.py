"""Outlines as polygons in unit coordinates, and their anti-aliased coverage."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from media.pictures.colour import Array

_SHIFT = 4


def polygon_mask(size_px: int, outlines: Iterable[Array]) -> Array:
    """Coverage (H, W) of the union of closed outlines."""
    plane = np.zeros((size_px, size_px), np.uint8)
    for outline in outlines:
        points = np.rint((outline * size_px - 0.5) * 2**_SHIFT).astype(np.int32)
        cv2.fillPoly(plane, [points.reshape(-1, 1, 2)], 255, cv2.LINE_AA, _SHIFT)
    return plane.astype(np.float32) / np.float32(255)


def turned(outline: Array, angle: float, x: float, y: float) -> Array:
    """Turn an outline about its origin, then move it."""
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, s], [-s, c]], np.float32)
    return np.asarray(outline @ turn + np.array([x, y], np.float32), np.float32)


def leaf(length: float, width: float, bend: float = 0.0) -> Array:
    """A pointed leaf from the origin along x; `bend` curves its midrib."""
    t = np.linspace(0, 1, 40)
    belly = np.sin(np.pi * t**0.85) ** 1.15 * width / 2
    spine = bend * length * np.sin(np.pi * t) * 0.5
    upper = np.stack([t * length, spine - belly], axis=1)
    lower = np.stack([t * length, spine + belly], axis=1)[::-1]
    return np.concatenate([upper, lower]).astype(np.float32)


def bird(span: float, lift: float) -> Array:
    """A gliding bird seen from far away, its body at the origin."""
    t = np.linspace(-1, 1, 41)
    arch = -lift * (np.abs(t) ** 0.55) * (1 - 0.42 * np.abs(t) ** 2.5)
    thick = 0.085 * (1 - np.abs(t) ** 1.4) + 0.004
    upper = np.stack([t * span / 2, (arch - thick * 0.35) * span], axis=1)
    lower = np.stack([t * span / 2, (arch + thick) * span], axis=1)[::-1]
    return np.concatenate([upper, lower]).astype(np.float32)


def pine(rng: np.random.Generator, height: float, width: float) -> Array:
    """A spruce standing on the origin: tiers of boughs, a little uneven."""
    tiers = int(rng.integers(4, 7))
    right: list[tuple[float, float]] = [(0.0, -height)]
    left: list[tuple[float, float]] = []
    for side, points in ((1.0, right), (-1.0, left)):
        for tier in range(1, tiers + 1):
            t = tier / tiers
            reach = width / 2 * t**0.9 * rng.uniform(0.88, 1.1)
            drop = -height * (1 - t * 0.93)
            points.append((side * reach, drop + height * 0.018))
            if tier < tiers:
                points.append((side * reach * 0.52, drop - height * 0.012))
    trunk = [(width * 0.05, -height * 0.07), (width * 0.05, 0.02), (-width * 0.05, 0.02)]
    trunk.append((-width * 0.05, -height * 0.07))
    return np.array([*right, *trunk, *left[::-1]], np.float32)


def ribbon(points: Array, widths: npt.ArrayLike) -> Array:
    """A band of changing width along a line of points."""
    along = np.gradient(points, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) * (np.asarray(widths) / 2)[:, None]
    return np.concatenate([points + normal, (points - normal)[::-1]]).astype(np.float32)


def rectangle(left: float, top: float, right: float, bottom: float) -> Array:
    """An upright rectangle."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
