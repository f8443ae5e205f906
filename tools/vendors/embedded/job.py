"""What a child is given to do: the request, and what its workplace is like."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from domain.requests import (
    CoverRequest,
    MasterRequest,
    PackageRequest,
    PortraitRequest,
    SongRequest,
)

REQUEST = "request.json"
RESULT = "result.json"
COMPLAINTS = "complaints.txt"


class Bench(BaseModel):
    """The workplace of a child, which reads no settings of its own."""

    model_config = ConfigDict(frozen=True)

    soundfont: Path = Field(description="SF3 or SF2 file to play with.")
    soundfont_cache: Path = Field(description="Folder of sound fonts made ready to play.")
    voice_cache: Path = Field(description="Folder of voices made ready to sing.")


class Job(BaseModel):
    """One piece of work in a folder."""

    model_config = ConfigDict(frozen=True)

    bench: Bench
    request: SongRequest | MasterRequest | CoverRequest | PortraitRequest | PackageRequest = Field(
        discriminator="kind"
    )
