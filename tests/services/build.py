"""Small things that tests of services begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from domain.approval import Approval
from domain.artist import Artist
from domain.run import Run
from domain.work import Work
from store.database import Database
from tests.support import label as play
from tests.support.label import TestLabel


async def artist(label: TestLabel, name: str = "Harbour Signal") -> Artist:
    """An active artist."""
    return await play.debut(label, play.profile(name), portrait=b"portrait", banner=b"banner")


async def song(label: TestLabel, run: Run, title: str = "Last Ferry Home") -> Work:
    """A complete work whose files are a few bytes."""
    return await play.song(label, run, title, mp3=title.encode(), cover=b"cover")


async def asked(label: TestLabel, who: Artist, title: str = "Last Ferry Home") -> Approval:
    """An approval that waits, over a release and its post."""
    run = await play.cycle(label, who)
    return await play.ask(label, run, await song(label, run, title))


def ids(approval: Approval) -> dict[str, str]:
    """The subjects' ids by kind."""
    return {subject.kind: subject.id for subject in approval.subjects}


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect the statements that reach the driver."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
