"""A work is one track with everything that was made for it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.choice import CreativeChoice
from domain.entity import Entity
from domain.genre import Mode
from domain.quality import QualityReport
from domain.score import LyricSection as LyricSection
from domain.states import StateMachine

AssetRole = Literal[
    "flac",
    "mp3",
    "ogg",
    "midi",
    "score",
    "musicxml",
    "lyrics",
    "cover",
    "plate",
    "cover_thumb",
    "stem",
    "fingerprint",
    "report",
]


class WorkStatus(StrEnum):
    """How far a work has come."""

    CONCEIVED = "conceived"
    WRITTEN = "written"
    COMPOSED = "composed"
    RENDERED = "rendered"
    COMPLETE = "complete"
    REJECTED = "rejected"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


WORK_STATES = StateMachine(
    "work",
    {
        WorkStatus.CONCEIVED: {WorkStatus.WRITTEN, WorkStatus.REJECTED},
        WorkStatus.WRITTEN: {WorkStatus.WRITTEN, WorkStatus.COMPOSED, WorkStatus.REJECTED},
        WorkStatus.COMPOSED: {
            WorkStatus.WRITTEN,
            WorkStatus.COMPOSED,
            WorkStatus.RENDERED,
            WorkStatus.REJECTED,
        },
        WorkStatus.RENDERED: {
            WorkStatus.WRITTEN,
            WorkStatus.COMPOSED,
            WorkStatus.RENDERED,
            WorkStatus.COMPLETE,
            WorkStatus.REJECTED,
        },
        WorkStatus.COMPLETE: {WorkStatus.RELEASED, WorkStatus.REJECTED},
        WorkStatus.RELEASED: {WorkStatus.WITHDRAWN},
        WorkStatus.REJECTED: set(),
        WorkStatus.WITHDRAWN: set(),
    },
)


class Asset(BaseModel):
    """A file of the media folder, by the hash of its content."""

    model_config = ConfigDict(frozen=True)

    role: AssetRole
    sha256: str
    bytes: int
    media_type: str
    filename: str


class Provenance(BaseModel):
    """Which engine or model made a part, from which inputs."""

    model_config = ConfigDict(frozen=True)

    part: str
    made_by: str
    kind: Literal["algorithm", "trained_model", "person", "composite"]
    inputs: dict[str, str] = Field(default_factory=dict)
    at: AwareDatetime


class Credit(BaseModel):
    """One contributor and role, with the DDEX contributor role's name."""

    model_config = ConfigDict(frozen=True)

    name: str
    role: Literal[
        "MainArtist", "FeaturedArtist", "Composer", "Lyricist", "Producer", "Mixer", "Artwork"
    ]
    artist_id: str | None = None
    share_percent: float | None = Field(default=None, ge=0, le=100)


class Concept(BaseModel):
    """What the song is about, before a word of it is written."""

    model_config = ConfigDict(frozen=True)

    title: str
    theme: str
    story: str
    images: tuple[str, ...]


class Work(Entity):
    """One track; grows from concept to complete, then is released or rejected."""

    artist_id: str
    run_id: str
    status: WorkStatus = WorkStatus.CONCEIVED
    title: str
    concept: Concept
    seed: int
    # The rejected work of which this one is another version.
    revises: str | None = None
    revision: int = 0
    lyrics: tuple[LyricSection, ...] = ()
    pcm_sha256: str | None = None
    duration_s: float | None = None
    tempo_bpm: float | None = None
    key: str | None = None
    mode: Mode | None = None
    assets: tuple[Asset, ...] = ()
    reports: tuple[QualityReport, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    credits: tuple[Credit, ...] = ()
    choices: tuple[CreativeChoice, ...] = ()

    def move_to(self, status: WorkStatus, at: datetime) -> Work:
        """Take a legal step of the work's life."""
        return self.amend(at, status=WORK_STATES.check(self.status, status))

    def asset(self, role: AssetRole) -> Asset | None:
        """The file in this role, if there is one."""
        return next((a for a in self.assets if a.role == role), None)

    def with_assets(self, at: datetime, *assets: Asset) -> Work:
        """Add files; each replaces the old one of its role (stems: of its role and name)."""
        taken = {_place(a) for a in assets}
        kept = tuple(a for a in self.assets if _place(a) not in taken)
        return self.amend(at, assets=(*kept, *assets))

    def with_report(self, at: datetime, report: QualityReport) -> Work:
        """Add a report; it replaces the older one on the same subject."""
        kept = tuple(r for r in self.reports if r.subject != report.subject)
        return self.amend(at, reports=(*kept, report))


def _place(asset: Asset) -> tuple[str, str]:
    return asset.role, asset.filename if asset.role == "stem" else ""
