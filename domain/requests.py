"""What is asked of generators: a song to render, a song to package, a picture to draw."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.art import ArtDirection
from domain.genre import Mode
from domain.score import MoodPoint, Score


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True)


class SongRequest(_Request):
    """Render this score; `earlier` are fingerprint files of the artist's own catalogue."""

    kind: Literal["song"] = "song"
    score: Score
    earlier: tuple[Path, ...] = ()


class CoverRequest(_Request):
    """Draw a cover; `earlier` are plate signature files of the artist's own catalogue."""

    kind: Literal["cover"] = "cover"
    title: str
    artist: str
    art: ArtDirection
    mood: MoodPoint = MoodPoint()
    seed: int
    size_px: int = Field(default=3000, ge=256, le=4000)
    earlier: tuple[Path, ...] = ()


class PortraitRequest(_Request):
    """Draw an artist's mark and the banner of its page."""

    kind: Literal["portrait"] = "portrait"
    artist: str
    art: ArtDirection
    seed: int
    size_px: int = Field(default=1024, ge=128, le=2048)


class PackageRequest(_Request):
    """Write tags and cover into copies of the finished files and read them back."""

    kind: Literal["package"] = "package"
    flac: Path
    mp3: Path
    cover: Path
    title: str
    artist: str
    album: str
    genre: str
    tempo_bpm: float
    key: str
    mode: Mode
    lyrics: str
    disclosure: str
