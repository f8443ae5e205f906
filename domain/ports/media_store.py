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

    async def shelve(self, sha256: str, shelf: tuple[str, ...], filename: str) -> Path:
        """Give a stored file a name for people, on a shelf of folders; returns that path."""

    def shelved(self, sha256: str, shelf: tuple[str, ...], filename: str) -> Path:
        """The path with the name for people, or the stored file's own path without one."""

    def free_bytes(self) -> int:
        """Room left on the disk."""
