"""The parts that the API needs, chosen in `app.wiring` and handed in once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from fastapi import Depends, Request

from domain.health import HealthCheck
from domain.ports.chat import ChatPort
from domain.ports.clock import Clock
from domain.ports.media_store import MediaStore
from domain.ports.tools import NoTools, ToolCatalogue
from runtime.bus import EventBus
from runtime.shared.build import Shared
from runtime.telemetry.metrics import Metrics
from runtime.version import VERSION
from services.adaptations import AdaptationService
from services.alerts import AlertService
from services.approvals import ApprovalService
from services.artist_desk import ArtistDeskService
from services.artists import ArtistService
from services.audience import AudienceService
from services.catalogue import CatalogueService
from services.channels import ChannelService
from services.desk import Desk
from services.directives import DirectiveService
from services.generation.providers import ProviderService
from services.generation.service import GenerationService
from services.holds import HoldService
from services.inbox import InboxService
from services.insights import InsightService
from services.kept_requests import KeptRequestService
from services.memories import MemoryService
from services.operations import OperationsService
from services.overview import OverviewService
from services.people_house import PeopleHouse
from services.publishing import PublishingService
from services.revisions import RevisionService
from services.runs import RunService
from services.schedules import ScheduleService
from services.sound import SoundService
from services.stage import StageService
from services.steering import SteeringService
from services.talks import TalkService
from services.usage import UsageService
from services.views import ViewService
from services.webhooks import WebhookService
from services.works import WorkService

IPNetwork = IPv4Network | IPv6Network


@dataclass(frozen=True)
class ApiContext:
    """Services and mechanisms behind the routes.

    `token` is the label's start token. `public_url` gives the address visitors use, without a
    trailing slash; it is asked for at each use, because a free port is known only once bound.
    """

    artists: ArtistService
    runs: RunService
    works: WorkService
    catalogue: CatalogueService
    approvals: ApprovalService
    audience: AudienceService
    directives: DirectiveService
    steering: SteeringService
    publishing: PublishingService
    channels: ChannelService
    stage: StageService
    views: ViewService
    overview: OverviewService
    inbox: InboxService
    revisions: RevisionService
    desk: Desk
    desks: ArtistDeskService
    chat: ChatPort
    talks: TalkService
    sound: SoundService
    generation: GenerationService
    providers: ProviderService
    schedules: ScheduleService
    holds: HoldService
    operations: OperationsService
    alerts: AlertService
    adaptations: AdaptationService
    webhooks: WebhookService
    kept_requests: KeptRequestService
    memories: MemoryService
    usage: UsageService
    insights: InsightService
    people: PeopleHouse
    metrics: Metrics
    media: MediaStore
    bus: EventBus
    clock: Clock
    token: str
    public_url: Callable[[], str]
    health: Callable[[], Awaitable[Sequence[HealthCheck]]]
    shared: Shared = field(default_factory=Shared)
    version: str = VERSION
    # Networks besides this machine from which the operator's pages open.
    operator_networks: Sequence[IPNetwork] = ()
    # Tools of the upper rooms, to be served on over MCP.
    tools: ToolCatalogue = field(default_factory=NoTools)
    # Pages of elsewhere that may use the API, and how much one person may ask of it.
    cors_origins: Sequence[str] = ()
    requests_minute: int = 6000
    # A stream looks this often whether its listener still has the rights it began with.
    rights_look_s: float = 3.0


async def context_of(request: Request) -> ApiContext:
    """The context that `create_app` was given."""
    context = request.app.state.context
    assert isinstance(context, ApiContext)
    return context


Context = Annotated[ApiContext, Depends(context_of)]
