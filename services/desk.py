"""What people at the dashboard look things up with; writes nothing but measured waves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.house import Room, Setting
from domain.ports.media_store import MediaStore
from services.calendar import CalendarService
from services.search import SearchService
from services.shelf import ShelfService
from services.views import ViewService
from services.waves import WaveService


@dataclass(frozen=True)
class Desk:
    """Calendar, catalogue, search, waves of sounds, and what the house tells of itself."""

    calendar: CalendarService
    shelf: ShelfService
    search: SearchService
    waves: WaveService
    settings: Sequence[Setting]
    room: Callable[[], Awaitable[Sequence[Room]]]


async def _no_room() -> Sequence[Room]:
    return ()


def lay_desk(
    views: ViewService,
    media: MediaStore,
    waves: Path,
    settings: Sequence[Setting] = (),
    room: Callable[[], Awaitable[Sequence[Room]]] = _no_room,
) -> Desk:
    """The desk over the label's database; measured waves are kept in the folder `waves`."""
    return Desk(
        calendar=CalendarService(views.database, views.clock),
        shelf=ShelfService(views),
        search=SearchService(views.database, views.clock),
        waves=WaveService(media, waves),
        settings=settings,
        room=room,
    )
