"""Where files are kept, by the address in GREENROOM_MEDIA_URL."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from store.bucket_address import read_bucket_address, wrong
from store.media import FolderMediaStore
from store.media_cache import LIMIT_BYTES, MediaCache

if TYPE_CHECKING:
    from store.bucket import BucketMediaStore

COPIES = "media"


def build_media(
    media_url: str | None,
    folder: Path,
    reserve_bytes: int,
    shelves: Path,
    cache_dir: Path,
    cache_bytes: int = LIMIT_BYTES,
) -> FolderMediaStore | BucketMediaStore:
    """The media store of this address; None is `folder`, with names for people on `shelves`.

    A bucket's copies are kept in `cache_dir`. Raises `InvalidInput` for an address that is none.
    """
    if media_url is None:
        return FolderMediaStore(folder, reserve_bytes, shelves=shelves)
    parts = urlsplit(media_url)
    if parts.scheme == "file":
        return FolderMediaStore(_folder(parts), reserve_bytes)
    if parts.scheme == "s3":
        # Half a second of imports that a label without a bucket does not need.
        from store.bucket import BucketMediaStore  # noqa: PLC0415

        address = read_bucket_address(parts)
        name = hashlib.sha256(f"{address.endpoint} {address}".encode()).hexdigest()[:16]
        cache = MediaCache(cache_dir / COPIES / name, cache_bytes)
        return BucketMediaStore(address, cache, reserve_bytes)
    raise wrong(f"an address of files cannot begin with {parts.scheme or media_url!r}")


def _folder(parts: SplitResult) -> Path:
    path = Path(unquote(parts.path))
    whole = path.is_absolute() and len(path.parts) > 1
    if parts.netloc not in ("", "localhost") or parts.query or not whole:
        raise wrong("the address of a folder is file:/// and its whole path")
    return path
