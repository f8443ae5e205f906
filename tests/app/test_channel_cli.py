"""`greenroom channel` against a real label in a folder and a real Bluesky server."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.app.conftest import WHO, Command
from tests.support.bluesky.server import BlueskyAccount, BlueskyServer


def connecting(account: BlueskyAccount) -> tuple[str, ...]:
    """The command without its password."""
    return (
        *("channel", "connect", WHO, "bluesky"),
        *("--account", account.handle, "--server", account.server),
    )


def test_a_channel_from_nothing_to_nothing(
    debuted: Path, greenroom: Command, bluesky: BlueskyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = bluesky.new_account()
    assert "channel connect" in greenroom("channel", "list", WHO).out
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{account.password}\n"))
    made = greenroom(*connecting(account))
    assert made.code == 0
    assert f"bluesky: {account.handle} is connected" in made.out
    assert account.password not in made.out
    (listed,) = greenroom("channel", "list", WHO, "--json").json
    assert (listed["account"], listed["remote_id"]) == (account.handle, account.did)
    assert account.password not in json.dumps(listed)
    assert "paused" in greenroom("channel", "pause", WHO, "bluesky").out
    assert "connected" in greenroom("channel", "resume", WHO, "bluesky").out
    assert "connected" in greenroom("channel", "test", WHO, "bluesky").out
    assert greenroom("channel", "disconnect", WHO, "bluesky").code == 0
    assert greenroom("channel", "list", WHO, "--json").json == []


def test_a_wrong_password_is_said_and_the_right_one_may_come_from_the_environment(
    debuted: Path, greenroom: Command, bluesky: BlueskyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = bluesky.new_account()
    monkeypatch.setenv("GREENROOM_CHANNEL_PASSWORD", "not it")
    refused = greenroom(*connecting(account))
    assert refused.code == 2
    assert "not it" not in refused.out + refused.err
    monkeypatch.setenv("GREENROOM_CHANNEL_PASSWORD", account.password)
    assert greenroom(*connecting(account)).code == 0


def test_no_password_is_asked_for_by_name(
    debuted: Path, greenroom: Command, bluesky: BlueskyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    told = greenroom(*connecting(bluesky.new_account()))
    assert told.code == 2
    assert "GREENROOM_CHANNEL_PASSWORD" in told.err
