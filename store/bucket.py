"""Files in a bucket of an S3-compatible service, with copies of the lately used on this host.

An object's key is the hash of its content, so nothing is ever overwritten with something else,
and a copy that was once right stays right. What comes back from the service is hashed again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeVar
from weakref import WeakValueDictionary

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from domain.errors import EnvironmentProblem
from store.bucket_address import BucketAddress
from store.bucket_failures import is_absent, told
from store.content import (
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
from store.media_cache import MediaCache

Result = TypeVar("Result")
THREADS = 8
# One request up to here, which is whole or not; above it the service joins the parts at the end.
PART_BYTES = 64 << 20
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 60
ATTEMPTS = 3


class BucketMediaStore:
    """Implements `domain.ports.media_store.MediaStore`; credentials come by boto's own chain."""

    def __init__(self, address: BucketAddress, cache: MediaCache, reserve_bytes: int = 0) -> None:
        self._address = address
        self._cache = cache
        self._reserve_bytes = reserve_bytes
        self._client = boto3.Session().client(
            "s3",
            endpoint_url=address.endpoint,
            region_name=address.region,
            config=_config(address),
        )
        # Threads of its own: a bucket that hangs must not keep others from theirs.
        self._threads = ThreadPoolExecutor(THREADS, "bucket")
        self._transfer = TransferConfig(multipart_threshold=PART_BYTES, use_threads=False)
        self._fetching: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def put_file(self, path: Path) -> str:
        """Store a file's content; returns its SHA-256. Raises `DiskFull`."""
        return await self._run(lambda: self._put_file(path))

    async def put_bytes(self, content: bytes) -> str:
        """Store bytes; returns their SHA-256. Raises `DiskFull`."""
        return await self._run(lambda: self._put(BytesIO(content)))

    async def path(self, sha256: str) -> Path:
        """Path of this host's copy, fetched first where there is none; raises `NotFound`."""
        # One fetch at a time: whoever asks meanwhile finds the copy.
        async with self._fetching.setdefault(sha256, asyncio.Lock()):
            return await self._run(lambda: self._cache.find(sha256) or self._fetch(sha256))

    async def shelve(self, sha256: str, shelf: tuple[str, ...], filename: str) -> None:
        """Nothing: a bucket has no second names, and a second copy would cost."""

    async def shelved(self, sha256: str, shelf: tuple[str, ...], filename: str) -> str:
        """The object's address."""
        return f"s3://{self._address.bucket}/{self._key(sha256)}"

    def free_bytes(self) -> int:
        """Room left on the disk of the copies."""
        return free_bytes(self._cache.root)

    async def check(self) -> None:
        """Raise unless the bucket is there and lets us in."""

        def ask() -> None:
            with told(str(self._address)):
                self._client.head_bucket(Bucket=self._address.bucket)

        await self._run(ask)

    async def aclose(self) -> None:
        """Let go of threads and connections."""
        await asyncio.to_thread(self._threads.shutdown)
        self._client.close()

    async def _run(self, call: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _key(self, sha256: str) -> str:
        return (Path(self._address.prefix) / place_of(Path(), sha256)).as_posix()

    def _put_file(self, path: Path) -> str:
        with opened(path) as source:
            return self._put(source)

    def _put(self, source: BinaryIO) -> str:
        root = self._cache.root
        check_room(root, size_of(source), self._reserve_bytes)
        with disk_told(), temporary_file(root) as (target, temporary):
            sha256 = copied(source, target)
            size_bytes = temporary.stat().st_size
            if not self._holds(sha256, size_bytes):
                with told(str(self._address)):
                    self._client.upload_file(
                        str(temporary),
                        self._address.bucket,
                        self._key(sha256),
                        Config=self._transfer,
                    )
            # Only now: a copy here says that the bucket has it.
            moved(temporary, place_of(root, sha256), root)
        self._cache.added(size_bytes)
        return sha256

    def _holds(self, sha256: str, size_bytes: int) -> bool:
        with told(str(self._address)):
            try:
                head = self._client.head_object(Bucket=self._address.bucket, Key=self._key(sha256))
            except self._client.exceptions.ClientError as error:
                if is_absent(error):
                    return False
                raise
        return head["ContentLength"] == size_bytes

    def _fetch(self, sha256: str) -> Path:
        root = self._cache.root
        with disk_told(), temporary_file(root) as (target, temporary):
            found = self._download(sha256, target)
            if found != sha256:
                raise EnvironmentProblem(
                    f"the bucket gave other content than {sha256}",
                    remedy="Look whether somebody wrote into the bucket; "
                    "the file's work can be rendered again.",
                )
            size_bytes = temporary.stat().st_size
            moved(temporary, place_of(root, sha256), root)
        self._cache.added(size_bytes)
        return place_of(root, sha256)

    def _download(self, sha256: str, target: BinaryIO) -> str:
        with told(str(self._address)):
            try:
                got = self._client.get_object(Bucket=self._address.bucket, Key=self._key(sha256))
            except self._client.exceptions.ClientError as error:
                if is_absent(error):
                    raise no_such_file(sha256) from error
                raise
            check_room(self._cache.root, got["ContentLength"], self._reserve_bytes)
            with got["Body"] as body:
                return copied(body, target)


def _config(address: BucketAddress) -> Config:
    return Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "max_attempts": ATTEMPTS},
        max_pool_connections=THREADS,
        # Services that only resemble S3 know neither the newer checksums nor a host per bucket.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"} if address.endpoint else None,
    )
