"""The child's picture jobs: cover with plate signature and thumbnail; mark and banner."""

from __future__ import annotations

from pathlib import Path

from domain.ports.providers import Generated, GeneratedFile, Progress
from domain.requests import CoverRequest, PortraitRequest
from media.files import write_atomically
from media.pictures.cover import CoverSpec, draw_cover
from media.pictures.encode import resize, to_jpeg
from media.pictures.gates import check_cover
from media.pictures.mark import draw_banner, draw_mark
from media.pictures.scene import Feeling
from media.pictures.signature import PlateSignature, signature

THUMB_PX = 640
BANNER_PX = (1800, 600)
JPEG = "image/jpeg"


def make_cover(request: CoverRequest, folder: Path, progress: Progress) -> Generated:
    """Draw, judge and encode a cover."""
    spec = CoverSpec(
        title=request.title,
        artist=request.artist,
        art=request.art,
        mood=Feeling(**request.mood.model_dump()),
    )
    progress("drawing", 0.05)
    cover = draw_cover(spec, request.seed, request.size_px)
    progress("judging the cover", 0.8)
    jpeg = to_jpeg(cover.image)
    earlier = [PlateSignature.model_validate_json(p.read_bytes()) for p in request.earlier]
    report = check_cover(cover, spec, earlier, jpeg=jpeg, size_px=request.size_px)
    files = {
        "cover": (folder / "cover.jpg", jpeg, JPEG),
        "cover_thumb": (folder / "thumb.jpg", to_jpeg(resize(cover.image, THUMB_PX)), JPEG),
        "plate": (
            folder / "plate.json",
            signature(cover.plate).model_dump_json().encode(),
            "application/json",
        ),
    }
    return Generated(files=_written(files), reports=(report,), choices=cover.choices, facts={})


def make_portrait(request: PortraitRequest, folder: Path, progress: Progress) -> Generated:
    """Draw an artist's mark and the banner of its page."""
    progress("the mark", 0.05)
    mark = to_jpeg(draw_mark(request.artist, request.art, request.seed, request.size_px))
    progress("the banner", 0.5)
    banner = to_jpeg(draw_banner(request.art, request.seed, *BANNER_PX))
    return Generated(
        files=_written(
            {
                "portrait": (folder / "portrait.jpg", mark, JPEG),
                "banner": (folder / "banner.jpg", banner, JPEG),
            }
        )
    )


def _written(files: dict[str, tuple[Path, bytes, str]]) -> tuple[GeneratedFile, ...]:
    for path, content, _ in files.values():
        write_atomically(path, content)
    return tuple(
        GeneratedFile(role=role, path=path, media_type=media_type)
        for role, (path, _, media_type) in files.items()
    )
