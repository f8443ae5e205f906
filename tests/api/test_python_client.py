"""The generated client is whole, and works against the running server."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.python_client import write
from tests.api.conftest import served
from tests.support.label import BRIEF, TOKEN, TestLabel

NAME = "greenroom_client"
pytestmark = pytest.mark.slow


@pytest.fixture
def generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    assert write(tmp_path / "made") == []
    monkeypatch.syspath_prepend(str(tmp_path / "made"))
    yield tmp_path / "made"
    for name in [name for name in sys.modules if name.split(".")[0] == NAME]:
        del sys.modules[name]


def _part(path: str) -> Any:
    """A module of the client, which does not exist while this is type-checked."""
    return importlib.import_module(f"{NAME}.{path}")


async def test_the_generated_client_creates_lists_and_repeats(
    label: TestLabel, generated: Path
) -> None:
    models = _part("models")
    async with served(label) as base:
        client = _part("client").AuthenticatedClient(base_url=base, token=TOKEN)
        new = models.NewArtist(brief=BRIEF, seed=7, debut=False)
        create = _part("api.artists.artists_create_artist").asyncio
        made = await create(client=client, body=new)
        assert made.artist.seed == 7
        first = await create(client=client, body=new, idempotency_key="one")
        again = await create(client=client, body=new, idempotency_key="one")
        assert first.artist.id == again.artist.id

        page = await _part("api.artists.artists_list_artists").asyncio(client=client, limit=1)
        assert [artist.id for artist in page.items] == [made.artist.id]
        rest = await _part("api.artists.artists_list_artists").asyncio(
            client=client, after=page.next_
        )
        assert [artist.id for artist in rest.items] == [first.artist.id]

        missing = await _part("api.artists.artists_show_artist").asyncio(
            handle="nobody", client=client
        )
        assert (missing.title, missing.status) == ("not_found", 404)
