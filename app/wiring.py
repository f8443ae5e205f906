"""Where concrete parts meet: chosen once from the settings, and handed down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from langgraph.checkpoint.base import BaseCheckpointSaver

from app.duties import begin_duties, begin_own_duties, duties_of, own_duties_of
from app.forms import forced_form
from app.generation import build_generators
from app.ground import Edges, Ground, lay_ground
from app.home import Home
from app.label import Label
from app.progress import ProgressLogs
from app.roles import Role
from app.scratch import clear, scratch
from app.studio import build_renderers, build_studio
from app.talking import build_chat
from app.watch import keep_watch
from domain.actor import SYSTEM, artist_actor
from domain.errors import GreenroomError
from domain.ports.engine import HandedOver
from domain.ports.network import Network
from domain.run import RUN_STATES, Run, RunKind
from domain.steering import Budgets
from graphs.context import House, Rules, RunContext, SafePoint
from graphs.cycle.build import build_cycle
from graphs.debut.build import build_debut
from graphs.drive import RunDriver
from memory.index import build_vectors
from memory.memory import ArtistMemory
from runtime.embedder import MiniLmEmbedder
from runtime.gateway.build import build_gateway
from runtime.settings import Settings
from runtime.shared.vectors import CachedEmbedder
from runtime.telemetry.observers import MeteredLedger
from services.adaptations import AdaptationService
from services.approvals import ApprovalService
from services.artists import ArtistService
from services.audience import AudienceService
from services.catalogue import CatalogueService
from services.channels import ChannelService
from services.directives import DirectiveService
from services.experiments import ExperimentService
from services.generation.service import GenerationService
from services.holds import HoldService
from services.kept_requests import KeptRequestService
from services.listening import ListeningService
from services.memories import MemoryService
from services.operations import OperationsService
from services.people_house import build_people
from services.publishing import PublishingService
from services.renders import RenderService
from services.revisions import RevisionService
from services.run_moves import RUN_JOB, RunRules, lease_of
from services.runs import RunService
from services.schedules import ScheduleService
from services.sessions import SessionKeeper
from services.stage import StageService
from services.steering import SteeringService
from services.views import ViewService
from services.works import WorkService
from store.allowances import SqlAllowances
from store.memory_records import SqlMemoryRecords
from tools.context import Studio, ToolContext
from tools.registry import Toolbox
from tools.vendors.bluesky.kind import BlueskyKind
from tools.vendors.stage import StageNetwork

MEGABYTE = 1 << 20
PATIENCE_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
_log = structlog.get_logger(__name__)
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
class _Channels:
    """Where artists publish."""

    stage: StageService
    network: Network
    accounts: ChannelService
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
        label = await _build(settings, home, edges or Edges(), role, stack)
        label.engine.register(RUN_JOB, _job(label))
        # Where the role takes no runs it only tells of jobs, and accepts them.
        await label.engine.start()
        stack.push_async_callback(label.engine.stop)
        if role.works and not settings.shared_database:
            await _take_up(label)
        if role.works:
            begin_own_duties(own_duties_of(label), stack)
        if role.keeps_time:
            begin_duties(settings, label.engine.worker_id, duties_of(label), stack)
        yield label


async def _take_up(label: Label) -> None:
    """Go on at once with what the home's last owner left; it is certainly dead."""
    await label.house.runs.recover(SYSTEM)
    await label.house.runs.debut_orphans(SYSTEM)
    await label.talks.recover(settle_s=0.0)


async def _build(
    settings: Settings, home: Home, edges: Edges, role: Role, stack: AsyncExitStack
) -> Label:
    ground = await lay_ground(settings, role, edges, stack)
    channels = _channels(settings, ground, home, edges)
    house = _house(settings, ground, channels, stack)
    chat, talks = build_chat(ground.database, house, settings.cache_dir)
    stack.push_async_callback(talks.aclose)
    progress = ProgressLogs(house.runs)
    stack.push_async_callback(progress.drain)
    renderers = build_renderers(settings)
    stack.push_async_callback(renderers.aclose)
    renders = RenderService(ground.database, ground.clock, ground.media)
    studio = edges.studio or build_studio(settings, renderers, renders)
    generators = build_generators(
        settings,
        ground.database,
        ground.clock,
        ground.ledger,
        home.secrets,
        studio.music,
        edges.providers,
    )
    operations = OperationsService(ground.database, ground.clock, ground.engine, house.runs)
    makers = _Makers(studio, generators.songs, channels.publishing, progress)
    return Label(
        settings=settings,
        home=home,
        ground=ground,
        house=house,
        publishing=channels.publishing,
        listening=ListeningService(channels.accounts),
        generators=generators,
        stage=channels.stage,
        schedules=ScheduleService(
            ground.database,
            ground.clock,
            house.runs,
            settings.schedule_grace_s,
            settings.approvals_waiting_max,
        ),
        holds=HoldService(ground.database, ground.clock),
        operations=operations,
        renders=renders,
        people=build_people(ground.database, ground.clock, ground.shared.windows),
        watch=keep_watch(settings, home, ground, operations, renderers, renders, stack),
        views=ViewService(house.works, ground.ledger),
        chat=chat,
        talks=talks,
        kept_requests=KeptRequestService(ground.database, ground.clock),
        memories=MemoryService(
            ground.database, ground.clock, SqlMemoryRecords(ground.database), house.memory
        ),
        driver=_driver(settings, house, makers, ground.checkpoints),
    )


def _channels(settings: Settings, ground: Ground, home: Home, edges: Edges) -> _Channels:
    stage = StageService(ground.database, ground.clock)
    network: Network = StageNetwork(stage)
    network = edges.network(network) if edges.network else network
    house = {network.capabilities.name: network}
    accounts = ChannelService(
        ground.database,
        ground.clock,
        SessionKeeper(ground.database, ground.clock, home.secrets),
        house=house,
        kinds=[BlueskyKind(ground.media, loopback=settings.channels_loopback)],
        public_url=settings.public_url,
        breakers=ground.shared.breakers,
    )
    publishing = PublishingService(ground.database, ground.clock, house, accounts)
    return _Channels(stage, network, accounts, publishing)


def _house(settings: Settings, ground: Ground, channels: _Channels, stack: AsyncExitStack) -> House:
    database, clock = ground.database, ground.clock
    ledger = MeteredLedger(ground.ledger, ground.telemetry.metrics)
    gateway = build_gateway(settings, ledger, clock, ground.shared, SqlAllowances(database))
    stack.push_async_callback(gateway.aclose)
    embedder = CachedEmbedder(MiniLmEmbedder(), ground.shared.vectors)
    vectors = build_vectors(settings.chroma_url, settings.chroma_dir)
    stack.push_async_callback(vectors.aclose)
    runs = RunService(database, clock, ground.engine, _run_rules(settings))
    time_to_live = timedelta(hours=settings.approval_ttl_hours)
    artists = ArtistService(database, clock)
    adaptations = AdaptationService(database, clock)
    approvals = ApprovalService(database, clock, runs, time_to_live, channels.publishing.reworded)
    return House(
        clock=clock,
        gateway=gateway,
        embedder=embedder,
        memory=ArtistMemory(SqlMemoryRecords(database), vectors, embedder),
        artists=artists,
        runs=runs,
        works=WorkService(database, clock, ground.media),
        catalogue=CatalogueService(database, clock),
        approvals=approvals,
        channels=channels.accounts,
        audience=AudienceService(database, clock),
        directives=DirectiveService(database, clock),
        steering=SteeringService(database, clock, runs, artists, ground.ledger, _limits(settings)),
        revisions=RevisionService(database, clock, approvals, runs, settings.revisions_asked_max),
        adaptations=adaptations,
        experiments=ExperimentService(database, clock, adaptations),
        rules=_rules(settings, channels.network),
        safe_point=_safe_point(ground, HoldService(database, clock)),
    )


def _safe_point(ground: Ground, holds: HoldService) -> SafePoint:
    async def safe_point() -> None:
        if ground.engine.draining:
            raise HandedOver
        await holds.check()

    return safe_point


def _run_rules(settings: Settings) -> RunRules:
    return RunRules(
        retries=settings.run_retries, retry_s=settings.run_retry_s, deaths=settings.run_deaths
    )


def _limits(settings: Settings) -> Budgets:
    """What each of the label's artists may use; its own budgets lower that."""
    return Budgets(
        tokens_day=settings.budget_artist_tokens_day,
        usd_day=settings.budget_artist_usd_day,
        tokens_run=settings.budget_run_tokens,
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
    settings: Settings, house: House, makers: _Makers, saver: BaseCheckpointSaver[Any]
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
        run = await _drive(label, run_id)
        if RUN_STATES.final(run.status):
            await clear(label, run_id)

    return run_job


async def _drive(label: Label, run_id: str) -> Run:
    """A run's failures are kept with it; only when not even that can be written, wait here."""
    for wait_s in PATIENCE_S:
        try:
            return await label.driver.drive(await label.house.runs.get(SYSTEM, run_id))
        except GreenroomError as error:
            if not error.passing:
                raise
            _log.warning("the run's outcome cannot be written", run_id=run_id, why=error.message)
        await asyncio.sleep(wait_s)
    return await label.driver.drive(await label.house.runs.get(SYSTEM, run_id))
