from __future__ import annotations

from typing import Any

from domain.audience import AudienceEvent
from learning.reward import FEWEST_LISTENERS, reward_of
from tests.store import nouns

TEN = [f"visitor_{n}" for n in range(10)]


def done(visitor: str, kind: str, **changes: Any) -> AudienceEvent:
    return nouns.audience().model_copy(update={"visitor_id": visitor, "kind": kind} | changes)


PLAYS = [done(visitor, "play") for visitor in TEN]


def test_people_moved_per_people_reached() -> None:
    likes = [done(TEN[0], "like"), done(TEN[1], "comment")]
    assert reward_of(PLAYS + likes) == 0.2
    assert reward_of(PLAYS) == 0.0


def test_too_few_listeners_tell_nothing() -> None:
    assert reward_of(PLAYS[: FEWEST_LISTENERS - 1]) is None
    assert reward_of(PLAYS[:FEWEST_LISTENERS]) == 0.0


def test_a_flood_by_one_counts_once_and_one_by_those_who_never_listened_not_at_all() -> None:
    flood = [done(TEN[0], "comment") for _ in range(500)]
    deaf = [done(f"bot_{n}", "like") for n in range(500)]
    assert reward_of(PLAYS + flood + deaf) == 0.1


def test_what_was_taken_back_or_hidden_does_not_count() -> None:
    taken = [done(TEN[0], "like"), done(TEN[0], "unlike"), done(TEN[1], "unlike")]
    assert reward_of(PLAYS + taken) == 0.0
    assert reward_of([*PLAYS, *taken, done(TEN[0], "like")]) == 0.1
    assert reward_of([*PLAYS, done(TEN[2], "comment", hidden=True)]) == 0.0
