"""Small charts as paths of SVG: drawn on the server, so they need no script."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT, MARGIN = 100.0, 24.0, 1.5


def spark_path(values: Sequence[float]) -> str:
    """A line through the values in a box of 100 by 24, zero at the bottom; flat where all are 0."""
    top = max([*values, 0.0]) or 1.0
    step = WIDTH / max(len(values) - 1, 1)
    room = HEIGHT - 2 * MARGIN
    points = [
        f"{number * step:.1f} {HEIGHT - MARGIN - room * value / top:.1f}"
        for number, value in enumerate(values)
    ]
    return "M" + " L".join(points) if points else ""
