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


def make_package(request: PackageRequest, folder: Path, progress: Progress) -> Generated:
    """Copy FLAC and MP3 into the folder with tags and a cover of reasonable size."""
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
    flac, mp3 = folder / "song.flac", folder / "song.mp3"
    for number, (source, target) in enumerate(((request.flac, flac), (request.mp3, mp3))):
        progress("tags", number / 2)
        shutil.copyfile(source, target)
        write_tags(target, tags)
    report = QualityReport(subject="audio", gates=(check_tags((flac, mp3), tags),))
    progress("tags", 1.0)
    return Generated(
        files=(
            GeneratedFile(role="flac", path=flac, media_type="audio/flac"),
            GeneratedFile(role="mp3", path=mp3, media_type="audio/mpeg"),
        ),
        reports=(report,),
    )


def _small_cover(path: Path) -> bytes:
    with Image.open(path) as picture:
        full = np.asarray(picture.convert("RGB"))
    small = full if full.shape[1] <= EMBEDDED_COVER_PX else resize(full, EMBEDDED_COVER_PX)
    return to_jpeg(small, MAX_EMBEDDED_BYTES)
