"""Stars, and the light that water breaks."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from media.pictures.canvas import Canvas
from media.pictures.colour import Array


def stars(
    canvas: Canvas, rng: np.random.Generator, ink: Array, *, count: int, bottom: float
) -> None:
    """Scatter stars of unequal brightness above `bottom`, fading towards it."""
    n = canvas.size_px
    for _ in range(count):
        x, y = rng.random(), rng.random() ** 1.3 * bottom
        radius = float(0.0005 + 0.0014 * rng.random() ** 5)
        alpha = float(np.clip((0.25 + 0.75 * rng.random() ** 2) * (1 - (y / bottom) ** 2), 0, 1))
        _dot(canvas.rgb, x * n, y * n, max(radius * n, 0.35), ink, alpha)


def _dot(rgb: Array, cx: float, cy: float, radius: float, ink: Array, alpha: float) -> None:
    reach = int(np.ceil(radius * 2 + 1))
    left, top = int(cx) - reach, int(cy) - reach
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(rgb.shape[1], left + 2 * reach + 1), min(rgb.shape[0], top + 2 * reach + 1)
    if x0 >= x1 or y0 >= y1:
        return
    x = np.arange(x0, x1, dtype=np.float32)[None, :] + 0.5
    y = np.arange(y0, y1, dtype=np.float32)[:, None] + 0.5
    cover = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (radius * radius)) * alpha
    target = rgb[y0:y1, x0:x1]
    target += (ink - target) * cover[..., None].astype(np.float32)


def ripples(seed: int, horizon: float, *, calm: float = 1.0) -> Callable[[Array, Array], Array]:
    """Wave heights on water below `horizon`, around 0.5, flattening with distance."""
    side = 512
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(
        rng.random((90, 26), dtype=np.float32), (side, side), interpolation=cv2.INTER_CUBIC
    )
    fine = cv2.resize(
        rng.random((200, 60), dtype=np.float32), (side, side), interpolation=cv2.INTER_CUBIC
    )
    plane = (0.6 * coarse + 0.4 * fine).astype(np.float32)

    def at(x: Array, y: Array) -> Array:
        depth = np.maximum(y - horizon, 1e-4)
        far = 0.06 / (depth + 0.02)
        u = ((x - 0.5) * (0.35 + 0.65 * np.minimum(far, 2.2)) / calm + 0.5) * side
        v = np.broadcast_to(far * side * 0.9, u.shape)
        return cv2.remap(
            plane,
            np.ascontiguousarray(u % side, np.float32),
            np.ascontiguousarray(v % side, np.float32),
            interpolation=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        ).astype(np.float32, copy=False)

    return at
