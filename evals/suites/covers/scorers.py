"""What code can tell of covers: the gates, the artist's colours, and that no two are alike."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from io import BytesIO
from math import prod
from typing import Any

import numpy as np
from PIL import Image

from domain.evaluation import Score
from evals.suite import Answered, Scorer
from evals.suites.covers.task import read
from media.pictures.colour import Array, from_hex, to_oklab

MAIN = "good"
# In OKLab units: colours nearer than this pass for the palette's, with its shades and mixtures.
NEAR = 0.08
# As many bits apart as two covers of one artist are on an ordinary day count as fully different.
WIDE_APART_BITS = 100.0


def gates(answered: Answered) -> Score:
    """The share of gates that both covers pass, of those that apply."""
    judged = [
        gate
        for cover in _covers(answered)
        for gate in cover["gates"].values()
        if gate["verdict"] != "not_applicable"
    ]
    if not judged:
        return Score(value=None, why="no gate was asked")
    failed = [gate for gate in judged if gate["verdict"] != "pass"]
    why = "; ".join(f"{gate['gate']}: {gate['reason']}" for gate in failed)
    return Score(value=1 - len(failed) / len(judged), why=why or "every gate passes")


def palette(answered: Answered) -> Score:
    """The share of both pictures in the artist's colours, of those that have a colour at all.

    A palette's colours count with everything on the lines between two of them, in OKLab.
    """
    colours = [from_hex(colour) for colour in read(answered.case).art.palette]
    lab = np.stack([np.asarray(to_oklab(colour), dtype=np.float64) for colour in colours])
    shares = [_near(_pixels(cover), lab) for cover in _covers(answered)]
    return Score(
        value=float(np.mean(shares)),
        why=", ".join(f"{share:.0%} of cover {n}" for n, share in enumerate(shares, start=1)),
    )


def fresh(answered: Answered) -> Score:
    """How far the second cover is from the first: in shape, against what is usual."""
    measured = _covers(answered)[-1]["gates"].get("novel_shape", {}).get("value")
    if measured is None:
        return Score(value=None, why="there is nothing to compare with")
    return Score(value=min(1.0, measured / WIDE_APART_BITS), why=f"{measured:.0f} bits apart")


def good(answered: Answered) -> Score:
    """All three at once: legible covers of anybody's are no covers of this artist's."""
    parts = [score(answered) for score in (gates, palette, fresh)]
    values = [part.value for part in parts if part.value is not None]
    return Score(value=prod(values), why="; ".join(part.why for part in parts))


def _covers(answered: Answered) -> Sequence[Mapping[str, Any]]:
    held = answered.output["covers"]
    assert isinstance(held, list)
    return [cover for cover in held if isinstance(cover, dict)]


def _pixels(cover: Mapping[str, Any]) -> Array:
    data = b64decode(str(cover["picture"]).partition(",")[2])
    with Image.open(BytesIO(data)) as picture:
        small = picture.convert("RGB").resize((60, 60), Image.Resampling.BOX)
    return np.asarray(np.asarray(small, dtype=np.float32).reshape(-1, 3) / 255)


def _near(pixels: Array, lab: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """The share of pixels near a line between any two of the colours."""
    found = np.asarray(to_oklab(pixels), dtype=np.float64)
    nearest = np.full(len(found), np.inf)
    for first in range(len(lab)):
        for second in range(first, len(lab)):
            way = lab[second] - lab[first]
            length = float(way @ way) or 1.0
            place = np.clip((found - lab[first]) @ way / length, 0.0, 1.0)
            gap = np.linalg.norm(found - lab[first] - place[:, None] * way, axis=1)
            nearest = np.minimum(nearest, gap)
    return float((nearest <= NEAR).mean())


SCORERS = (
    Scorer("good", good),
    Scorer("gates", gates),
    Scorer("palette", palette),
    Scorer("fresh", fresh),
)
