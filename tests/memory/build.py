"""Memories for tests, and an embedder that can be told to fail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from domain.memory import MemoryKind, MemoryRecord, hash_text
from runtime.embedder import HashingEmbedder

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADA = "artist_ada"
BEN = "artist_ben"
_numbers = count(1)


def memory(
    text: str, artist_id: str = ADA, kind: MemoryKind = "episodic", days_ago: float = 1, **more: Any
) -> MemoryRecord:
    data = {
        "id": f"memory_{next(_numbers):06}",
        "created_at": NOW,
        "updated_at": NOW,
        "artist_id": artist_id,
        "kind": kind,
        "text": text,
        "happened_at": NOW - timedelta(days=days_ago),
        "importance": 0.5,
        "text_sha256": hash_text(text),
    }
    return MemoryRecord.model_validate(data | more)


class CountingEmbedder(HashingEmbedder):
    """Counts the texts it was given, and refuses them while `broken`."""

    def __init__(self, dimensions: int = 64) -> None:
        super().__init__(dimensions)
        self.texts = 0
        self.broken = False

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if self.broken:
            raise ConnectionError("the embedder is away")
        self.texts += len(texts)
        return await super().embed(texts)
