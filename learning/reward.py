"""What counts as success with the audience, in one place: people moved per people reached."""

from __future__ import annotations

from collections.abc import Iterable

from domain.audience import AudienceEvent

# Of fewer people a share says next to nothing.
FEWEST_LISTENERS = 5
_MOVED = frozenset({"like", "comment", "repost"})


def reward_of(events: Iterable[AudienceEvent]) -> float | None:
    """The share of those who heard a release that liked, shared or answered it.

    Everybody counts once, whatever they do how often; who never heard it does not count, nor do
    hidden comments, nor a like that was taken back. None where too few have heard it.
    `events` are one release's, in the order they came.
    """
    heard: set[str] = set()
    moved: dict[str, set[str]] = {}
    for event in events:
        if event.kind == "play":
            heard.add(event.visitor_id)
        elif event.kind == "unlike":
            moved.get(event.visitor_id, set()).discard("like")
        elif event.kind in _MOVED and not event.hidden:
            moved.setdefault(event.visitor_id, set()).add(event.kind)
    if len(heard) < FEWEST_LISTENERS:
        return None
    return sum(bool(moved.get(person)) for person in heard) / len(heard)
