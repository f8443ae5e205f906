"""Style sheets, scripts and fonts: small, sent compressed, cached for ever under their hash."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import fontpkg
from fastapi import APIRouter, Request
from starlette.responses import Response

from domain.errors import NotFound, PartMissing

STATIC = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}
# Name in the address: family and style of the installed font package.
FONTS = {
    "anton.ttf": ("Anton", "normal"),
    "cormorant.ttf": ("Cormorant Garamond", "normal"),
    "cormorant-italic.ttf": ("Cormorant Garamond", "italic"),
    "fraunces.ttf": ("Fraunces", "normal"),
    "fraunces-italic.ttf": ("Fraunces", "italic"),
    "inter.ttf": ("Inter", "normal"),
    "jetbrains-mono.ttf": ("JetBrains Mono", "normal"),
    "space-grotesk.ttf": ("Space Grotesk", "normal"),
    "syne.ttf": ("Syne", "normal"),
    "unbounded.ttf": ("Unbounded", "normal"),
}
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Sent:
    """A file as it is sent."""

    plain: bytes
    packed: bytes
    digest: str
    media_type: str

    def response(self, request: Request) -> Response:
        """Send it, compressed where the browser takes that."""
        headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self.packed, media_type=self.media_type, headers=headers)
        return Response(self.plain, media_type=self.media_type, headers=headers)


@lru_cache(maxsize=64)
def _read(path: Path) -> Sent:
    plain = path.read_bytes()
    return Sent(
        plain=plain,
        packed=gzip.compress(plain, 6, mtime=0),
        digest=hashlib.sha256(plain).hexdigest()[:12],
        media_type=TYPES[path.suffix],
    )


def static_url(name: str) -> str:
    """The address of a static file, with the hash of its content."""
    return f"/static/{_read(STATIC / name).digest}/{name}"


@router.get("/static/{digest}/{name}")
def static_file(digest: str, name: str, request: Request) -> Response:
    """Send a style sheet or script."""
    if name not in {p.name for p in STATIC.iterdir()}:
        raise NotFound("no such file")
    return _read(STATIC / name).response(request)


@router.get("/fonts/{name}")
def font_file(name: str, request: Request) -> Response:
    """Send one of the installed typefaces, and nothing else."""
    if name not in FONTS:
        raise NotFound("no such font")
    family, style = FONTS[name]
    try:
        path = fontpkg.path(family, style=style)
    except fontpkg.FontpkgError as problem:
        raise PartMissing(
            f"the font {family} ({style}) is not installed",
            remedy="Install Greenroom's locked dependencies again.",
        ) from problem
    return _read(Path(path)).response(request)
