"""What a label stands on: where things are kept, and who carries news and jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from app.checkpoints import open_checkpoints
from app.roles import Role, worker_name
from domain.event import Event
from domain.ports.clock import Clock
from domain.ports.engine import Engine
from domain.ports.media_store import MediaStore
from domain.ports.network import Network
from domain.ports.providers import ProviderKind
from runtime.clock import SystemClock
from runtime.engine.dbos_engine import DbosEngine
from runtime.settings import Settings
from runtime.shared.build import Shared, open_shared
from runtime.telemetry.configure import Telemetry, configure
from store.database import Database
from store.media_url import build_media
from store.migrate import upgrade
from store.usage import SqlUsageLedger
from tools.context import Studio
from tools.vendors.music.catalogue import CATALOGUE

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Edges:
    """Parts that a test may replace at the edge of the house."""

    clock: Clock | None = None
    engine: Engine | None = None
    studio: Studio | None = None
    network: Callable[[Network], Network] | None = None
    media: Callable[[MediaStore], MediaStore] | None = None
    providers: Sequence[ProviderKind] = CATALOGUE
    on_commit: Callable[[Sequence[Event]], None] | None = None


@dataclass(frozen=True)
class Ground:
    """The parts beneath the services; all are open."""

    clock: Clock
    telemetry: Telemetry
    shared: Shared
    database: Database
    media: MediaStore
    engine: Engine
    ledger: SqlUsageLedger
    checkpoints: BaseCheckpointSaver[Any]


async def lay_ground(settings: Settings, role: Role, edges: Edges, stack: AsyncExitStack) -> Ground:
    """Open what the settings name, and bring the database to the newest revision."""
    name = worker_name(settings)
    telemetry = configure(settings, role.value, name)
    stack.push_async_callback(telemetry.aclose)
    await telemetry.start()
    shared = await stack.enter_async_context(open_shared(settings))
    await upgrade(settings.database)

    def announce(events: Sequence[Event]) -> None:
        shared.bus.announce(max(e.id for e in events))
        telemetry.events.observe(events)
        if edges.on_commit is not None:
            edges.on_commit(events)

    database = Database(settings.database, on_commit=announce)
    stack.push_async_callback(database.close)
    checkpoints = await stack.enter_async_context(open_checkpoints(settings))
    media = build_media(
        settings.media_url,
        settings.media_dir,
        settings.disk_reserve_mb * MEGABYTE,
        shelves=settings.works_dir,
        cache_dir=settings.cache_dir,
    )
    stack.push_async_callback(media.aclose)
    return Ground(
        clock=edges.clock or SystemClock(),
        telemetry=telemetry,
        shared=shared,
        database=database,
        media=edges.media(media) if edges.media else media,
        engine=edges.engine or build_engine(settings, role, name),
        ledger=SqlUsageLedger(database, keeps_texts=settings.model_texts_days > 0),
        checkpoints=checkpoints,
    )


def build_engine(settings: Settings, role: Role, name: str) -> DbosEngine:
    """The durable engine on the shared database, or on a file of its own in the home."""
    url = settings.database if settings.shared_database else engine_file(settings)
    return DbosEngine(
        url,
        name,
        parallel=settings.concurrency,
        dead_after_s=settings.worker_dead_s,
        executes=role.works,
    )


def engine_file(settings: Settings) -> str:
    """Address of the engine's own SQLite file."""
    return f"sqlite:///{settings.home / 'engine.db'}"
