"""A real S3-compatible service for tests: moto's server on loopback, one a test process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import boto3
from moto.server import ThreadedMotoServer
from mypy_boto3_s3 import S3Client

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


class BucketServer:
    """A running service, which may be stopped and started again with what it holds."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._server.start()
        self._port = self._server.get_host_and_port()[1]

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._port}"

    def new_bucket(self) -> str:
        """Create an empty bucket and return its name."""
        name = f"test-{uuid4().hex}"
        self.client().create_bucket(Bucket=name)
        return name

    def media_url(self, prefix: str = "media") -> str:
        """A value for GREENROOM_MEDIA_URL, with a bucket of its own."""
        return f"s3://{self.new_bucket()}/{prefix}?endpoint={self.endpoint}&region=us-east-1"

    def client(self) -> S3Client:
        """A client to look behind the store's back."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )

    def stop(self) -> None:
        """Go away; whoever connects is refused."""
        self._server.stop()

    def start(self) -> None:
        """Come back on the same port."""
        self._server = ThreadedMotoServer("127.0.0.1", self._port, verbose=False)
        self._server.start()


@contextmanager
def bucket_server() -> Iterator[BucketServer]:
    """Start a service, and stop it at the end."""
    server = BucketServer()
    try:
        yield server
    finally:
        server.stop()
