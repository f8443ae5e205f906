import errno
import os
from pathlib import Path

import pytest

from domain.errors import DiskFull
from media.files import write_atomically


def test_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    write_atomically(target, b"one")
    write_atomically(target, b"two")
    assert target.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [target]


def test_full_disk_is_named_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.bin"
    write_atomically(target, b"old")

    def no_room(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(DiskFull) as caught:
        write_atomically(target, b"new")
    assert caught.value.remedy
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]
