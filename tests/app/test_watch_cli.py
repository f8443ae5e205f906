"""`greenroom alert` and `greenroom webhook` against a real label in a folder."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.actor import SYSTEM
from domain.errors import DiskFull, InvalidInput, ProviderError
from domain.run import RunStatus
from tests.app.conftest import Command
from tests.services import build
from tests.support.label import cycle, open_label
from tests.support.receiver import Receiver, webhook_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver in a thread of its own: commands block theirs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    context = webhook_receiver()
    yield asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(10)
    asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def run_stops(home: Path) -> None:
    async def work() -> None:
        async with open_label(home) as label:
            run = await cycle(label, await build.artist(label))
            if run.status is RunStatus.QUEUED:
                await label.runs.begin(SYSTEM, run.id)
            await label.runs.fail(SYSTEM, run.id, "render", DiskFull("the disk is full"))
            await label.alerts.check(SYSTEM)

    asyncio.run(work())


def test_an_alert_is_listed_and_acknowledged(home: Path, greenroom: Command) -> None:
    assert "Nothing needs your eyes" in greenroom("alert", "list").out
    run_stops(home)
    listed = greenroom("alert", "list").out
    assert "1 run stopped and waits for you" in listed
    (alert,) = greenroom("alert", "list", "--json").json
    assert "seen" in greenroom("alert", "ack", alert["id"]).out
    assert greenroom("alert", "ack", alert["id"], "--json").json["acknowledged_by"]


def test_a_webhook_from_its_first_day_to_its_last(
    home: Path, greenroom: Command, receiver: Receiver
) -> None:
    assert "Nobody is told anything" in greenroom("webhook", "list").out
    added = greenroom("webhook", "add", receiver.url, "-e", "alert.*", "-e", "run.changed").out
    assert "whsec_" in added
    (hook,) = greenroom("webhook", "list", "--json").json
    assert "whsec_" not in greenroom("webhook", "list").out
    assert hook["events"] == ["alert.*", "run.changed"]
    assert greenroom("webhook", "test", hook["id"]).code == 0
    receiver.usual = 500
    refused = greenroom("webhook", "test", hook["id"])
    assert refused.code == ProviderError.exit_code
    assert "HTTP 500" in refused.out
    listed = greenroom("webhook", "deliveries", hook["id"])
    assert "delivered" in listed.out
    assert "waiting" in listed.out
    assert "not told" not in greenroom("webhook", "deliveries", hook["id"], "--failed").out
    receiver.usual = 204
    done = greenroom("webhook", "deliveries", hook["id"], "--json").json[-1]
    assert greenroom("webhook", "replay", done["id"]).code == 0
    assert [c.id for c in receiver.calls].count(done["id"]) == 2
    assert "whsec_" in greenroom("webhook", "rotate", hook["id"]).out
    assert greenroom("webhook", "enable", hook["id"]).code == 0
    assert "nothing any more" in greenroom("webhook", "remove", hook["id"]).out
    assert greenroom("webhook", "list", "--json").json == []


def test_a_wrong_address_is_refused_with_its_field(home: Path, greenroom: Command) -> None:
    refused = greenroom("webhook", "add", "ftp://x", "--json")
    assert refused.code == InvalidInput.exit_code
    assert refused.json["error"]["field"] == "url"
