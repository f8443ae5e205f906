from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters, types

from tests.api.conftest import served
from tests.support.label import TestLabel, debut, open_label
from tests.support.people import joined, key

ROOT = Path(__file__).resolve().parents[2]
EXIT_INPUT, EXIT_ENVIRONMENT, EXIT_STRANGER = 2, 8, 10


@pytest.fixture
async def label(tmp_path: Path) -> AsyncIterator[TestLabel]:
    async with open_label(tmp_path) as opened:
        yield opened


def command(url: str, secret: str) -> StdioServerParameters:
    """`greenroom mcp` as a client's configuration starts it."""
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "app", "mcp", "--url", url],
        env={**os.environ, "GREENROOM_KEY": secret},
        cwd=ROOT,
    )


def run(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "mcp", *arguments],
        cwd=ROOT,
        env={**os.environ, "GREENROOM_HOME": str(home), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def test_a_client_that_starts_the_command_works_with_its_keys_rights(
    label: TestLabel,
) -> None:
    artist = await debut(label)
    secret = await key(label, await joined(label, "operator"), "read", "steer")
    async with served(label) as url, Client(command(url, secret)) as client:
        listed = {tool.name for tool in (await client.list_tools()).tools}
        assert "start_run" in listed
        assert "decide_approval" not in listed
        found = await client.call_tool("show_artist", {"artist": artist.handle})
        assert found.structured_content["stage_name"] == artist.stage_name
        wrong = await client.call_tool("show_artist", {"artist": "nobody"})
        assert wrong.is_error
        (resource,) = (await client.list_resources()).resources
        read = await client.read_resource(str(resource.uri))
        assert isinstance(read.contents[0], types.TextResourceContents)
        assert json.loads(read.contents[0].text)["stage_name"] == artist.stage_name
        prompts = (await client.list_prompts()).prompts
        assert "plan_with_artist" in [prompt.name for prompt in prompts]


async def test_a_wrong_key_is_told_before_the_protocol_begins(
    label: TestLabel, tmp_path: Path
) -> None:
    async with served(label) as url:
        stranger = await asyncio.to_thread(run, tmp_path, "--url", url, GREENROOM_KEY="gr_wrong")
    assert stranger.returncode == EXIT_STRANGER
    assert stranger.stdout == ""
    assert "does not know this key" in stranger.stderr


def test_without_a_server_it_says_how_to_start_one(tmp_path: Path) -> None:
    nobody = run(tmp_path / "empty")
    assert nobody.returncode == EXIT_ENVIRONMENT
    assert nobody.stdout == ""
    assert "greenroom serve" in nobody.stderr


def test_what_is_missing_is_told_before_the_protocol_begins(tmp_path: Path) -> None:
    no_key = run(tmp_path, "--url", "http://127.0.0.1:9", GREENROOM_KEY="")
    assert no_key.returncode == EXIT_INPUT
    assert "GREENROOM_KEY" in no_key.stderr
    no_label = run(tmp_path, "--url", "http://127.0.0.1:9", GREENROOM_KEY="gr_x")
    assert no_label.returncode == EXIT_ENVIRONMENT
    assert "no label answers" in no_label.stderr
