"""A square float picture painted in bands of rows, so that 3000 px covers stay small in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from media.pictures.colour import Array
from media.pictures.fields import Field, clip

Mode = Literal["over", "screen", "multiply"]
Ink = Array | Callable[[Array, Array], Array]
"""One colour (3,), or a function of x and y that gives one colour a pixel (h, W, 3)."""

_BAND_ROWS = 128


class Canvas:
    """sRGB values between 0 and 1; all geometry is in parts of the side, never in pixels."""

    def __init__(self, size_px: int, ground: Array) -> None:
        self.size_px = size_px
        self.rgb: Array = np.empty((size_px, size_px, 3), np.float32)
        self.rgb[:] = ground

    def bands(self, top: float = 0.0, bottom: float = 1.0) -> Iterator[tuple[slice, Array, Array]]:
        """Yield (rows, x, y) for each band of rows between `top` and `bottom`."""
        n = self.size_px
        first, last = max(0, int(np.floor(top * n))), min(n, int(np.ceil(bottom * n)))
        x = _centres(0, n, n)[None, :]
        for start in range(first, last, _BAND_ROWS):
            rows = slice(start, min(start + _BAND_ROWS, last))
            y = _centres(rows.start, rows.stop, n)[:, None]
            yield rows, x, y

    def edge(self, inside: Array) -> Array:
        """Turn a signed distance (positive inside, in sides) into anti-aliased coverage."""
        return clip(inside * np.float32(self.size_px) + np.float32(0.5))

    def shape(self, inside: Field) -> Field:
        """Coverage, as a function, of the shape whose signed distance is `inside`."""
        return lambda x, y: self.edge(inside(x, y))

    def mask(self, inside: Field) -> Array:
        """Coverage (H, W) of the shape whose signed distance is `inside`."""
        out = np.empty((self.size_px, self.size_px), np.float32)
        for rows, x, y in self.bands():
            out[rows] = self.edge(np.broadcast_to(inside(x, y), out[rows].shape))
        return out

    def paint(
        self,
        cover: Array | Field | float,
        ink: Ink,
        *,
        mode: Mode = "over",
        opacity: float = 1.0,
        top: float = 0.0,
        bottom: float = 1.0,
    ) -> None:
        """Lay colour on the canvas where `cover` (a plane, a function or a constant) says."""
        for rows, x, y in self.bands(top, bottom):
            alpha = _cover_of(cover, rows, x, y)
            if not np.any(alpha):
                continue
            alpha = alpha[..., None] * np.float32(opacity)
            colour = ink(x, y) if callable(ink) else ink
            _blend(self.rgb[rows], np.asarray(colour, np.float32), alpha, mode)

    def small(self, side_px: int) -> Array:
        """Return an area-averaged copy (side, side, 3)."""
        side = min(side_px, self.size_px)
        return cv2.resize(self.rgb, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)


def _centres(first: int, last: int, size_px: int) -> Array:
    """Unit coordinates of the middles of pixels."""
    return ((np.arange(first, last, dtype=np.float32) + 0.5) / size_px).astype(np.float32)


def _cover_of(cover: Array | Field | float, rows: slice, x: Array, y: Array) -> Array:
    if callable(cover):
        return np.broadcast_to(cover(x, y), (y.shape[0], x.shape[1]))
    if isinstance(cover, np.ndarray):
        return cover[rows]
    return np.full((1, 1), cover, np.float32)


def _blend(target: Array, colour: Array, alpha: Array, mode: Mode) -> None:
    if mode == "over":
        target += (colour - target) * alpha
    elif mode == "screen":
        target += (1 - target) * (colour * alpha)
    else:
        target *= 1 + (colour - 1) * alpha


def enlarge(plane: npt.NDArray[np.float32], size_px: int) -> Array:
    """Scale a smooth plane up with cubic interpolation."""
    return cv2.resize(plane, (size_px, size_px), interpolation=cv2.INTER_CUBIC).astype(
        np.float32, copy=False
    )


def table_ink(plane: Array | Field, table: Array) -> Callable[[Array, Array], Array]:
    """Colour by looking up values 0..1 in a colour table; planes are sampled by position."""
    last = table.shape[0] - 1

    def ink(x: Array, y: Array) -> Array:
        if callable(plane):
            values = np.broadcast_to(plane(x, y), (y.shape[0], x.shape[1]))
        else:
            values = _rows_of(plane, x, y)
        index = np.clip(values * last + np.float32(0.5), 0, last).astype(np.int32)
        return np.asarray(table[index], np.float32)

    return ink


def _rows_of(plane: Array, x: Array, y: Array) -> Array:
    """Enlarge only the rows of a small plane that a band needs."""
    side = plane.shape[0]
    columns = np.broadcast_to(x * side - 0.5, (y.shape[0], x.shape[1])).astype(np.float32)
    lines = np.broadcast_to(y * side - 0.5, columns.shape).astype(np.float32)
    return cv2.remap(
        plane, columns, lines, interpolation=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float32, copy=False)


def plane_field(plane: Array) -> Field:
    """Read a small smooth plane as a function of position."""
    return lambda x, y: _rows_of(plane, x, y)
