"""The usage ledger's in-memory twin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.ports.model import Spent, UsageRecord


class MemoryLedger:
    """Keeps records in a list; the same sums as the stored ledger."""

    def __init__(self) -> None:
        self.records: list[UsageRecord] = []

    async def record(self, record: UsageRecord) -> None:
        """Append one record."""
        self.records.append(record)

    async def spent_by_run(self, run_id: str) -> Spent:
        """Everything the run has used."""
        return _total(r for r in self.records if r.scope.run_id == run_id)

    async def spent_by_artist(self, artist_id: str, since: datetime) -> Spent:
        """What the artist has used since `since`."""
        return _total(r for r in self.records if r.scope.artist_id == artist_id and r.at >= since)

    async def spent_by_label(self, since: datetime) -> Spent:
        """What the whole label has used since `since`."""
        return _total(r for r in self.records if r.at >= since)


def _total(records: Iterable[UsageRecord]) -> Spent:
    tokens, cost_usd = 0, 0.0
    for record in records:
        tokens += record.usage.prompt_tokens + record.usage.completion_tokens
        cost_usd += record.cost_usd
    return Spent(tokens=tokens, cost_usd=cost_usd)
