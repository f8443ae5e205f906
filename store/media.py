"""Files in a folder, named by the hash of their content, each whole or not there at all."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from domain.errors import InvalidInput
from store.content import (
    TEMPORARY_PREFIX,
    check_room,
    copied,
    disk_told,
    free_bytes,
    moved,
    no_such_file,
    opened,
    place_of,
    size_of,
    temporary_file,
)


class FolderMediaStore:
    """Implements `domain.ports.media_store.MediaStore` under one folder, fanned out by hash.

    Hosts may share the folder: a file is written under another name and then moved to its own.
    """

    def __init__(self, root: Path, reserve_bytes: int = 0, *, shelves: Path | None = None) -> None:
        self._root = root
        self._reserve_bytes = reserve_bytes
        self._shelves = shelves or root / "shelves"

    async def put_file(self, path: Path) -> str:
        """Copy a file in; returns its SHA-256. Raises `DiskFull`."""
        return await asyncio.to_thread(self._put_file, path)

    async def put_bytes(self, content: bytes) -> str:
        """Store bytes; returns their SHA-256. Raises `DiskFull`."""
        return await asyncio.to_thread(self._put, BytesIO(content))

    async def path(self, sha256: str) -> Path:
        """Local path of a stored file; raises `NotFound`."""
        return await asyncio.to_thread(self._found, sha256)

    async def shelve(self, sha256: str, shelf: tuple[str, ...], filename: str) -> None:
        """Link the file under a name for people; another file of that name is replaced."""
        await asyncio.to_thread(self._shelve, self._found(sha256), shelf, filename)

    async def shelved(self, sha256: str, shelf: tuple[str, ...], filename: str) -> str:
        """The path with the name for people, or the stored file's own path without one."""
        named = self._named(shelf, filename)
        # In place: lists ask for hundreds, and handing each to a thread takes twenty times longer.
        there = named.is_file()
        return str(named if there else place_of(self._root, sha256))

    def free_bytes(self) -> int:
        """Room left on the disk, the reserve included."""
        return free_bytes(self._root)

    async def check(self) -> None:
        """Raise unless the folder is there, or can be made, and may be written to."""
        await asyncio.to_thread(self._check)

    async def aclose(self) -> None:
        """Nothing to let go of."""

    def _check(self) -> None:
        with disk_told(), temporary_file(self._root):
            pass

    def _found(self, sha256: str) -> Path:
        place = place_of(self._root, sha256)
        if not place.is_file():
            raise no_such_file(sha256)
        return place

    def _named(self, shelf: tuple[str, ...], filename: str) -> Path:
        if any(not part or part in (".", "..") or "/" in part for part in (*shelf, filename)):
            raise InvalidInput(
                "a shelf's name may not lead elsewhere",
                field="filename",
                remedy="Use plain folder and file names.",
            )
        return self._shelves.joinpath(*shelf, filename)

    def _shelve(self, place: Path, shelf: tuple[str, ...], filename: str) -> None:
        named = self._named(shelf, filename)
        with disk_told():
            named.parent.mkdir(parents=True, exist_ok=True)
            # A name of its own: another process may be shelving the same file.
            temporary = named.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(4)}")
            try:
                os.link(place, temporary)
            except OSError:  # Some file systems have no hard links.
                shutil.copyfile(place, temporary)
            temporary.replace(named)

    def _put_file(self, path: Path) -> str:
        with opened(path) as source:
            return self._put(source)

    def _put(self, source: BinaryIO) -> str:
        check_room(self._root, size_of(source), self._reserve_bytes)
        with disk_told(), temporary_file(self._root) as (target, temporary):
            sha256 = copied(source, target)
            moved(temporary, place_of(self._root, sha256), self._root)
        return sha256
