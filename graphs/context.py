"""What every node of a run is given by code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.actor import Actor, artist_actor
from domain.genre import FormSection
from domain.ports.clock import Clock
from domain.ports.memory import Memory
from domain.ports.model import CallScope, Embedder, ModelGateway
from domain.ports.network import NetworkCapabilities
from domain.run import Run
from services.adaptations import AdaptationService
from services.approvals import ApprovalService
from services.artists import ArtistService
from services.audience import AudienceService
from services.catalogue import CatalogueService
from services.channels import ChannelService
from services.directives import DirectiveService
from services.experiments import ExperimentService
from services.revisions import RevisionService
from services.run_moves import lease_of
from services.runs import RunService
from services.steering import SteeringService
from services.works import WorkService
from tools.registry import Toolbox

SafePoint = Callable[[], Awaitable[None]]


async def go_on() -> None:
    """The safe point of a process that never ends and is never held."""


@dataclass(frozen=True)
class Rules:
    """Limits of a run, enforced by code."""

    revisions: int
    approvals_waiting_max: int
    cover_size_px: int
    channel: NetworkCapabilities
    step_limit_s: float = 1800.0
    forced_form: tuple[FormSection, ...] | None = None


@dataclass(frozen=True)
class House:
    """The parts that runs share.

    `safe_point` is asked between steps, where a run may stop and lose nothing: it raises `Held`
    while the operator holds everything, and `HandedOver` once this worker ends.
    """

    clock: Clock
    gateway: ModelGateway
    embedder: Embedder
    memory: Memory
    artists: ArtistService
    runs: RunService
    works: WorkService
    catalogue: CatalogueService
    approvals: ApprovalService
    channels: ChannelService
    audience: AudienceService
    directives: DirectiveService
    steering: SteeringService
    revisions: RevisionService
    adaptations: AdaptationService
    experiments: ExperimentService
    rules: Rules
    safe_point: SafePoint = go_on


@dataclass(frozen=True)
class RunContext:
    """One run's authority and parts; nothing of it comes from a model.

    `attempt` is the try of the step at hand, counting those whose answers were refused.
    """

    run: Run
    house: House
    toolbox: Toolbox
    attempt: int = 1

    @property
    def artist_id(self) -> str:
        """Whose run it is."""
        return self.run.artist_id

    @property
    def actor(self) -> Actor:
        """The artist, acting for itself, as long as this worker holds the run."""
        return artist_actor(self.run.artist_id, lease_of(self.run))

    def scope(self, step: str) -> CallScope:
        """Who pays for a model call of `step`."""
        return CallScope(
            artist_id=self.artist_id, run_id=self.run.id, step=step, attempt=self.attempt
        )
