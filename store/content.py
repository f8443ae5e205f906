"""What every media store does with content: names by hash, whole copies, room on the disk."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from domain.errors import DiskFull, EnvironmentProblem, InvalidInput, NotFound

CHUNK_BYTES = 1 << 20
TEMPORARY_PREFIX = ".part-"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FULL = (errno.ENOSPC, errno.EDQUOT)


def place_of(root: Path, sha256: str) -> Path:
    """Where a file stands under `root`, fanned out by hash; raises `InvalidInput`."""
    # Hashes come in with addresses: nothing else may become a path.
    if not _SHA256.fullmatch(sha256):
        raise InvalidInput(
            "this is not the SHA-256 of a file",
            field="sha256",
            remedy="Give 64 hexadecimal digits in lower case.",
        )
    return root / sha256[:2] / sha256[2:4] / sha256


def no_such_file(sha256: str) -> NotFound:
    """What to raise for a hash that nothing is stored under."""
    return NotFound(
        f"there is no file {sha256}",
        remedy="Its work can be rendered again; the seed gives the same sound.",
    )


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file that is to be stored; raises `NotFound` by its name."""
    try:
        source = path.open("rb")
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path.name} to store", remedy="Make it again.") from error
    with source:
        yield source


@contextmanager
def temporary_file(root: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A file in `root` that is gone afterwards, unless it was moved away."""
    root.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=root)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            yield target, temporary
    finally:
        temporary.unlink(missing_ok=True)


class Readable(Protocol):
    """Whatever gives its bytes piece by piece."""

    def read(self, amount: int, /) -> bytes:
        """At most so many of the next bytes; none at the end."""


def copied(source: Readable, target: BinaryIO) -> str:
    """Copy to the end, through to the disk; returns the SHA-256 of what was read."""
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    os.fsync(target.fileno())
    return digest.hexdigest()


def moved(temporary: Path, place: Path, root: Path) -> None:
    """Give a whole file its name, lastingly; a file that stands there already stays."""
    if place.is_file():
        return
    temporary.chmod(0o644)
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(place)
    # The name lasts once the folder is flushed, and its own name once its parent is.
    for folder in (place.parent, place.parent.parent, root):
        _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def free_bytes(root: Path) -> int:
    """Room left on the disk that `root` is on, or will be."""
    there = next(p for p in (root, *root.absolute().parents) if p.exists())
    return shutil.disk_usage(there).free


def check_room(root: Path, size_bytes: int, reserve_bytes: int) -> None:
    """Raise `DiskFull` unless so much can be written without touching the reserve."""
    free = free_bytes(root)
    if free - size_bytes < reserve_bytes:
        raise DiskFull(
            f"the disk has {free // 2**20} MiB left; "
            f"{reserve_bytes // 2**20} MiB are kept in reserve",
            remedy="Free some space or lower GREENROOM_DISK_RESERVE_MB, then resume the run.",
        )


@contextmanager
def disk_told(setting: str = "GREENROOM_MEDIA_URL") -> Iterator[None]:
    """Turn what the disk says into an error with a remedy."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(
                "the disk is full", remedy="Free some space, then resume the run."
            ) from error
        raise EnvironmentProblem(
            f"a folder of files cannot be used: {error.strerror or error}",
            remedy=f"Check that the home, and the folder of {setting} if it is set, "
            "are in reach and may be written to.",
        ) from error


def size_of(source: BinaryIO) -> int:
    """Bytes from here to the end."""
    here = source.tell()
    end = source.seek(0, os.SEEK_END)
    source.seek(here)
    return end - here


def each_file(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Every whole file under `root` with its size and times; those that vanish are left out."""
    for path in root.glob("??/??/*"):
        try:
            yield path, path.stat()
        except FileNotFoundError:
            continue
