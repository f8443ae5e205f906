"""The child's packaging job: tag copies of the finished files, read the tags back."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from domain.ports.providers import Generated, GeneratedFile, Progress
from domain.quality import QualityReport
from domain.requests import PackageRequest
from media.gates.audio import check_tags
from media.pictures.encode import resize, to_jpeg
from media.tags import SongTags, key_tag, write_tags

EMBEDDED_COVER_PX = 1200
MAX_EMBEDDED_BYTES = 900_000
MEDIA_TYPES = {"flac": "audio/flac", "mp3": "audio/mpeg", "ogg": "audio/ogg"}


def make_package(request: PackageRequest, folder: Path, progress: Progress) -> Generated:
    """Copy the audio files into the folder with tags and a cover of reasonable size."""
    tags = SongTags(
        title=request.title,
        artist=request.artist,
        album=request.album,
        genre=request.genre,
        bpm=request.tempo_bpm,
        key=key_tag(request.key, request.mode),
        lyrics=request.lyrics,
        ai_disclosure=request.disclosure,
        cover_jpeg=_small_cover(request.cover),
    )
    sources = {"flac": request.flac, "mp3": request.mp3}
    if request.ogg is not None:
        sources["ogg"] = request.ogg
    targets = {role: folder / f"song.{role}" for role in sources}
    for number, (role, source) in enumerate(sources.items()):
        progress("tags", number / len(sources))
        shutil.copyfile(source, targets[role])
        write_tags(targets[role], tags)
    report = QualityReport(subject="audio", gates=(check_tags(tuple(targets.values()), tags),))
    progress("tags", 1.0)
    return Generated(
        files=tuple(
            GeneratedFile(role=role, path=path, media_type=MEDIA_TYPES[role])
            for role, path in targets.items()
        ),
        reports=(report,),
    )


def _small_cover(path: Path) -> bytes:
    with Image.open(path) as picture:
        full = np.asarray(picture.convert("RGB"))
    small = full if full.shape[1] <= EMBEDDED_COVER_PX else resize(full, EMBEDDED_COVER_PX)
    return to_jpeg(small, MAX_EMBEDDED_BYTES)
