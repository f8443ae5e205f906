from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from runtime.engine.heartbeat import Heartbeat


class Watch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def hearts(tmp_path: Path, watch: Watch) -> tuple[Heartbeat, Heartbeat]:
    url = sa.make_url(f"sqlite:///{tmp_path / 'beats.db'}")
    return Heartbeat(url, "a", 10, watch), Heartbeat(url, "b", 10, watch)


def test_silent_executor_is_dead_after_the_wait_and_not_before(tmp_path: Path) -> None:
    watch = Watch()
    a, b = hearts(tmp_path, watch)
    b.beat()
    assert a.dead(["b"]) == []
    watch.seconds = 9.9
    assert a.dead(["b"]) == []
    watch.seconds = 10
    assert a.dead(["b"]) == ["b"]
    b.beat()
    assert a.dead(["b"]) == []


def test_executor_that_never_beat_is_given_the_same_wait(tmp_path: Path) -> None:
    watch = Watch()
    a, _ = hearts(tmp_path, watch)
    assert a.dead(["ghost"]) == []
    watch.seconds = 10
    assert a.dead(["ghost"]) == ["ghost"]


def test_nobody_declares_itself_dead(tmp_path: Path) -> None:
    watch = Watch()
    a, _ = hearts(tmp_path, watch)
    a.beat()
    assert a.dead(["a"]) == []
    watch.seconds = 100
    assert a.dead(["a"]) == []
