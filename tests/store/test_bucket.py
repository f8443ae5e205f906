"""What only a bucket has: a service that may be away, copies on the host, an address."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from domain.errors import DiskFull, EnvironmentProblem, InvalidInput, PartMissing
from store.bucket import BucketMediaStore
from store.media import FolderMediaStore
from store.media_url import build_media
from tests.support.bucket import KEYS, BucketServer, bucket_server


@pytest.fixture(scope="module")
def server() -> Iterator[BucketServer]:
    with bucket_server() as running:
        yield running


@pytest.fixture
def url(server: BucketServer) -> str:
    return server.media_url()


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
async def store(url: str, tmp_path: Path) -> AsyncIterator[BucketMediaStore]:
    made = _store(url, tmp_path)
    yield made
    await made.aclose()


def _store(url: str, home: Path, cache_bytes: int = 1 << 20) -> BucketMediaStore:
    made = build_media(url, home / "media", 0, home / "works", home / "cache", cache_bytes)
    assert isinstance(made, BucketMediaStore)
    return made


def _copies(home: Path) -> set[str]:
    return {p.name for p in (home / "cache").rglob("*") if p.is_file()}


def _objects(server: BucketServer, url: str) -> list[str]:
    name = url.removeprefix("s3://").partition("/")[0]
    found = server.client().list_objects_v2(Bucket=name)
    return [o["Key"] for o in found.get("Contents", [])]


async def test_one_object_and_one_copy_a_content(
    server: BucketServer, url: str, store: BucketMediaStore, tmp_path: Path
) -> None:
    sha256 = await store.put_bytes(b"song")
    assert await store.put_bytes(b"song") == sha256
    assert _objects(server, url) == [f"media/{sha256[:2]}/{sha256[2:4]}/{sha256}"]
    assert _copies(tmp_path) == {sha256}


async def test_a_copy_needs_no_service(
    server: BucketServer, store: BucketMediaStore, tmp_path: Path
) -> None:
    sha256 = await store.put_bytes(b"song")
    server.stop()
    try:
        assert (await store.path(sha256)).read_bytes() == b"song"
    finally:
        server.start()


async def test_a_service_that_is_away_is_told_as_passing(
    server: BucketServer, url: str, store: BucketMediaStore, tmp_path: Path
) -> None:
    sha256 = await _store(url, tmp_path / "other").put_bytes(b"song")
    server.stop()
    try:
        for call in (store.put_bytes(b"new"), store.path(sha256), store.check()):
            with pytest.raises(EnvironmentProblem) as raised:
                await call
            assert raised.value.passing
            assert raised.value.field == "GREENROOM_MEDIA_URL"
            assert raised.value.remedy
    finally:
        server.start()
    # Nothing half done stands in the way of the second try.
    assert _copies(tmp_path / "cache") == set()
    assert (await store.path(sha256)).read_bytes() == b"song"
    await store.put_bytes(b"new")


async def test_a_bucket_that_is_not_there(server: BucketServer, tmp_path: Path) -> None:
    store = _store(f"s3://nobodys-bucket?endpoint={server.endpoint}&region=us-east-1", tmp_path)
    for call in (store.put_bytes(b"song"), store.check()):
        with pytest.raises(PartMissing, match="nobodys-bucket") as raised:
            await call
        assert not raised.value.passing
    await store.aclose()


async def test_without_credentials_nothing_is_tried_again(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in KEYS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    store = _store(url, tmp_path)
    with pytest.raises(PartMissing) as raised:
        await store.put_bytes(b"song")
    assert "AWS_ACCESS_KEY_ID" in (raised.value.remedy or "")
    await store.aclose()


async def test_other_content_than_its_name_says_is_refused(
    server: BucketServer, url: str, store: BucketMediaStore, tmp_path: Path
) -> None:
    sha256 = await _store(url, tmp_path / "other").put_bytes(b"song")
    [key] = _objects(server, url)
    bucket = url.removeprefix("s3://").partition("/")[0]
    server.client().put_object(Bucket=bucket, Key=key, Body=b"noise")
    with pytest.raises(EnvironmentProblem, match="other content"):
        await store.path(sha256)
    assert _copies(tmp_path / "cache") == set()


async def test_a_half_object_is_put_again(
    server: BucketServer, url: str, store: BucketMediaStore, tmp_path: Path
) -> None:
    sha256 = await store.put_bytes(b"song")
    [key] = _objects(server, url)
    bucket = url.removeprefix("s3://").partition("/")[0]
    server.client().put_object(Bucket=bucket, Key=key, Body=b"so")
    await store.put_bytes(b"song")
    other = _store(url, tmp_path / "other")
    assert (await other.path(sha256)).read_bytes() == b"song"
    await other.aclose()


async def test_copies_lately_unused_make_room_and_are_fetched_again(
    url: str, tmp_path: Path
) -> None:
    store = _store(url, tmp_path, cache_bytes=250_000)
    contents = [bytes([n]) * 100_000 for n in range(3)]
    hashes = [await store.put_bytes(c) for c in contents[:2]]
    _age(tmp_path, hashes)
    # Used again: it is the other one that goes.
    await store.path(hashes[0])
    hashes.append(await store.put_bytes(contents[2]))
    assert _copies(tmp_path) == {hashes[0], hashes[2]}
    assert (await store.path(hashes[1])).read_bytes() == contents[1]
    await store.aclose()


async def test_copies_just_handed_out_are_spared(url: str, tmp_path: Path) -> None:
    store = _store(url, tmp_path, cache_bytes=150_000)
    hashes = [await store.put_bytes(bytes([n]) * 100_000) for n in range(4)]
    assert _copies(tmp_path) == set(hashes)
    await store.aclose()


def _age(home: Path, hashes: list[str]) -> None:
    for path in (home / "cache").rglob("*"):
        if path.name in hashes:
            os.utime(path, (time.time() - 7200 - hashes.index(path.name),) * 2)


async def test_a_full_disk_of_copies_is_told(
    store: BucketMediaStore, monkeypatch: pytest.MonkeyPatch, server: BucketServer, url: str
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, os.strerror(28))

    # The system's edge is the only place where a full disk can be played.
    monkeypatch.setattr("store.content.os.fsync", full)
    with pytest.raises(DiskFull):
        await store.put_bytes(b"song")
    assert _objects(server, url) == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/media",
        "/srv/media",
        "s3://",
        "s3://UPPER/prefix",
        "s3://key:secret@bucket/prefix",
        "s3://bucket?endpoint=minio:9000",
        "s3://bucket?zone=eu",
        "file://host/srv/media",
        "file:///",
        "file:relative",
    ],
)
def test_an_address_that_is_none_is_refused_with_examples(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as raised:
        build_media(url, tmp_path, 0, tmp_path, tmp_path)
    assert raised.value.field == "GREENROOM_MEDIA_URL"
    assert "s3://bucket" in (raised.value.remedy or "")
    assert "secret" not in raised.value.message


async def test_no_address_is_the_folder_of_the_home(tmp_path: Path) -> None:
    store = build_media(None, tmp_path / "media", 0, tmp_path / "works", tmp_path / "cache")
    assert isinstance(store, FolderMediaStore)
    sha256 = await store.put_bytes(b"song")
    assert await store.path(sha256) == tmp_path / "media" / sha256[:2] / sha256[2:4] / sha256
    await store.shelve(sha256, ("kale",), "night.mp3")
    assert (tmp_path / "works" / "kale" / "night.mp3").read_bytes() == b"song"


async def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = build_media((tmp_path / "file" / "media").as_uri(), tmp_path, 0, tmp_path, tmp_path)
    with pytest.raises(EnvironmentProblem) as raised:
        await store.check()
    assert "GREENROOM_MEDIA_URL" in (raised.value.remedy or "")
