"""An empty label gets its first artist from the brief that ships; its first cycle starts alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
import yaml
from pydantic import BaseModel, ConfigDict

from app.label import Label
from domain.actor import SYSTEM
from domain.artist import Artist, ArtistStatus

BRIEF = Path(__file__).resolve().parent.parent / "packs" / "briefs" / "first.yaml"
POLL_S = 60.0
_log = structlog.get_logger(__name__)


class FirstBrief(BaseModel):
    """The brief that ships with the product."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    brief: str
    genre: str | None = None
    seed: int | None = None


async def welcome(label: Label) -> None:
    """Create the first artist if the label is empty, then start its first cycle after its debut."""
    artists = await label.house.artists.page(SYSTEM, limit=1)
    first = artists[0] if artists else await _create(label)
    while True:
        first = await label.house.artists.find(SYSTEM, first.id)
        if first.status is ArtistStatus.ACTIVE and await _never_ran(label, first):
            run = await label.house.runs.start(SYSTEM, first.id)
            _log.info("the first cycle starts", artist=first.handle, run_id=run.id)
        if first.status is not ArtistStatus.CANDIDATE:
            return
        last = await label.views.last_event()
        await label.bus.wait(last, POLL_S)
        await asyncio.sleep(0.2)


async def _create(label: Label) -> Artist:
    shipped = FirstBrief.model_validate(yaml.safe_load(BRIEF.read_text(encoding="utf-8")))
    house = label.house
    artist = await house.artists.create(SYSTEM, shipped.brief, shipped.genre, shipped.seed)
    await house.runs.start(SYSTEM, artist.id, "debut", seed=shipped.seed)
    _log.info("the label is empty; its first artist is on the way", artist=artist.handle)
    return artist


async def _never_ran(label: Label, artist: Artist) -> bool:
    runs = await label.house.runs.page(SYSTEM, artist_id=artist.id)
    return all(run.kind != "cycle" for run in runs)
