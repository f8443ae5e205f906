"""The parts of a multipart answer, bytes untouched."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.vendors.transport import unreadable

BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
BLANK_LINE = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class Part:
    """One part: its media type and its bytes."""

    media_type: str
    data: bytes


def split_parts(vendor: str, content_type: str, body: bytes) -> list[Part]:
    """Raises an unreadable answer when the closing boundary is missing: the rest was lost."""
    found = BOUNDARY.search(content_type)
    if found is None:
        raise unreadable(vendor, "a multipart answer without a boundary")
    marker = b"--" + found[1].strip().encode()
    pieces = body.split(marker)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise unreadable(vendor, f"{len(body)} bytes that end in the middle")
    return [_part(vendor, piece) for piece in pieces[1:-1]]


def _part(vendor: str, piece: bytes) -> Part:
    head, *rest = BLANK_LINE.split(piece, maxsplit=1)
    if not rest:
        raise unreadable(vendor, "a part without content")
    kind = re.search(rb"content-type:\s*([^\s;]+)", head, re.IGNORECASE)
    data = rest[0]
    end = 2 if data.endswith(b"\r\n") else 1 if data.endswith(b"\n") else 0
    return Part(kind[1].decode().lower() if kind else "", data[: len(data) - end])
