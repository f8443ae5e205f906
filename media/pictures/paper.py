"""Sheets of cut paper: fibre, a pale cut edge, and the shadow each throws on those below."""

from __future__ import annotations

import cv2
import numpy as np

from media.pictures.canvas import Canvas, enlarge
from media.pictures.colour import Array, shade
from media.pictures.fields import Field, clip
from media.pictures.noise import fbm


class PaperStack:
    """Lays sheets on a canvas from the back to the front, lit from one side."""

    def __init__(self, canvas: Canvas, seed: int, light_from: float) -> None:
        self.canvas = canvas
        self.light_from = light_from
        self._rng = np.random.default_rng(seed)
        self._fibre = _fibre(self._rng, canvas.size_px)

    def ground(self, table: Array | None, colour: Array) -> None:
        """Cover everything with one sheet; a table colours it from top to bottom."""
        self._tint(np.float32(1.0), colour, table, fall=0.0)

    def sheet(self, inside: Field, colour: Array, *, lift: float = 1.0, fall: float = 0.06) -> None:
        """Lay a sheet cut along a signed distance."""
        self.piece(self.canvas.mask(inside), colour, lift=lift, fall=fall)

    def piece(self, mask: Array, colour: Array, *, lift: float = 1.0, fall: float = 0.05) -> None:
        """Lay a piece given by its coverage; `lift` is how far it floats above the others."""
        self._shadow(mask, colour, lift)
        self._tint(mask, colour, None, fall)
        self._cut_edge(mask, colour)

    def _shadow(self, mask: Array, colour: Array, lift: float) -> None:
        n = self.canvas.size_px
        side = min(n, 750)
        small = cv2.resize(mask, (side, side), interpolation=cv2.INTER_AREA)
        cast: Array = np.zeros((side, side), np.float32)
        for reach, drop, weight in ((0.004, 0.0035, 0.4), (0.017, 0.012, 0.55)):
            dx, dy = drop * lift * self.light_from * side * 0.7, drop * lift * side
            move = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
            moved = cv2.warpAffine(small, move, (side, side), borderMode=cv2.BORDER_REPLICATE)
            soft = cv2.GaussianBlur(moved, (0, 0), reach * lift * side)
            cast = cast + np.asarray(weight * soft, np.float32)
        shadow = clip(enlarge(cast, n))
        shadow *= 1 - mask
        self.canvas.paint(shadow, shade(colour, 0.14, 0.7), mode="multiply", opacity=0.62)

    def _tint(
        self, mask: Array | np.float32, colour: Array, table: Array | None, fall: float
    ) -> None:
        weave = self._turned_fibre()
        for rows, x, y in self.canvas.bands():
            cover = mask[rows] if isinstance(mask, np.ndarray) else np.full((1, 1), mask)
            if not cover.any():
                continue
            flat = colour if table is None else table[(y[:, 0] * (len(table) - 1)).astype(int)]
            tone = 1 + weave[rows] + fall * (0.5 - y) + 0.03 * self.light_from * (0.5 - x)
            ink = np.reshape(flat, (-1, 1, 3)) * tone[..., None]
            target = self.canvas.rgb[rows]
            target += (ink - target) * cover[..., None]

    def _turned_fibre(self) -> Array:
        """The same surface turned or mirrored, so that no two sheets match."""
        across, down, swap = self._rng.integers(0, 2, 3)
        view = self._fibre[:: -1 if down else 1, :: -1 if across else 1]
        return view.T if swap else view

    def _cut_edge(self, mask: Array, colour: Array) -> None:
        n = self.canvas.size_px
        step = 0.0011 * n
        move = np.array([[1, 0, step * self.light_from * 0.8], [0, 1, step]], np.float32)
        moved = cv2.warpAffine(mask, move, (n, n), borderMode=cv2.BORDER_REPLICATE)
        rim = np.clip(mask - moved, 0, 1)
        light = shade(colour, min(0.97, 0.55 + 0.5 * float(colour.max())), 0.6)
        self.canvas.paint(rim, light, opacity=0.5)


def _fibre(rng: np.random.Generator, n: int) -> Array:
    """Relative lightness of the paper's surface, around zero."""
    fine = rng.standard_normal((n, n), dtype=np.float32)
    cv2.GaussianBlur(fine, (0, 0), max(0.4, n * 0.0004), dst=fine)
    fine *= np.float32(0.016 / max(float(fine.std()), 1e-6))
    side = min(n, 1000)
    felt = rng.standard_normal((side, side), dtype=np.float32)
    cv2.GaussianBlur(felt, (0, 0), side * 0.0022, dst=felt)
    felt *= np.float32(0.014 / max(float(felt.std()), 1e-6))
    felt += (fbm(int(rng.integers(2**31)), 5, 3, side) - 0.5) * np.float32(0.07)
    fine += enlarge(felt, n)
    return fine
