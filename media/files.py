"""Writing files whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from domain.errors import DiskFull

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside the target, sync, then rename; a crash leaves the old file or none."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        if error.errno in _NO_ROOM:
            raise DiskFull(
                f"no room to write {path.name} ({len(data) / 1e6:.0f} MB)",
                remedy=f"free space on the disk that holds {path.parent}",
            ) from error
        raise
