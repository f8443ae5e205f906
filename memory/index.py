"""Which index the vectors are in, by the address in GREENROOM_CHROMA_URL."""

from __future__ import annotations

from pathlib import Path

from memory.chroma_server import ChromaServerVectors
from memory.vectors import VectorIndex


def build_vectors(chroma_url: str | None, folder: Path) -> VectorIndex:
    """Chroma on the server at this address, or in this process in `folder` without one."""
    if chroma_url is not None:
        return ChromaServerVectors(chroma_url)
    # A second of imports that a label with a server does not need.
    from memory.chroma import ChromaVectors  # noqa: PLC0415

    return ChromaVectors(folder)
