"""Recall: what the artist remembers that bears on today."""

from __future__ import annotations

from domain.memory import MEMORY_KINDS, Recalled
from domain.trimmed import trim_to_sentence
from graphs.context import RunContext
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from tools.recall_memories import Memories, RecallMemories

# Releases before kept directives as memories; those of old labels are read as history no more.
KINDS = tuple(kind for kind in MEMORY_KINDS if kind != "directive")
SAID_CHARS = 140


async def recall(state: CycleState, context: RunContext) -> Outcome:
    """Search memory for what was made and heard; what the label asks is no memory."""
    artist = await context.house.artists.find(context.actor, context.artist_id)
    profile = (await context.house.artists.profile(context.actor, artist.id)).profile
    query = f"{artist.stage_name}: songs and posts so far about {', '.join(profile.themes[:4])}"
    past = await context.toolbox.use(
        "recall_memories", RecallMemories(query=query, kinds=KINDS, limit=8), Memories
    )
    found = {r.record.id: r for r in past.found}
    return Outcome(
        update={"memory_ids": list(found)},
        says=_says(list(found.values())),
        snapshot={"query": query},
        facts={"recalled": [_shown(r) for r in found.values()]},
    )


async def recalled(state: CycleState, context: RunContext) -> tuple[Recalled, ...]:
    """The memories of this run again, by their ids, in the order they were found."""
    ids = state.get("memory_ids", [])
    records = {r.id: r for r in await context.house.memory.read(context.artist_id, ids)}
    return tuple(
        Recalled(
            record=records[i],
            score=1 - n / len(ids),
            relevance=0.0,
            recency=0.0,
            importance=records[i].importance,
        )
        for n, i in enumerate(ids)
        if i in records
    )


def _shown(found: Recalled) -> dict[str, object]:
    return {
        "id": found.record.id,
        "kind": found.record.kind,
        "text": found.record.text,
        "score": round(found.score, 3),
        "untrusted": found.record.untrusted,
    }


def _says(found: list[Recalled]) -> str:
    if not found:
        return "I remember nothing yet."
    things = "one thing" if len(found) == 1 else f"{len(found)} things, first"
    return f"I remembered {things}: {trim_to_sentence(found[0].record.text, SAID_CHARS)}"
