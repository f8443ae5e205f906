"""How much room the label's parts take on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from domain.house import Room
from domain.ports.clock import Clock
from runtime.settings import Settings

# Folders of many files are counted at most this often.
COUNTED_EVERY_S = 60.0


def room_teller(settings: Settings, clock: Clock) -> Callable[[], Awaitable[Sequence[Room]]]:
    """What tells how much room is taken; counts anew after a while."""
    kept: list[tuple[float, tuple[Room, ...]]] = []

    async def tell() -> Sequence[Room]:
        now = clock.now().timestamp()
        if not kept or now - kept[-1][0] > COUNTED_EVERY_S:
            kept[:] = [(now, await asyncio.to_thread(_count, settings))]
        return kept[-1][1]

    return tell


def _count(settings: Settings) -> tuple[Room, ...]:
    home = settings.home
    database = _database(settings, home / "label.db")
    media = Room(
        name="Works and pictures",
        where=str(settings.media_dir),
        bytes=_size(settings.media_dir) if settings.media_url is None else None,
        note="" if settings.media_url is None else "kept elsewhere; see GREENROOM_MEDIA_URL",
    )
    memory = Room(
        name="Memory's vectors",
        where=str(settings.chroma_dir),
        bytes=_size(settings.chroma_dir) if settings.chroma_url is None else None,
        note="" if settings.chroma_url is None else "kept by a Chroma server",
    )
    cache = settings.cache_dir
    models = Room(name="Models and sound fonts", where=str(cache), bytes=_size(cache))
    return (database, media, memory, models)


def _database(settings: Settings, file: Path) -> Room:
    if settings.database_url is not None:
        return Room(name="Database", where="", bytes=None, note="see GREENROOM_DATABASE_URL")
    files = (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm")))
    taken = sum(f.stat().st_size for f in files if f.exists())
    return Room(name="Database", where=str(file), bytes=taken)


def _size(folder: Path) -> int:
    """Bytes of all files below; what vanishes meanwhile counts nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() and not path.is_symlink() else 0
        except FileNotFoundError:
            continue
    return total
