"""What every media store promises, on a folder and on a real S3-compatible service."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import DiskFull, InvalidInput, NotFound
from domain.ports.media_store import MediaStore
from store.bucket import BucketMediaStore
from store.media import FolderMediaStore
from store.media_url import build_media
from tests.support.bucket import KEYS, BucketServer, bucket_server

Store = FolderMediaStore | BucketMediaStore
Build = Callable[[str, int], Store]


@pytest.fixture(scope="session")
def bucket() -> Iterator[BucketServer]:
    with bucket_server() as server:
        yield server


@pytest.fixture(params=["folder", "bucket"])
async def build(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Build]:
    """Makes a store for a host of that name; all hosts of one test share the place."""
    if request.param == "bucket":
        for name, value in KEYS.items():
            monkeypatch.setenv(name, value)
        server: BucketServer = request.getfixturevalue("bucket")
        url = server.media_url()
    else:
        url = (tmp_path / "shared").as_uri()
    made: list[Store] = []

    def one(host: str, reserve_bytes: int = 0) -> Store:
        home = tmp_path / host
        made.append(build_media(url, home / "media", reserve_bytes, home / "works", home / "cache"))
        return made[-1]

    yield one
    for store in made:
        await store.aclose()


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=4000))
async def test_bytes_are_found_under_their_hash(build: Build, content: bytes) -> None:
    store: MediaStore = build("one", 0)
    sha256 = await store.put_bytes(content)
    assert sha256 == _sha(content)
    assert (await store.path(sha256)).read_bytes() == content


async def test_what_one_host_puts_another_finds(build: Build, tmp_path: Path) -> None:
    content = os.urandom(3_000_001)
    source = tmp_path / "song.flac"
    source.write_bytes(content)
    sha256 = await build("one", 0).put_file(source)
    assert sha256 == _sha(content)
    assert source.read_bytes() == content
    other = build("two", 0)
    assert (await other.path(sha256)).read_bytes() == content


async def test_many_at_once_and_each_once(build: Build) -> None:
    store = build("one", 0)
    contents = [bytes([n]) * 1000 for n in range(12)]
    hashes = await asyncio.gather(*(store.put_bytes(c) for c in contents * 3))
    assert hashes == [_sha(c) for c in contents * 3]
    other = build("two", 0)
    paths = await asyncio.gather(*(other.path(sha) for sha in hashes))
    assert [p.read_bytes() for p in paths] == contents * 3
    assert len(set(paths)) == 12


async def test_a_file_that_is_not_there(build: Build) -> None:
    with pytest.raises(NotFound):
        await build("one", 0).path("0" * 64)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64 + "\n"])
async def test_nothing_but_a_hash_becomes_a_path(build: Build, name: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        await build("one", 0).path(name)
    assert raised.value.field == "sha256"


async def test_a_missing_source_is_named(build: Build, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"gone\.flac"):
        await build("one", 0).put_file(tmp_path / "gone.flac")


async def test_the_reserve_is_kept_free(build: Build) -> None:
    store = build("one", build("one", 0).free_bytes() + 2**40)
    with pytest.raises(DiskFull) as raised:
        await store.put_bytes(b"song")
    assert "GREENROOM_DISK_RESERVE_MB" in (raised.value.remedy or "")
    with pytest.raises(NotFound):
        await build("two", 0).path(_sha(b"song"))


async def test_people_are_told_where_a_file_is(build: Build) -> None:
    store = build("one", 0)
    sha256 = await store.put_bytes(b"song")
    await store.shelve(sha256, ("kale", "night-9"), "night.mp3")
    told = await store.shelved(sha256, ("kale", "night-9"), "night.mp3")
    if isinstance(store, FolderMediaStore):
        assert Path(told).name == "night.mp3"
        assert Path(told).read_bytes() == b"song"
    else:
        assert told.startswith("s3://")
        assert told.endswith(f"/media/{sha256[:2]}/{sha256[2:4]}/{sha256}")


async def test_the_place_can_be_checked(build: Build) -> None:
    await build("one", 0).check()
