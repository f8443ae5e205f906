from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from domain.errors import DiskFull, EnvironmentProblem
from store.media import FolderMediaStore


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "home" / "media"


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _files(root: Path) -> list[str]:
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


async def test_a_file_of_several_chunks_is_copied_whole(root: Path, tmp_path: Path) -> None:
    content = os.urandom(3_000_001)
    source = tmp_path / "song.flac"
    source.write_bytes(content)
    store = FolderMediaStore(root)
    sha256 = await store.put_file(source)
    assert sha256 == _sha(content)
    assert _files(root) == [f"{sha256[:2]}/{sha256[2:4]}/{sha256}"]
    assert (await store.path(sha256)).read_bytes() == content
    assert source.exists()


async def test_the_same_content_is_kept_once(root: Path) -> None:
    store = FolderMediaStore(root)
    first = await store.put_bytes(b"song")
    inode = (await store.path(first)).stat().st_ino
    again = await asyncio.gather(*(store.put_bytes(b"song") for _ in range(8)))
    assert set(again) == {first}
    assert (await store.path(first)).stat().st_ino == inode
    assert len(_files(root)) == 1


async def test_the_reserve_is_kept_free(root: Path) -> None:
    free = FolderMediaStore(root).free_bytes()
    store = FolderMediaStore(root, reserve_bytes=free + 2**40)
    with pytest.raises(DiskFull) as raised:
        await store.put_bytes(b"song")
    assert "GREENROOM_DISK_RESERVE_MB" in (raised.value.remedy or "")
    assert not root.exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
async def test_a_disk_that_fills_up_while_writing_leaves_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    # The system's edge is the only place where a full disk can be played.
    monkeypatch.setattr("store.content.os.fsync", full)
    store = FolderMediaStore(root)
    with pytest.raises(DiskFull) as raised:
        await store.put_bytes(b"song")
    assert raised.value.remedy
    assert _files(root) == []


async def test_another_error_of_the_disk_is_not_called_full(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(handle: int) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr("store.content.os.fsync", broken)
    with pytest.raises(EnvironmentProblem, match="input/output") as raised:
        await FolderMediaStore(root).put_bytes(b"song")
    assert not isinstance(raised.value, DiskFull)
    assert _files(root) == []


WRITER = """
import asyncio, sys
from pathlib import Path
from store.media import FolderMediaStore
async def main():
    store = FolderMediaStore(Path(sys.argv[1]))
    for n in range(100_000):
        await store.put_bytes(bytes([n % 251]) * 2_000_000 + str(n).encode())
        print(n, flush=True)
asyncio.run(main())
"""


def test_a_killed_writer_leaves_no_half_file(root: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for _ in range(3):
        process.stdout.readline()
    time.sleep(0.013)
    process.kill()
    process.communicate()
    kept = [p for p in root.rglob("*") if p.is_file() and not p.name.startswith(".part-")]
    assert len(kept) >= 3
    assert all(_sha(p.read_bytes()) == p.name for p in kept)
