"""What a song without an artist is asked to be, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.genre import FormSection, GenrePack
from domain.quality import QualityReport
from domain.score import LyricSection, MoodPoint
from domain.singer import Singer


class SongWish(BaseModel):
    """Everything a song is made from; with no sheet and no words, a model writes them."""

    model_config = ConfigDict(frozen=True)

    pack: GenrePack
    seed: int
    brief: str = ""
    title: str | None = None
    sheet: str | None = Field(default=None, description="The text of a lyric file.")
    form: tuple[FormSection, ...] | None = Field(
        default=None, description="Forced, where no sheet says what is sung."
    )
    mood: MoodPoint = MoodPoint()
    singer: Singer | None = None
    instrumental: bool = False
    stems: bool = True
    revisions: int = Field(default=2, ge=0)


class Words(BaseModel):
    """The words of the song, where they come from, and what had to be said about them."""

    model_config = ConfigDict(frozen=True)

    title: str
    sections: tuple[LyricSection, ...] = ()
    language: str = "en"
    written_by: str
    notes: tuple[str, ...] = ()


class MadeSong(BaseModel):
    """The finished song: where its files are, and how it was judged."""

    model_config = ConfigDict(frozen=True)

    title: str
    pack: str
    seed: int
    status: Literal["passed", "failed"]
    duration_s: float
    tempo_bpm: float
    key: str
    mode: str
    singer: str | None = Field(description="The preset that sings; None: an instrument does.")
    unsung: str | None = Field(default=None, description="Why nobody sings, if nobody does.")
    written_by: str
    lyrics: tuple[LyricSection, ...]
    language: str
    revisions: int
    repairs: tuple[str, ...]
    notes: tuple[str, ...]
    files: dict[str, Path]
    stems: tuple[Path, ...]
    reports: tuple[QualityReport, ...]
    pcm_sha256: str
    integrated_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    cpu_s: float
    peak_mb: float
