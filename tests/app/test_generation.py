from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.generation import build_generators
from domain.actor import OPERATOR
from domain.errors import InvalidInput
from domain.ports.providers import ProviderKind
from runtime.clock import SystemClock
from runtime.secrets import FileSecrets
from runtime.settings import Settings
from store.database import Database
from store.migrate import upgrade
from store.usage import SqlUsageLedger
from tools.vendors.music.catalogue import CATALOGUE
from tools.vendors.scripted_music import PlainEngine


async def build(home: Path, **settings: Any) -> Any:
    given = Settings(home=home, **settings)
    await upgrade(given.database)
    database = Database(given.database)
    return build_generators(
        given,
        database,
        SystemClock(),
        SqlUsageLedger(database),
        FileSecrets(home / "secrets"),
        PlainEngine(),
        CATALOGUE,
    )


async def test_the_whole_catalogue_can_be_shown_before_anything_is_connected(
    tmp_path: Path,
) -> None:
    generators = await build(tmp_path)
    found = await generators.providers.statuses(OPERATOR)
    assert [s.name for s in found] == [*(kind.name for kind in CATALOGUE), "plain"]
    assert not any(s.connected for s in found[:-1])
    assert all(s.capabilities.founded_on for s in found[:-1])


def placeholder(field: str) -> SecretStr:
    return SecretStr("http://127.0.0.1:9" if field.endswith("url") else "k-1")


@pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.name)
async def test_the_price_shown_beforehand_is_the_price_asked_later(
    tmp_path: Path, kind: ProviderKind
) -> None:
    given = {field: placeholder(field) for field in kind.fields}
    generators = await build(tmp_path, providers={kind.name: given})
    status = await generators.providers.status(OPERATOR, kind.name)
    assert status.connected
    assert status.song_quote == kind.usual_quote
    assert (status.song_quote is None) == (kind.name == "suno-gateway")
    assert (status.unpriced != "") == (kind.name == "suno-gateway")


async def test_the_environments_names_are_read_with_either_line(tmp_path: Path) -> None:
    url = {"url": SecretStr("http://127.0.0.1:8001")}
    generators = await build(tmp_path, providers={"ace_step": url}, music_providers=("ace-step",))
    status = await generators.providers.status(OPERATOR, "ace-step")
    assert (status.connected, status.connected_by, status.place) == (True, "the environment", 1)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"providers": {"elevenlab": {"key": SecretStr("k")}}}, "GREENROOM_PROVIDERS"),
        ({"music_providers": ("elevenlab",)}, "GREENROOM_MUSIC_PROVIDERS"),
    ],
)
async def test_a_misspelt_provider_is_named(
    tmp_path: Path, settings: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput, match="elevenlab") as raised:
        await build(tmp_path, **settings)
    assert raised.value.field == field
    assert "elevenlabs" in (raised.value.remedy or "")


def test_settings_read_providers_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_PROVIDERS__ELEVENLABS__KEY", "k-1")
    monkeypatch.setenv("GREENROOM_PROVIDERS__ACE_STEP__URL", "http://127.0.0.1:8001")
    monkeypatch.setenv("GREENROOM_MUSIC_PROVIDERS", " elevenlabs , greenroom-music,")
    found = Settings()
    assert found.providers["elevenlabs"]["key"].get_secret_value() == "k-1"
    assert found.providers["ace_step"]["url"].get_secret_value() == "http://127.0.0.1:8001"
    assert found.music_providers == ("elevenlabs", "greenroom-music")
    assert "k-1" not in repr(found)
