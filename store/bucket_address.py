"""The address of a bucket, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from domain.errors import InvalidInput

SETTING = "GREENROOM_MEDIA_URL"
EXAMPLES = "`file:///srv/media` or `s3://bucket/prefix?endpoint=https://host:9000`"
KEYS = "Credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from a role."
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_QUERY = ("endpoint", "region")


@dataclass(frozen=True)
class BucketAddress:
    """Which bucket, where in it, and on which service; None is Amazon's own."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


def read_bucket_address(parts: SplitResult) -> BucketAddress:
    """Raises `InvalidInput` for what is no address of a bucket."""
    if "@" in parts.netloc:
        raise wrong("the address of a bucket holds no credentials", KEYS)
    if not _BUCKET.fullmatch(parts.netloc):
        raise wrong(f"{parts.netloc!r} is not the name of a bucket")
    query = parse_qsl(parts.query, keep_blank_values=True)
    unknown = [name for name, _ in query if name not in _QUERY]
    if unknown:
        raise wrong(f"the address of a bucket knows no {unknown[0]!r}")
    said = dict(query)
    endpoint = said.get("endpoint")
    if endpoint is not None and urlsplit(endpoint).scheme not in ("http", "https"):
        raise wrong("the endpoint of a bucket begins with http:// or https://")
    return BucketAddress(
        bucket=parts.netloc,
        prefix=unquote(parts.path).strip("/"),
        endpoint=endpoint,
        region=said.get("region"),
    )


def wrong(message: str, remedy: str = "") -> InvalidInput:
    """What to raise for an address that cannot be used."""
    return InvalidInput(message, field=SETTING, remedy=f"Write it as {EXAMPLES}. {remedy}".strip())
