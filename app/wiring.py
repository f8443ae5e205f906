"""Where concrete parts meet: chosen once from the settings, and handed down."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from api.context import ApiContext
from app import doctor
from app.forms import forced_form
from app.generation import Generators, build_generators
from app.home import Home
from app.progress import ProgressLogs
from app.roles import Role
from app.studio import build_studio
from domain.actor import SYSTEM, artist_actor
from domain.errors import GreenroomError
from domain.event import Event
from domain.ports.clock import Clock
from domain.ports.engine import Engine
from domain.ports.media_store import MediaStore
from domain.ports.network import Network
from domain.ports.providers import ProviderKind
from domain.run import RUN_STATES, Run, RunKind
from graphs.context import House, Rules, RunContext
from graphs.cycle.build import build_cycle
from graphs.debut.build import build_debut
from graphs.drive import RunDriver
from memory.chroma import ChromaVectors
from memory.memory import ArtistMemory
from runtime.bus import EventBus
from runtime.clock import SystemClock
from runtime.embedder import MiniLmEmbedder
from runtime.engine.dbos_engine import DbosEngine
from runtime.gateway.build import build_gateway
from runtime.gateway.cache import SqliteAnswerCache
from runtime.settings import Settings
from services.approvals import ApprovalService
from services.artists import ArtistService
from services.audience import AudienceService
from services.catalogue import CatalogueService
from services.generation.service import GenerationService
from services.operations import OperationsService
from services.publishing import PublishingService
from services.run_moves import RUN_JOB, RunRules, lease_of
from services.runs import RunService
from services.sound import SoundService
from services.stage import StageService
from services.views import ViewService
from services.works import WorkService
from store.database import Database
from store.media import FolderMediaStore
from store.memory_records import SqlMemoryRecords
from store.migrate import upgrade
from store.usage import SqlUsageLedger
from tools.context import Studio, ToolContext
from tools.registry import Toolbox
from tools.vendors.music.catalogue import CATALOGUE
from tools.vendors.stage import StageNetwork

MEGABYTE = 1 << 20
DOUBTFUL_JOBS = 200
_log = structlog.get_logger(__name__)
EXPIRY_EVERY_S = 30.0
GRANTED: dict[RunKind, tuple[str, ...]] = {
    "debut": ("draw_portrait",),
    "cycle": (
        "draw_cover",
        "package_song",
        "publish_post",
        "recall_memories",
        "release_single",
        "render_song",
    ),
}


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
class Label:
    """A running label: services for people, and the worker behind them."""

    settings: Settings
    home: Home
    house: House
    publishing: PublishingService
    generators: Generators
    stage: StageService
    views: ViewService
    media: MediaStore
    bus: EventBus
    engine: Engine
    driver: RunDriver

    def api_context(self, public_url: Callable[[], str]) -> ApiContext:
        """What the web application needs of the label."""
        return ApiContext(
            artists=self.house.artists,
            runs=self.house.runs,
            works=self.house.works,
            approvals=self.house.approvals,
            audience=self.house.audience,
            publishing=self.publishing,
            stage=self.stage,
            views=self.views,
            sound=SoundService(self.house.artists),
            generation=self.generators.songs,
            providers=self.generators.providers,
            operations=OperationsService(
                self.house.runs.database, self.house.clock, self.engine, self.house.runs
            ),
            media=self.media,
            bus=self.bus,
            clock=self.house.clock,
            token=self.home.token(),
            public_url=public_url,
            health=lambda: doctor.examine(self.settings),
        )


@dataclass(frozen=True)
class _Ground:
    """What everything stands on: where things are kept, and who carries news and jobs."""

    clock: Clock
    bus: EventBus
    database: Database
    media: MediaStore
    engine: Engine
    ledger: SqlUsageLedger
    checkpoints: AsyncSqliteSaver


@dataclass(frozen=True)
class _Channels:
    """Where artists publish."""

    stage: StageService
    network: Network
    publishing: PublishingService


@dataclass(frozen=True)
class _Makers:
    """What tools make and publish with."""

    studio: Studio
    songs: GenerationService
    publishing: PublishingService
    progress: ProgressLogs


@asynccontextmanager
async def open_label(
    settings: Settings, home: Home, edges: Edges | None = None, *, role: Role = Role.ALL
) -> AsyncIterator[Label]:
    """Open the label in a claimed home and close everything after; migrates the database.

    A working label also recovers runs that a dead process left, and goes on with them; one that
    does not work answers questions and takes plain writes, and starts nothing.
    """
    async with AsyncExitStack() as stack:
        label = await _build(settings, home, edges or Edges(), stack)
        if role.works:
            await _begin_work(label, stack)
        yield label


async def _begin_work(label: Label, stack: AsyncExitStack) -> None:
    label.engine.register(RUN_JOB, _job(label))
    await label.engine.start()
    stack.push_async_callback(label.engine.stop)
    stack.push_async_callback(_ended, asyncio.create_task(_expire(label.house.approvals)))
    await label.house.runs.recover(SYSTEM)
    await label.house.runs.debut_orphans(SYSTEM)


async def _build(settings: Settings, home: Home, edges: Edges, stack: AsyncExitStack) -> Label:
    ground = await _ground(settings, edges, stack)
    channels = _channels(ground, edges)
    house = _house(settings, ground, channels.network, stack)
    progress = ProgressLogs(house.runs)
    stack.push_async_callback(progress.drain)
    studio = edges.studio or build_studio(settings)
    generators = build_generators(
        settings,
        ground.database,
        ground.clock,
        ground.ledger,
        home.secrets,
        studio.music,
        edges.providers,
    )
    return Label(
        settings=settings,
        home=home,
        house=house,
        publishing=channels.publishing,
        generators=generators,
        stage=channels.stage,
        views=ViewService(house.works, ground.ledger),
        media=ground.media,
        bus=ground.bus,
        engine=ground.engine,
        driver=_driver(
            settings,
            house,
            _Makers(studio, generators.songs, channels.publishing, progress),
            ground.checkpoints,
        ),
    )


async def _ground(settings: Settings, edges: Edges, stack: AsyncExitStack) -> _Ground:
    bus = EventBus()
    await upgrade(settings.database)

    def announce(events: Sequence[Event]) -> None:
        bus.announce(max(e.id for e in events))
        if edges.on_commit is not None:
            edges.on_commit(events)

    database = Database(settings.database, on_commit=announce)
    stack.push_async_callback(database.close)
    checkpoints = await stack.enter_async_context(
        AsyncSqliteSaver.from_conn_string(str(settings.home / "checkpoints.db"))
    )
    await checkpoints.setup()
    media: MediaStore = FolderMediaStore(
        settings.media_dir,
        settings.disk_reserve_mb * MEGABYTE,
        shelves=settings.works_dir,
    )
    return _Ground(
        clock=edges.clock or SystemClock(),
        bus=bus,
        database=database,
        media=edges.media(media) if edges.media else media,
        engine=edges.engine or DbosEngine(f"sqlite:///{settings.home / 'engine.db'}", "owner"),
        ledger=SqlUsageLedger(database),
        checkpoints=checkpoints,
    )


def _channels(ground: _Ground, edges: Edges) -> _Channels:
    stage = StageService(ground.database, ground.clock)
    network: Network = StageNetwork(stage)
    network = edges.network(network) if edges.network else network
    networks = {network.capabilities.name: network}
    return _Channels(stage, network, PublishingService(ground.database, ground.clock, networks))


def _house(settings: Settings, ground: _Ground, network: Network, stack: AsyncExitStack) -> House:
    database, clock = ground.database, ground.clock
    cache = SqliteAnswerCache(settings.home / "answers.db")
    gateway = build_gateway(settings, ground.ledger, clock, cache)
    stack.push_async_callback(gateway.aclose)
    embedder = MiniLmEmbedder()
    vectors = ChromaVectors(settings.chroma_dir)
    stack.push_async_callback(vectors.aclose)
    runs = RunService(database, clock, ground.engine, _run_rules(settings))
    time_to_live = timedelta(hours=settings.approval_ttl_hours)
    return House(
        clock=clock,
        gateway=gateway,
        embedder=embedder,
        memory=ArtistMemory(SqlMemoryRecords(database), vectors, embedder),
        artists=ArtistService(database, clock),
        runs=runs,
        works=WorkService(database, clock, ground.media),
        catalogue=CatalogueService(database, clock),
        approvals=ApprovalService(database, clock, runs, time_to_live, check=network.validate),
        audience=AudienceService(database, clock),
        rules=_rules(settings, network),
    )


def _run_rules(settings: Settings) -> RunRules:
    return RunRules(
        retries=settings.run_retries, retry_s=settings.run_retry_s, deaths=settings.run_deaths
    )


def _rules(settings: Settings, network: Network) -> Rules:
    return Rules(
        revisions=settings.revisions,
        approvals_waiting_max=settings.approvals_waiting_max,
        cover_size_px=settings.cover_size_px,
        channel=network.capabilities,
        step_limit_s=settings.step_limit_s,
        forced_form=forced_form(settings.song_form),
    )


def _driver(
    settings: Settings, house: House, makers: _Makers, saver: AsyncSqliteSaver
) -> RunDriver:
    def context_of(run: Run) -> RunContext:
        tools = ToolContext(
            actor=artist_actor(run.artist_id, lease_of(run)),
            artist_id=run.artist_id,
            run_id=run.id,
            scratch=scratch(settings),
            studio=makers.studio,
            memory=house.memory,
            artists=house.artists,
            works=house.works,
            catalogue=house.catalogue,
            publishing=makers.publishing,
            generation=makers.songs,
            progress=makers.progress.of(run),
        )
        return RunContext(run=run, house=house, toolbox=Toolbox(tools, GRANTED[run.kind]))

    graphs: dict[RunKind, Any] = {
        "debut": build_debut().compile(checkpointer=saver),
        "cycle": build_cycle().compile(checkpointer=saver),
    }
    return RunDriver(graphs, saver, context_of)


def _job(label: Label) -> Callable[[str], Any]:
    """The one job of the engine: take a run as far as it goes."""

    async def run_job(run_id: str) -> None:
        run = await label.driver.drive(await label.house.runs.get(run_id))
        if RUN_STATES.final(run.status) and not await _in_doubt(label, run_id):
            folder = scratch(label.settings) / run_id
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    return run_job


async def _in_doubt(label: Label, run_id: str) -> bool:
    """Whether a paid song of the run may still be found; its folder is then kept."""
    doubtful = await label.generators.songs.jobs(limit=DOUBTFUL_JOBS, unknown=True)
    return any(job.run_id == run_id for job in doubtful)


def scratch(settings: Settings) -> Path:
    """Where generators work before their files are kept."""
    return settings.home / "scratch"


async def _ended(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it has let go of the database."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _expire(approvals: ApprovalService) -> None:
    while True:
        try:
            await approvals.expire_due(SYSTEM)
        except GreenroomError as error:  # A full disk passes; expiring must not end with it.
            _log.warning("approvals not looked through", why=error.message)
        await asyncio.sleep(EXPIRY_EVERY_S)
