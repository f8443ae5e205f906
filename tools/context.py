"""What a tool is given by code, never by a model: who acts, for which run, with which parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from domain.actor import Actor
from domain.errors import Forbidden
from domain.ports.memory import Memory
from domain.ports.providers import Progress, Provider
from domain.requests import (
    CoverRequest,
    MasterRequest,
    PackageRequest,
    PortraitRequest,
    SongRequest,
)
from services.artists import ArtistService
from services.catalogue import CatalogueService
from services.generation.service import GenerationService
from services.publishing import PublishingService
from services.works import WorkService


@dataclass(frozen=True)
class Studio:
    """The generators an artist may use."""

    music: Provider[SongRequest]
    covers: Provider[CoverRequest]
    portraits: Provider[PortraitRequest]
    packager: Provider[PackageRequest]
    masterer: Provider[MasterRequest]
    keep_stems: bool = False


@dataclass(frozen=True)
class ToolContext:
    """Authority and parts of one run's tools."""

    actor: Actor
    artist_id: str
    run_id: str
    scratch: Path
    studio: Studio
    memory: Memory
    artists: ArtistService
    works: WorkService
    catalogue: CatalogueService
    publishing: PublishingService
    generation: GenerationService
    progress: Progress

    @property
    def folder(self) -> Path:
        """Where generators work for this run; a worker that was relieved works in another one."""
        lease = self.actor.lease.number if self.actor.lease else 0
        return self.scratch / self.run_id / str(lease)

    def must_own(self, artist_id: str) -> None:
        """Raise `Forbidden` unless the thing belongs to the artist whose run this is.

        Arguments may come from a model: an id in them gives no authority over others' things.
        """
        if artist_id != self.artist_id:
            raise Forbidden("this belongs to another artist", field="artist_id")
