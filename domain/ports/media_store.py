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

    async def path(self, sha256: str) -> Path:
        """Local path of a stored file, brought here first if needed; raises `NotFound`."""

    async def shelve(self, sha256: str, shelf: tuple[str, ...], filename: str) -> None:
        """Give a stored file a name for people on a shelf of folders, where there are shelves."""

    async def shelved(self, sha256: str, shelf: tuple[str, ...], filename: str) -> str:
        """Where people find the file: its path by that name, its own path, or its address.

        Nothing is fetched for this, and nobody looks whether the file is still there.
        """

    def free_bytes(self) -> int:
        """Room left on the disk."""
