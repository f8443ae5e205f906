"""`greenroom learn` against a real label in a folder."""

from __future__ import annotations

import asyncio
from pathlib import Path

from domain.actor import SYSTEM
from domain.errors import IllegalTransition
from services.adaptations import AdaptationService
from tests.app.conftest import Command
from tests.services import build
from tests.store import nouns
from tests.support.label import open_label


def learns(home: Path) -> str:
    """An artist adapts; gives the entry's id."""

    async def work() -> str:
        async with open_label(home) as label:
            who = await build.artist(label)
            ledger = AdaptationService(label.database, label.clock)
            wanted = nouns.adaptation(of=who.id).proposal
            entry = await ledger.propose(SYSTEM, wanted)
            return (await ledger.apply(SYSTEM, entry.id)).id

    return asyncio.run(work())


def test_what_was_learnt_is_listed_shown_and_taken_back(home: Path, greenroom: Command) -> None:
    assert "Nothing has been learnt yet" in greenroom("learn", "ledger").out
    assert "as it is shipped" in greenroom("learn", "status").out
    entry = learns(home)
    assert entry in greenroom("learn", "status").out
    shown = greenroom("learn", "show", entry).out
    assert "as shipped" in shown
    assert "short 70%" in shown
    assert "no harm in the log" in shown
    back = greenroom("learn", "rollback", entry, "--reason", "too short", "--json").json
    assert (back["status"], back["reason"]) == ("reverted", "too short")
    (listed,) = greenroom("learn", "ledger", "--json").json
    assert listed["id"] == entry
    assert greenroom("learn", "ledger", "--status", "active", "--json").json == []
    again = greenroom("learn", "rollback", entry, "--reason", "too short")
    assert again.code == IllegalTransition.exit_code
    assert "as it is shipped" in greenroom("learn", "status").out
