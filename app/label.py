"""A running label: what its process holds, whatever its role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from api.context import ApiContext
from app.doctor import Doctor
from app.generation import Generators
from app.ground import Ground
from app.home import Home
from app.room import room_teller
from app.watch import Watch
from domain.ports.chat import ChatPort
from domain.ports.engine import Engine
from domain.ports.media_store import MediaStore
from graphs.context import House
from graphs.drive import RunDriver
from runtime.bus import EventBus
from runtime.in_force import in_force
from runtime.settings import Settings
from services.artist_desk import ArtistDeskService
from services.desk import lay_desk
from services.holds import HoldService
from services.inbox import InboxService
from services.insights import InsightService
from services.kept_requests import KeptRequestService
from services.listening import ListeningService
from services.memories import MemoryService
from services.operations import OperationsService
from services.overview import OverviewService
from services.people_house import PeopleHouse
from services.publishing import PublishingService
from services.renders import RenderService
from services.schedules import ScheduleService
from services.sound import SoundService
from services.stage import StageService
from services.talks import TalkService
from services.usage import UsageService
from services.views import ViewService
from tools.outside import OutsideTools


@dataclass(frozen=True)
class Label:
    """A running label: services for people, and the worker behind them."""

    settings: Settings
    home: Home
    ground: Ground
    house: House
    publishing: PublishingService
    listening: ListeningService
    generators: Generators
    stage: StageService
    schedules: ScheduleService
    holds: HoldService
    operations: OperationsService
    renders: RenderService
    watch: Watch
    people: PeopleHouse
    views: ViewService
    kept_requests: KeptRequestService
    memories: MemoryService
    chat: ChatPort
    talks: TalkService
    driver: RunDriver

    @property
    def engine(self) -> Engine:
        """What carries the label's jobs."""
        return self.ground.engine

    @property
    def media(self) -> MediaStore:
        """Where works' files are kept."""
        return self.ground.media

    @property
    def bus(self) -> EventBus:
        """Who wakes those that follow the event log."""
        return self.ground.shared.bus

    def api_context(self, public_url: Callable[[], str]) -> ApiContext:
        """What the web application needs of the label."""
        return ApiContext(
            artists=self.house.artists,
            runs=self.house.runs,
            works=self.house.works,
            catalogue=self.house.catalogue,
            approvals=self.house.approvals,
            audience=self.house.audience,
            directives=self.house.directives,
            steering=self.house.steering,
            publishing=self.publishing,
            channels=self.house.channels,
            stage=self.stage,
            views=self.views,
            overview=OverviewService(self.views.database, self.views.clock),
            desks=ArtistDeskService(self.views.database, self.views.clock, self.views.usage),
            inbox=InboxService(self.views.database, self.views.clock, self.house.approvals),
            revisions=self.house.revisions,
            desk=lay_desk(
                self.views,
                self.media,
                self.settings.home / "waves",
                in_force(self.settings),
                room_teller(self.settings, self.house.clock),
            ),
            chat=self.chat,
            talks=self.talks,
            tools=OutsideTools(self.house.memory, self.house.artists),
            sound=SoundService(self.house.artists),
            generation=self.generators.songs,
            providers=self.generators.providers,
            schedules=self.schedules,
            holds=self.holds,
            operations=self.operations,
            alerts=self.watch.alerts,
            adaptations=self.house.adaptations,
            webhooks=self.watch.webhooks,
            kept_requests=self.kept_requests,
            memories=self.memories,
            usage=UsageService(self.views.database, self.views.clock),
            insights=InsightService(self.views.database, self.views.clock),
            people=self.people,
            metrics=self.ground.telemetry.metrics,
            media=self.media,
            bus=self.bus,
            shared=self.ground.shared,
            clock=self.house.clock,
            token=self.home.token(),
            public_url=public_url,
            operator_networks=self.settings.operator_networks,
            cors_origins=self.settings.cors_origins,
            requests_minute=self.settings.api_requests_minute,
            health=Doctor(self.settings).examine,
        )
