"""Where files live: content-addressed, written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class MediaStore(Protocol):
    """Files by the SHA-256 of their content."""

    async def put_file(self, path: Path) -> str:
        """Copy a file in; returns its SHA-256. Raises `DiskFull`."""

    async def put_bytes(self, content: bytes) -> str:
        """Store bytes; returns their SHA-256. Raises `DiskFull`."""

    def path(self, sha256: str) -> Path:
        """Local path of a stored file; raises `NotFound`."""

    def free_bytes(self) -> int:
        """Room left on the disk."""
