"""The parts that write words, opened for one song and closed after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.music.wish import SongWish, Words
from app.music.words import write_words
from domain.genre import FormSection
from domain.ports.clock import Clock
from domain.ports.model import Embedder, ModelGateway
from domain.ports.providers import Progress
from runtime.clock import SystemClock
from runtime.embedder import MiniLmEmbedder
from runtime.gateway.build import build_gateway
from runtime.gateway.ledger import MemoryLedger
from runtime.settings import Settings


@dataclass(frozen=True)
class WritingParts:
    """A model, a sense of meaning and a clock."""

    gateway: ModelGateway
    embedder: Embedder
    clock: Clock

    async def write(
        self, wish: SongWish, progress: Progress
    ) -> tuple[Words, tuple[FormSection, ...]]:
        """The words of the song and the form that they are written for."""
        return await write_words(wish, self.gateway, self.embedder, self.clock, progress)


@asynccontextmanager
async def writing_parts(settings: Settings) -> AsyncIterator[WritingParts]:
    """The model that the settings name, within their budgets; nothing of it is kept."""
    clock = SystemClock()
    gateway = build_gateway(settings, MemoryLedger(), clock)
    try:
        yield WritingParts(gateway, MiniLmEmbedder(), clock)
    finally:
        await gateway.aclose()
