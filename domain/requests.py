"""What is asked of generators: a song to render, a song to package, a picture to draw."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.art import ArtDirection
from domain.genre import Mode
from domain.quality import QualityReport
from domain.score import LyricSection, MoodPoint, Score
from domain.singer import Singer

Told = Literal["length", "tempo", "key"]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True)


class MusicAsk(_Request):
    """A song in words, for generators that read no score; `duration_s` is the length wanted."""

    title: str
    style: str = Field(description="Genre, instruments, mood and tempo as one prompt.")
    lyrics: tuple[LyricSection, ...] = ()
    language: str = "en"
    instrumental: bool = False
    duration_s: float = Field(gt=0)
    tempo_bpm: float = Field(gt=0)
    key: str
    mode: Mode
    seed: int


class SongRequest(_Request):
    """Make this song: the score for engines that render, `ask` for generators that do not.

    `earlier` are fingerprint files of the artist's catalogue;
    without a `singer` an instrument carries the melody.
    """

    kind: Literal["song"] = "song"
    score: Score
    ask: MusicAsk | None = None
    singer: Singer | None = None
    stems: bool = False
    mix: int = Field(default=0, ge=0, description="Which mix: each re-mix balances anew.")
    repair: tuple[str, ...] = Field(default=(), description="Gates that the re-mix must mend.")
    overrides: dict[str, str | float | int | bool] = Field(
        default_factory=dict, description="The artist's own values, by path in the genre pack."
    )
    report_with: tuple[QualityReport, ...] | None = Field(
        default=None, description="Draw a report page, these reports included; None: no page."
    )
    earlier: tuple[Path, ...] = ()


class MasterRequest(_Request):
    """Master and judge a song that another generator made, as `SongRequest` does with our own."""

    kind: Literal["master"] = "master"
    audio: Path
    ask: MusicAsk
    pack_id: str
    overrides: dict[str, str | float | int | bool] = Field(default_factory=dict)
    earlier: tuple[Path, ...] = ()
    told: tuple[Told, ...] = Field(
        default=(), description="What the generator was told as a number, not as a wish in words."
    )


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
    ogg: Path | None = None
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
