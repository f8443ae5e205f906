"""Values over the unit square: shapes by signed distance, lights by falloff."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from media.pictures.colour import Array

Field = Callable[[Array, Array], Array]
"""Maps unit coordinates x (1, W) and y (h, 1), 0..1 from the top left, to values."""


def clip(values: npt.ArrayLike, low: float = 0.0, high: float = 1.0) -> Array:
    """Keep values within a range."""
    return np.asarray(np.clip(values, low, high), np.float32)


def decay(distance: npt.ArrayLike, reach: float | Array) -> Array:
    """Fall from 1 at no distance by e every `reach`; negative distances count as none."""
    return np.asarray(np.exp(-np.maximum(distance, 0) / reach), np.float32)


def meet(first: npt.ArrayLike, *others: npt.ArrayLike) -> Array:
    """Signed distance of what lies inside all shapes."""
    result = np.asarray(first, np.float32)
    for other in others:
        result = np.minimum(result, np.asarray(other, np.float32))
    return result


def join(first: npt.ArrayLike, *others: npt.ArrayLike) -> Array:
    """Signed distance of what lies inside any of the shapes."""
    result = np.asarray(first, np.float32)
    for other in others:
        result = np.maximum(result, np.asarray(other, np.float32))
    return result


def soft_step(low: float, high: float, values: npt.ArrayLike) -> Array:
    """Hermite step from 0 at `low` to 1 at `high`."""
    t = clip((np.asarray(values, np.float32) - low) / (high - low))
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def disc(cx: float, cy: float, radius: float) -> Field:
    """Signed distance of a disc, positive inside."""
    return lambda x, y: np.asarray(radius - np.hypot(x - cx, y - cy), np.float32)


def ellipse(cx: float, cy: float, half_width: float, half_height: float) -> Field:
    """Signed distance of an upright ellipse to first order: exact enough at its edge."""

    def inside(x: Array, y: Array) -> Array:
        u, v = (x - cx) / half_width, (y - cy) / half_height
        radius = np.hypot(u, v)
        slope = np.hypot(u / half_width, v / half_height)
        return np.asarray((1 - radius) * radius / np.maximum(slope, 1e-6), np.float32)

    return inside


def rounded(left: float, top: float, right: float, bottom: float, corner: float = 0.0) -> Field:
    """Signed distance of an upright rectangle with round corners, positive inside."""
    cx, cy = (left + right) / 2, (top + bottom) / 2
    half_w, half_h = (right - left) / 2 - corner, (bottom - top) / 2 - corner

    def inside(x: Array, y: Array) -> Array:
        dx, dy = np.abs(x - cx) - half_w, np.abs(y - cy) - half_h
        outer = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
        return np.asarray(corner - outer - np.minimum(np.maximum(dx, dy), 0), np.float32)

    return inside


def glow(cx: float, cy: float, reach: float, squash: float = 1.0) -> Field:
    """A round light that fades without an edge; `squash` above 1 flattens it."""
    return lambda x, y: decay(np.hypot(x - cx, (y - cy) * squash), reach)


def downwards(top: float, height: float) -> Field:
    """0 at `top`, 1 at `height` below it."""
    return lambda x, y: np.asarray((y - top) / height + 0 * x, np.float32)


def under(level: float) -> Field:
    """Signed distance of everything below a level."""
    return downwards(level, 1.0)
