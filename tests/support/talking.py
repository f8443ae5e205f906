"""Artists that talk by a script, over a label's real services; and a chat port that tests steer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from domain.actor import Actor
from domain.errors import GreenroomError
from domain.ports.chat import AnswerFailed, ChatAsk, ChatEvent, Finished, Recap
from domain.ports.clock import Clock
from domain.ports.memory import Memory
from domain.ports.model import ChatMessage, Embedder
from graphs.chat.chat import ArtistChat
from graphs.chat.state import ChatParts
from runtime.embedder import HashingEmbedder
from runtime.gateway.accounts import Accounts
from runtime.gateway.budget import BudgetGuard, Limits
from runtime.gateway.gateway import Gateway
from runtime.gateway.ledger import MemoryLedger
from runtime.gateway.loop_guard import LoopGuard
from runtime.gateway.retry import RetryPolicy
from runtime.gateway.scripted import Script, ScriptedEndpoint
from runtime.gateway.target import Line, Target
from runtime.shared.answers import MemoryAnswerCache
from runtime.tokens import estimate_tokens
from services.artists import ArtistService
from services.directives import DirectiveService
from services.runs import RunService
from services.talk_acts import TalkActs
from services.talk_looks import TalkLooks
from services.talks import TalkService
from store.database import Database
from tests.support.scripts import full_script


def scripted_gateway(endpoint: ScriptedEndpoint, clock: Clock) -> Gateway:
    """A gateway whose only model follows a script and is asked once."""
    target = Target(Line.to(endpoint), "scripted")
    return Gateway(
        {"fast": [target], "smart": [target], "judge": [target]},
        accounts=Accounts(MemoryLedger(), clock),
        budget=BudgetGuard(Limits(10**9, 10**9, 100, 100), MemoryLedger(), clock),
        cache=MemoryAnswerCache(),
        loop_guard=LoopGuard(50),
        retry=RetryPolicy(attempts=1),
    )


def scripted(script: Script | None = None, *, small: bool = True) -> ScriptedEndpoint:
    """A model that answers everything, some of it as the test says."""
    return ScriptedEndpoint({**full_script(), **(script or {})}, small=small)  # type: ignore[dict-item]


@dataclass(frozen=True)
class Ground:
    """What talks stand on in a test."""

    database: Database
    clock: Clock
    memory: Memory
    artists: ArtistService
    runs: RunService
    directives: DirectiveService
    embedder: Embedder = field(default_factory=lambda: HashingEmbedder(64))

    def acts(self) -> TalkActs:
        """The acts over the ground's services."""
        return TalkActs(self.database, self.clock, self.artists, self.runs, self.directives)

    def chat(self, endpoint: ScriptedEndpoint) -> ArtistChat:
        """Artists whose model follows the endpoint's script."""
        parts = ChatParts(
            gateway=scripted_gateway(endpoint, self.clock),
            embedder=self.embedder,
            memory=self.memory,
            clock=self.clock,
            looks=TalkLooks(self.database, self.clock),
            acts=self.acts(),
            count=lambda text, model: estimate_tokens(text),
        )
        return ArtistChat(self.database, parts)

    def talks(self, script: Script | None = None, *, small: bool = True) -> TalkService:
        """Talks with those artists."""
        chat = self.chat(scripted(script, small=small))
        return TalkService(self.database, self.clock, chat, self.acts())


@dataclass
class SteeredChat:
    """A chat port that tells `events`; at each None it waits until the test lets it go on."""

    events: Sequence[ChatEvent | GreenroomError | None]
    asked: list[ChatAsk] = field(default_factory=list)
    closed: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)
    recap: Recap = field(default_factory=Recap)

    async def answer(self, actor: Actor, ask: ChatAsk) -> AsyncGenerator[ChatEvent, None]:
        """The events in order, then the end unless they have one."""
        self.asked.append(ask)
        try:
            for event in self.events:
                if event is None:
                    await self.go.wait()
                elif isinstance(event, GreenroomError):
                    raise event
                else:
                    yield event
                    if isinstance(event, AnswerFailed | Finished):
                        return
            yield Finished()
        finally:
            self.closed += 1

    async def sum_up(self, artist_id: str, summary: str, history: tuple[ChatMessage, ...]) -> Recap:
        """What the test set."""
        return self.recap

    async def warm(self) -> None:
        """Nothing is cold."""
