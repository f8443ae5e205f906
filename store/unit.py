"""The unit of work: one request or job, one transaction, events with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import LeaseLost
from domain.event import Event
from store.failures import told
from store.repositories.adaptations import AdaptationRepository
from store.repositories.alerts import AlertRepository
from store.repositories.artists import ArtistRepository, ProfileRepository
from store.repositories.audience import AudienceRepository
from store.repositories.calendar import CalendarRepository
from store.repositories.channels import ChannelRepository
from store.repositories.evaluations import (
    EvalCaseRepository,
    EvalRunRepository,
    EvalSampleRepository,
    TranscriptRepository,
)
from store.repositories.events import EventRepository
from store.repositories.experiments import ExperimentRepository, ExposureRepository
from store.repositories.figures import FiguresRepository
from store.repositories.generation import GenerationRepository, ProviderHealthRepository
from store.repositories.kept_requests import KeptRequestRepository
from store.repositories.model_calls import ModelCallRepository
from store.repositories.operations import OperationsRepository
from store.repositories.outcomes import OutcomeRepository
from store.repositories.overview import OverviewRepository
from store.repositories.people import (
    AuditRepository,
    InvitationRepository,
    KeyRepository,
    SessionRepository,
    UserRepository,
)
from store.repositories.posts import ApprovalRepository, AttemptRepository, PostRepository
from store.repositories.renders import RenderRepository
from store.repositories.runs import RunRepository, StepRepository
from store.repositories.schedules import ScheduleRepository, SwitchRepository
from store.repositories.search import SearchRepository
from store.repositories.shelf import ShelfRepository
from store.repositories.stage import StageRepository
from store.repositories.steering import DirectiveRepository, SteeringRepository
from store.repositories.talks import TalkRepository, TurnRepository
from store.repositories.webhooks import DeliveryRepository, WebhookRepository
from store.repositories.works import ReleaseRepository, WorkRepository
from store.session import Session


class UnitOfWork:
    """All repositories over one transaction. Leaving it without `commit` rolls back."""

    artists: ArtistRepository
    profiles: ProfileRepository
    works: WorkRepository
    releases: ReleaseRepository
    posts: PostRepository
    approvals: ApprovalRepository
    runs: RunRepository
    steps: StepRepository
    audience: AudienceRepository
    attempts: AttemptRepository
    stage: StageRepository
    generations: GenerationRepository
    providers: ProviderHealthRepository
    operations: OperationsRepository
    channels: ChannelRepository
    schedules: ScheduleRepository
    switches: SwitchRepository
    figures: FiguresRepository
    search: SearchRepository
    shelf: ShelfRepository
    calendar: CalendarRepository
    overview: OverviewRepository
    outcomes: OutcomeRepository
    model_calls: ModelCallRepository
    alerts: AlertRepository
    webhooks: WebhookRepository
    deliveries: DeliveryRepository
    renders: RenderRepository
    users: UserRepository
    invitations: InvitationRepository
    sessions: SessionRepository
    keys: KeyRepository
    audit: AuditRepository
    directives: DirectiveRepository
    steerings: SteeringRepository
    talks: TalkRepository
    turns: TurnRepository
    kept_requests: KeptRequestRepository
    eval_cases: EvalCaseRepository
    eval_runs: EvalRunRepository
    eval_samples: EvalSampleRepository
    transcripts: TranscriptRepository
    adaptations: AdaptationRepository
    experiments: ExperimentRepository
    exposures: ExposureRepository
    events: EventRepository

    def __init__(
        self,
        engine: AsyncEngine,
        on_commit: Callable[[Sequence[Event]], None] | None,
        turn: asyncio.Lock | None,
    ) -> None:
        self._connection = engine.connect()
        self._turn = turn
        self._on_commit = on_commit
        self._pending: list[Event] = []

    async def __aenter__(self) -> Self:
        with told():
            await self._connection.start()
        self._session = session = Session(self._connection, self._turn)
        self.artists = ArtistRepository(session)
        self.profiles = ProfileRepository(session)
        self.works = WorkRepository(session)
        self.releases = ReleaseRepository(session)
        self.posts = PostRepository(session)
        self.approvals = ApprovalRepository(session)
        self.runs = RunRepository(session)
        self.steps = StepRepository(session)
        self.audience = AudienceRepository(session)
        self.attempts = AttemptRepository(session)
        self.stage = StageRepository(session)
        self.generations = GenerationRepository(session)
        self.providers = ProviderHealthRepository(session)
        self.operations = OperationsRepository(session)
        self.channels = ChannelRepository(session)
        self.schedules = ScheduleRepository(session)
        self.switches = SwitchRepository(session)
        self.figures = FiguresRepository(session)
        self.search = SearchRepository(session)
        self.shelf = ShelfRepository(session)
        self.calendar = CalendarRepository(session)
        self.overview = OverviewRepository(session)
        self.outcomes = OutcomeRepository(session)
        self.model_calls = ModelCallRepository(session)
        self.alerts = AlertRepository(session)
        self.webhooks = WebhookRepository(session)
        self.deliveries = DeliveryRepository(session)
        self.renders = RenderRepository(session)
        self.users = UserRepository(session)
        self.invitations = InvitationRepository(session)
        self.sessions = SessionRepository(session)
        self.keys = KeyRepository(session)
        self.audit = AuditRepository(session)
        self.directives = DirectiveRepository(session)
        self.steerings = SteeringRepository(session)
        self.talks = TalkRepository(session)
        self.turns = TurnRepository(session)
        self.kept_requests = KeptRequestRepository(session)
        self.eval_cases = EvalCaseRepository(session)
        self.eval_runs = EvalRunRepository(session)
        self.eval_samples = EvalSampleRepository(session)
        self.transcripts = TranscriptRepository(session)
        self.adaptations = AdaptationRepository(session)
        self.experiments = ExperimentRepository(session)
        self.exposures = ExposureRepository(session)
        self.events = EventRepository(session)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Shielded: a cancelled task must still give its connection, and SQLite's lock, back.
        await asyncio.shield(self._session.close())

    def emit(self, event: Event) -> None:
        """Append to the log when, and only when, this unit commits."""
        self._pending.append(event)

    async def lock(self, key: str) -> None:
        """Make other units that lock `key` wait until this one ends: for look-then-add."""
        await self._session.lock(key)

    async def commit(self) -> None:
        """Make everything last, then hand the events to whoever listens."""
        # Leases first, as everybody does who holds a run: the log's lock is the last one taken.
        await self._check_leases()
        events = await self.events.append(self._pending) if self._pending else []
        await self.deliveries.write(self.webhooks, events)
        await self._session.commit()
        self._pending = []
        if events and self._on_commit is not None:
            self._on_commit(events)

    async def _check_leases(self) -> None:
        """Refuse everything of a worker that another one has relieved: it was frozen too long."""
        leases = {event.lease for event in self._pending if event.lease is not None}
        if leases:
            await self._session.begin_writing()
        for lease in leases:
            held = await self.runs.lease_number(lease.run_id)
            if held != lease.number:
                raise LeaseLost(
                    f"run {lease.run_id} is held by another worker",
                    remedy="Nothing need be done; that worker goes on with it.",
                )
