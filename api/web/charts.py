"""Small charts as paths of SVG: drawn on the server, so they need no script."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

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


class Outlook(BaseModel):
    """What was, and between which bounds what comes is expected, as paths in one box."""

    model_config = ConfigDict(frozen=True)

    line: str
    band: str
    middle: str


def outlook(values: Sequence[float], coming: Sequence[tuple[float, float, float]]) -> Outlook:
    """Values, then (low, middle, high) of each day ahead, in a box of 100 by 24."""
    top = max([*values, *(high for _, _, high in coming), 0.0]) or 1.0
    step = WIDTH / max(len(values) + len(coming) - 1, 1)
    room = HEIGHT - 2 * MARGIN

    def path(first: int, heights: Sequence[float]) -> list[str]:
        return [
            f"{(first + n) * step:.1f} {HEIGHT - MARGIN - room * height / top:.1f}"
            for n, height in enumerate(heights)
        ]

    def joined(points: Sequence[str]) -> str:
        return "M" + " L".join(points) if points else ""

    now = max(len(values) - 1, 0)
    ahead = [(values[now],) * 3, *coming] if values and coming else coming
    lows, middles, highs = ([day[side] for day in ahead] for side in range(3))
    edges = [*path(now, highs), *reversed(path(now, lows))]
    return Outlook(
        line=joined(path(0, values)),
        band=f"{joined(edges)} Z" if edges else "",
        middle=joined(path(now, middles)),
    )
