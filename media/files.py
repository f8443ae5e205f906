"""Writing files whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from domain.errors import DiskFull

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def naming_a_full_disk(path: Path, size: int) -> Iterator[None]:
    """Turn the system's "no space" while writing `size` bytes into DiskFull."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull(
                f"no room to write {path.name} ({size / 1e6:.0f} MB)",
                remedy=f"free space on the disk that holds {path.parent}",
            ) from error
        raise


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside the target, sync, then rename; a crash leaves the old file or none."""
    with naming_a_full_disk(path, len(data)):
        # Not mkstemp, whose files only their owner may read whatever the umask says.
        name = path.with_name(f".{path.name}.{uuid4().hex}.part")
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            name.replace(path)
        except OSError:
            name.unlink(missing_ok=True)
            raise
