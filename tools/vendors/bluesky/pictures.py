"""Pictures as the network takes them: a cover too large is shrunk on a copy, always alike."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tools.vendors.bluesky.capabilities import PICTURE_MAX_BYTES

# Sides in pixels and JPEG qualities, tried in this order until the bytes fit.
STEPS = (
    (2000, 92),
    (2000, 85),
    (1600, 85),
    (1200, 85),
    (1000, 80),
    (800, 75),
    (600, 65),
    (400, 50),
)
SMALL_SIDE = 400
TAKEN = ("JPEG", "PNG")


@dataclass(frozen=True)
class Picture:
    """A picture's exact bytes and its size in pixels."""

    content: bytes
    media_type: str
    width: int
    height: int


def fitting(path: Path, longest_bytes: int = PICTURE_MAX_BYTES) -> Picture:
    """The picture itself where it fits, else a smaller JPEG of it; the same bytes every time."""
    content = path.read_bytes()
    with Image.open(io.BytesIO(content)) as image:
        kind = image.format or ""
        width, height = image.size
        if kind in TAKEN and len(content) <= longest_bytes:
            return Picture(content, f"image/{kind.lower()}", width, height)
        plain = image.convert("RGB")
    for side, quality in STEPS:
        smaller = plain.copy()
        smaller.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=None)
        out = io.BytesIO()
        smaller.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        if out.tell() <= longest_bytes or side == SMALL_SIDE:
            return Picture(out.getvalue(), "image/jpeg", *smaller.size)
    raise AssertionError("the last step always returns")
