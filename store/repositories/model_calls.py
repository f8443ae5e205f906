"""Calls of models as a run's pages show them, and how long their words are kept."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, select

from domain.ports.model import ChatMessage
from store.session import Session
from store.tables import call_texts, usage_records


class ModelCall(BaseModel):
    """One call of a model, as the ledger keeps it."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    step: str = Field(description="The step of the run that made it.")
    tier: str
    model: str
    prompt: str = Field(description="Id and version of the prompt.")
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float = Field(description="US dollars.")
    cached: bool = Field(description="Answered from the cache, for nothing.")
    latency_s: float
    outcome: str = Field(description="`ok`, `cached`, or the code of what went wrong.")
    asked: tuple[ChatMessage, ...] | None = Field(
        description="The messages sent; none: they are not kept, or no longer."
    )
    answered: str | None = Field(description="The words that came back.")


class ModelCallRepository:
    """Reads what `SqlUsageLedger` writes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def of_run(self, run_id: str, step: str | None, limit: int) -> list[ModelCall]:
        """A run's calls, or those of one of its steps, in order."""
        booked, words = usage_records, call_texts
        columns = [booked.c[n] if n in booked.c else words.c[n] for n in ModelCall.model_fields]
        both = booked.outerjoin(words, words.c.seq == booked.c.seq)
        query = select(*columns).select_from(both).where(booked.c.run_id == run_id)
        if step is not None:
            query = query.where(booked.c.step == step)
        rows = await self._session.rows(query.order_by(booked.c.seq).limit(limit))
        return [ModelCall.model_validate(dict(row)) for row in rows]

    async def forget_texts(self, before: datetime, limit: int) -> int:
        """Forget the words of so many calls from before a moment; tells how many."""
        old = select(call_texts.c.seq).where(call_texts.c.at < before).limit(limit)
        gone = delete(call_texts).where(call_texts.c.seq.in_(old))
        return (await self._session.write(gone, "words of model calls")).rowcount
