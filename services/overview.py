"""What the dashboard shows of the whole label; writes nothing."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.hold import Hold
from services.base import Service
from services.holds import standing_hold
from store.repositories.overview import FrameFigures


class Frame(BaseModel):
    """What stands around every page of the dashboard."""

    model_config = ConfigDict(frozen=True)

    figures: FrameFigures = FrameFigures()
    hold: Hold | None = None


class OverviewService(Service):
    """Reads for the dashboard, in a fixed number of queries."""

    async def frame(self, actor: Actor) -> Frame:
        """What waits for this person, what is wrong, what runs, and whether all is held."""
        actor.must_read()
        async with self.database.unit() as unit:
            return Frame(
                figures=await unit.overview.frame(actor.artists), hold=await standing_hold(unit)
            )
