"""Sends files of the media folder, in parts where a player asks for parts."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from fastapi.responses import FileResponse

from domain.errors import NotFound
from domain.ports.media_store import MediaStore

_SHA256 = re.compile(r"[0-9a-f]{64}")
OCTETS = "application/octet-stream"
# Only what Greenroom makes; a browser is never handed a page or a script out of the media folder.
MEDIA_TYPES = {
    ".flac": "audio/flac",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".lrc": "text/plain; charset=utf-8",
    ".mid": "audio/midi",
    ".mp3": "audio/mpeg",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
}


def media_type_of(filename: str) -> str:
    """The type of a file by its name, out of a short list."""
    return MEDIA_TYPES.get(PurePosixPath(filename).suffix.lower(), OCTETS)


async def send_file(
    store: MediaStore,
    sha256: str,
    *,
    filename: str | None = None,
    media_type: str | None = None,
    cache: str = "private, max-age=3600",
) -> FileResponse:
    """A stored file by its hash; raises `NotFound`. Its hash is its ETag."""
    if not _SHA256.fullmatch(sha256):
        raise NotFound("no such file", field="sha256")
    return FileResponse(
        await store.path(sha256),
        media_type=media_type or media_type_of(filename or ""),
        filename=filename,
        content_disposition_type="inline",
        headers={"ETag": f'"{sha256}"', "Cache-Control": cache},
    )
