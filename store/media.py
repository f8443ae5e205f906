"""Files in a folder, named by the hash of their content, each whole or not there at all."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from domain.errors import DiskFull, InvalidInput, NotFound

CHUNK_BYTES = 1 << 20
TEMPORARY_PREFIX = ".part-"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FULL = (errno.ENOSPC, errno.EDQUOT)


class FolderMediaStore:
    """Implements `domain.ports.media_store.MediaStore` under one folder, fanned out by hash."""

    def __init__(self, root: Path, reserve_bytes: int = 0, *, shelves: Path | None = None) -> None:
        self._root = root
        self._reserve_bytes = reserve_bytes
        self._shelves = shelves or root / "shelves"

    async def put_file(self, path: Path) -> str:
        """Copy a file in; returns its SHA-256. Raises `DiskFull`."""
        return await asyncio.to_thread(self._put_file, path)

    async def put_bytes(self, content: bytes) -> str:
        """Store bytes; returns their SHA-256. Raises `DiskFull`."""
        return await asyncio.to_thread(self._put, BytesIO(content), len(content))

    async def path(self, sha256: str) -> Path:
        """Local path of a stored file; raises `NotFound`."""
        return await asyncio.to_thread(self._found, sha256)

    def _found(self, sha256: str) -> Path:
        place = self._place(sha256)
        if not place.is_file():
            raise NotFound(
                f"there is no file {sha256}",
                remedy="Its work can be rendered again; the seed gives the same sound.",
            )
        return place

    async def shelve(self, sha256: str, shelf: tuple[str, ...], filename: str) -> None:
        """Link the file under a name for people; another file of that name is replaced."""
        await asyncio.to_thread(self._shelve, self._found(sha256), shelf, filename)

    async def shelved(self, sha256: str, shelf: tuple[str, ...], filename: str) -> str:
        """The path with the name for people, or the stored file's own path without one."""
        named = self._named(shelf, filename)
        return str(named if await asyncio.to_thread(named.is_file) else await self.path(sha256))

    def free_bytes(self) -> int:
        """Room left on the disk, the reserve included."""
        there = next(p for p in (self._root, *self._root.absolute().parents) if p.exists())
        return shutil.disk_usage(there).free

    def _place(self, sha256: str) -> Path:
        # Hashes come in with addresses: nothing else may become a path.
        if not _SHA256.fullmatch(sha256):
            raise InvalidInput(
                "this is not the SHA-256 of a file",
                field="sha256",
                remedy="Give 64 hexadecimal digits in lower case.",
            )
        return self._root / sha256[:2] / sha256[2:4] / sha256

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
        with _no_room_told():
            named.parent.mkdir(parents=True, exist_ok=True)
            temporary = named.with_name(f"{TEMPORARY_PREFIX}{filename}")
            temporary.unlink(missing_ok=True)
            try:
                os.link(place, temporary)
            except OSError:  # Some file systems have no hard links.
                shutil.copyfile(place, temporary)
            temporary.replace(named)

    def _put_file(self, path: Path) -> str:
        try:
            with path.open("rb") as source:
                return self._put(source, path.stat().st_size)
        except FileNotFoundError as error:
            raise NotFound(
                f"there is no file {path.name} to store", remedy="Make it again."
            ) from error

    def _put(self, source: BinaryIO, size_bytes: int) -> str:
        self._check_room(size_bytes)
        with _no_room_told():
            self._root.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=self._root)
            temporary = Path(name)
            try:
                with os.fdopen(handle, "wb") as target:
                    sha256 = _copy(source, target)
                self._keep(temporary, self._place(sha256))
            finally:
                temporary.unlink(missing_ok=True)
        return sha256

    def _keep(self, temporary: Path, place: Path) -> None:
        if place.is_file():
            return
        temporary.chmod(0o644)
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(place)
        # The name lasts once the folder is flushed, and its own name once its parent is.
        for folder in (place.parent, place.parent.parent, self._root):
            _flush_folder(folder)

    def _check_room(self, size_bytes: int) -> None:
        free = self.free_bytes()
        if free - size_bytes < self._reserve_bytes:
            raise DiskFull(
                f"the disk has {free // 2**20} MiB left; "
                f"{self._reserve_bytes // 2**20} MiB are kept in reserve",
                remedy="Free some space or lower GREENROOM_DISK_RESERVE_MB, then resume the run.",
            )


def _copy(source: BinaryIO, target: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    os.fsync(target.fileno())
    return digest.hexdigest()


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _no_room_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise DiskFull(
            "the disk is full", remedy="Free some space, then resume the run."
        ) from error
