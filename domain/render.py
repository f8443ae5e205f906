"""What an engine made of an exact request, kept for the next time the same is asked."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.choice import CreativeChoice
from domain.entity import Entity
from domain.quality import QualityReport


class RenderedFile(BaseModel):
    """A file by its content; the media store holds it as long as a work does."""

    model_config = ConfigDict(frozen=True)

    role: str
    name: str
    sha256: str
    bytes: int
    media_type: str


class Render(Entity):
    """One render by the digest of its request and of the engine that made it."""

    key: str
    kind: str
    engine: str
    used_at: AwareDatetime
    hits: int = 0
    cpu_s: float = 0.0
    files: tuple[RenderedFile, ...]
    reports: tuple[QualityReport, ...] = ()
    choices: tuple[CreativeChoice, ...] = ()
    facts: dict[str, str | float | int | None] = Field(default_factory=dict)


class RenderRates(BaseModel):
    """How often renders were found again, and what that saved."""

    model_config = ConfigDict(frozen=True)

    kept: int = 0
    hits: int = 0
    saved_cpu_s: float = 0.0
