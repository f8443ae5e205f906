"""Runs of small graphs over real services on SQLite, with an in-memory checkpointer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph

from domain.actor import OPERATOR, artist_actor
from domain.approval import Approval
from domain.artist import Artist
from domain.ids import new_id
from domain.ports.network import NetworkCapabilities
from domain.post import Payload
from domain.run import Run
from graphs.context import House, Rules, RunContext, SafePoint, go_on
from graphs.cycle.approve import approve
from graphs.cycle.state import CycleState
from graphs.drive import Graph, RunDriver
from graphs.steps import Outcome, step
from memory.in_memory import InMemoryVectors
from memory.memory import ArtistMemory
from runtime.embedder import HashingEmbedder
from services.adaptations import AdaptationService
from services.experiments import ExperimentService
from services.publishing import PublishingService
from store.memory_records import SqlMemoryRecords
from tests.agents.house import House as ScriptedHouse
from tests.support.label import TestLabel
from tools.context import ToolContext
from tools.registry import Toolbox
from tools.vendors.stage import StageNetwork

CHANNEL = NetworkCapabilities(
    name="stage",
    text_max_graphemes=500,
    media_max=4,
    duplicate_guard="client_key",
    metrics=frozenset(),
)


def house_of(label: TestLabel, revisions: int = 1, scripted: ScriptedHouse | None = None) -> House:
    """The shared parts, over a scripted model and memory without files."""
    embedder = HashingEmbedder()
    return House(
        clock=label.clock,
        gateway=(scripted or ScriptedHouse()).gateway,
        embedder=embedder,
        memory=ArtistMemory(SqlMemoryRecords(label.database), InMemoryVectors(), embedder),
        artists=label.artists,
        runs=label.runs,
        works=label.works,
        catalogue=label.catalogue,
        approvals=label.approvals,
        channels=label.channels,
        audience=label.audience,
        directives=label.directives,
        steering=label.steering,
        revisions=label.revisions,
        adaptations=(ledger := AdaptationService(label.database, label.clock)),
        experiments=ExperimentService(label.database, label.clock, ledger),
        rules=Rules(
            revisions=revisions, approvals_waiting_max=3, cover_size_px=400, channel=CHANNEL
        ),
    )


def context_of(
    label: TestLabel, run: Run, granted: tuple[str, ...] = (), house: House | None = None
) -> RunContext:
    """A run's authority; its studio is empty, so nothing here may generate."""
    house = house or house_of(label)
    networks = {"stage": StageNetwork(label.stage)}
    tools = ToolContext(
        actor=artist_actor(run.artist_id),
        artist_id=run.artist_id,
        run_id=run.id,
        scratch=label.home / "scratch",
        studio=None,  # type: ignore[arg-type]
        memory=house.memory,
        artists=house.artists,
        works=house.works,
        catalogue=house.catalogue,
        publishing=PublishingService(label.database, label.clock, networks),
        generation=label.generation,
        progress=lambda stage, fraction: None,
    )
    return RunContext(run=run, house=house, toolbox=Toolbox(tools, granted))


Node = Callable[[CycleState, RunContext], Any]


def chain(**nodes: Node) -> Any:
    """A graph of steps one after another."""
    graph: Any = StateGraph(CycleState, context_schema=RunContext)
    names = [*nodes]
    for name, node in nodes.items():
        graph.add_node(name, step(name, node))
    for before, after in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(before, after)
    return graph


def asking(artist: Artist) -> Any:
    """A graph that asks for approval of a post, waits, and publishes nothing."""

    async def submit(state: CycleState, context: RunContext) -> Outcome:
        approval = await ask(context, artist)
        return Outcome(update={"approval_id": approval.id, "action": "post_update"}, says="asked")

    async def told(state: CycleState, context: RunContext) -> Outcome:
        return Outcome(update={}, says=state.get("verdict", ""))

    graph: Any = StateGraph(CycleState, context_schema=RunContext)
    graph.add_node("submit", step("submit", submit))
    graph.add_node("approve", approve, destinations=("publish", "remember", "release"))
    for name in ("publish", "remember", "release"):
        graph.add_node(name, step(name, told))
        graph.add_edge(name, END)
    graph.add_edge(START, "submit")
    graph.add_edge("submit", "approve")
    return graph


async def ask(context: RunContext, artist: Artist) -> Approval:
    """Draft a post and open an approval over it."""
    house = context.house
    post_id = new_id("post")
    payload = Payload(channel="stage", text="Hello from the ferry.")
    await house.catalogue.draft_post(context.actor, post_id, artist.id, context.run.id, payload)
    return await house.approvals.open(
        context.actor, new_id("approval"), artist.id, context.run.id, (), (post_id,)
    )


class Stand:
    """A driver over one graph; `new_driver` plays a restart over the same checkpoints."""

    def __init__(
        self,
        label: TestLabel,
        graph: Any,
        granted: tuple[str, ...] = (),
        *,
        safe_point: SafePoint = go_on,
        step_limit_s: float = 60.0,
    ) -> None:
        self.label = label
        self.safe_point = safe_point
        self.step_limit_s = step_limit_s
        self.saver = InMemorySaver()
        self.graph: Graph = graph.compile(checkpointer=self.saver)
        self.granted = granted
        self.driver = self.new_driver()

    def new_driver(self) -> RunDriver:
        """A driver as a fresh process has it."""
        plain = house_of(self.label)
        rules = replace(plain.rules, step_limit_s=self.step_limit_s)
        house = replace(plain, safe_point=self.safe_point, rules=rules)
        return RunDriver(
            {"cycle": self.graph, "debut": self.graph},
            self.saver,
            lambda run: context_of(self.label, run, self.granted, house),
        )

    async def drive(self, run_id: str) -> Run:
        """Take the run as far as it goes."""
        return await self.driver.drive(await self.label.runs.get(OPERATOR, run_id))

    def has_checkpoints(self, run_id: str) -> bool:
        """Whether anything is kept of the run's thread."""
        config: Any = {"configurable": {"thread_id": run_id}}
        return self.saver.get_tuple(config) is not None
