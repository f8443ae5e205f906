from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from runtime.engine.database import open_database
from runtime.engine.heartbeat import Heartbeats, Silence, view


class Watch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_counter_that_stands_still_is_silent_for_as_long_as_it_was_watched() -> None:
    watch = Watch()
    silence = Silence(1.0, watch)
    for second in range(5):
        watch.seconds = second
        silence.look({"still": 7, "moving": second})
    assert silence.of("still") == 4
    assert silence.of("moving") == 0
    silence.look({"still": 8})
    assert silence.of("still") == 0


@pytest.mark.parametrize("absence_s", [3.5, 60, 86_400])
def test_time_in_which_nobody_looked_kills_nobody(absence_s: float) -> None:
    watch = Watch()
    silence = Silence(1.0, watch)
    silence.look({"peer": 1})
    watch.seconds = absence_s
    silence.look({"peer": 1})
    assert silence.of("peer") == 0
    watch.seconds = absence_s + 1
    silence.look({"peer": 1})
    assert silence.of("peer") == 1


def test_unknown_and_vanished_workers_are_not_silent() -> None:
    watch = Watch()
    silence = Silence(1.0, watch)
    silence.look({"peer": 1})
    watch.seconds = 1
    silence.look({"peer": 1})
    silence.look({})
    silence.look({"peer": 1})
    assert (silence.of("peer"), silence.of("stranger")) == (0, 0)


@pytest.fixture
def heartbeats(tmp_path: Path) -> Iterator[Heartbeats]:
    database = open_database(sa.make_url(f"sqlite:///{tmp_path / 'beats.db'}"))
    made = Heartbeats(database)
    made.prepare()
    made.prepare()
    yield made
    database.dispose()


def test_worker_appears_beats_and_is_forgotten(heartbeats: Heartbeats) -> None:
    heartbeats.appear("a", concurrency=3, dead_after_s=8.0)
    (born,) = heartbeats.all()
    assert heartbeats.beat("a", running=2, draining=False) is False
    (seen,) = heartbeats.all()
    assert seen.beats == born.beats + 1
    shown = view(seen, 0.0)
    assert (shown.id, shown.concurrency, shown.running, shown.state) == ("a", 3, 2, "working")
    assert shown.started_at.tzinfo is not None
    heartbeats.forget(["a"])
    assert heartbeats.all() == []
    assert heartbeats.beat("a", running=0, draining=False) is None


def test_word_to_drain_stays_until_the_next_start(heartbeats: Heartbeats) -> None:
    heartbeats.appear("a", concurrency=1, dead_after_s=8.0)
    assert heartbeats.ask_to_drain("a")
    assert not heartbeats.ask_to_drain("nobody")
    assert heartbeats.beat("a", running=0, draining=False) is True
    assert view(heartbeats.all()[0], 0.0).state == "draining"
    assert view(heartbeats.all()[0], 8.0).state == "silent"
    heartbeats.appear("a", concurrency=1, dead_after_s=8.0)
    assert heartbeats.beat("a", running=0, draining=False) is False
