"""What a standing directive asks for, by meaning: nearest of a few worded examples."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agents.meaning import likeness
from domain.memory import MemoryRecord, Recalled
from domain.plan import Action
from domain.ports.model import Embedder

_EXAMPLES: dict[Action, tuple[str, ...]] = {
    "write_and_release_song": (
        "write a song about this",
        "make new music, record a track",
        "your next song should be slower and darker",
        "release a single",
        "start composing, finish the lyrics",
    ),
    "post_update": (
        "post something about it",
        "tell people the news, let your followers know",
        "write an update, say thank you to the listeners",
        "announce that, share how it went",
        "talk to your audience",
    ),
    "rest": (
        "take a break, do nothing",
        "rest for a few days",
        "pause, stay quiet, don't post or release anything",
        "slow down, have a holiday",
    ),
}
LEAST_LIKENESS = 0.25


def directives_in(recalled: Sequence[Recalled]) -> list[MemoryRecord]:
    """Directives an operator gave. What came from outside is never one, whatever it says."""
    return [
        r.record
        for r in recalled
        if r.record.kind == "directive" and not r.record.untrusted and not r.record.superseded_by
    ]


async def asked_action(
    directive: MemoryRecord, legal: Collection[Action], embedder: Embedder
) -> tuple[Action | None, dict[Action, float]]:
    """The action a directive asks for, if it clearly asks for one that is legal now."""
    near = await likeness(embedder, directive.text, {a: _EXAMPLES[a] for a in _EXAMPLES})
    scores = {action: near[action] for action in _EXAMPLES}
    best = max(scores, key=scores.__getitem__)
    return (best if scores[best] >= LEAST_LIKENESS and best in legal else None), scores
