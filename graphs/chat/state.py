"""What one answer carries from node to node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from typing_extensions import TypedDict

from domain.actor import Actor
from domain.artist import Artist
from domain.ports.chat import ActsPort, ChatAsk
from domain.ports.clock import Clock
from domain.ports.memory import Memory
from domain.ports.model import CallScope, Embedder, ModelGateway, ModelTraits
from domain.profile import Profile
from prompts import SHIPPED, PromptBook
from services.talk_looks import TalkLooks


class ChatState(TypedDict, total=False):
    """Plain data only; what was chosen, what was done, what is known."""

    directives: list[str]
    remembered: list[str]
    comments: list[str]
    chosen: str | None
    about: str
    sure: bool
    acts: int
    done: list[str]


@dataclass(frozen=True)
class ChatParts:
    """The parts of the house that answers share; `count` tells a text's tokens by model."""

    gateway: ModelGateway
    embedder: Embedder
    memory: Memory
    clock: Clock
    looks: TalkLooks
    acts: ActsPort
    count: Callable[[str, str], int]
    book: PromptBook = SHIPPED


@dataclass(frozen=True)
class ChatContext:
    """One answer's authority and parts; nothing of it comes from a model."""

    actor: Actor
    ask: ChatAsk
    artist: Artist
    profile: Profile
    directives: tuple[str, ...]
    traits: ModelTraits
    parts: ChatParts

    @property
    def scope(self) -> CallScope:
        """The artist pays."""
        return CallScope(artist_id=self.artist.id, step="chat")
