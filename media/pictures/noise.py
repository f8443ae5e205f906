"""Seeded value noise: planes for clouds and paper, curves for ridges."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from media.pictures.colour import Array

Curve = Callable[[Array], Array]


def fbm(seed: int, cells: float, octaves: int, side_px: int, stretch: float = 1.0) -> Array:
    """Fractal noise (side, side) around 0.5; `stretch` above 1 draws it out sideways."""
    rng = np.random.default_rng(seed)
    total = np.zeros((side_px, side_px), np.float32)
    weight, amplitude = 0.0, 1.0
    for octave in range(octaves):
        rows = max(2, round(cells * 2**octave)) + 2
        columns = max(2, round(cells * 2**octave / stretch)) + 2
        grid = rng.random((rows, columns), dtype=np.float32)
        if rows > 2 * side_px:
            break
        total += amplitude * cv2.resize(grid, (side_px, side_px), interpolation=cv2.INTER_CUBIC)
        weight += amplitude
        amplitude *= 0.5
    return np.asarray(np.clip(total / weight, 0, 1), np.float32)


def curve(seed: int, cells: float, octaves: int, roughness: float = 0.5) -> Curve:
    """Fractal noise along a line: a function of x, within about -1..1."""
    rng = np.random.default_rng(seed)
    layers = []
    frequency, amplitude = cells, 1.0
    for _ in range(octaves):
        values = rng.uniform(-1, 1, int(np.ceil(frequency)) * 2 + 8).astype(np.float32)
        layers.append((frequency, amplitude, float(rng.uniform(0, 1)), values))
        frequency, amplitude = frequency * 2.03, amplitude * roughness

    def at(x: Array) -> Array:
        total = np.zeros_like(x, dtype=np.float32)
        for frequency, amplitude, offset, values in layers:
            place = (x + 0.25) * np.float32(frequency) + np.float32(offset)
            left = np.clip(np.floor(place).astype(int), 0, len(values) - 2)
            t = np.clip(place - left, 0, 1)
            t = t * t * t * (t * (t * 6 - 15) + 10)
            total += amplitude * (values[left] * (1 - t) + values[left + 1] * t)
        return total

    return at


def spread(rng: np.random.Generator, count: int, gap: float, *, tries: int = 40) -> Array:
    """Up to `count` points (n, 2) in the unit square, none nearer to another than `gap`."""
    points: list[Array] = []
    for _ in range(count * tries):
        point = rng.random(2, dtype=np.float32)
        if all(float(np.hypot(*(point - other))) >= gap for other in points):
            points.append(point)
            if len(points) == count:
                break
    return np.array(points, np.float32).reshape(-1, 2)
