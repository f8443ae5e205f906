"""Every kind can be built from its fields, and from nothing less."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.errors import InvalidInput
from domain.ports.providers import ProviderKind
from tools.vendors.music.catalogue import CATALOGUE

GOOD = {
    "key": "sk-0123456789",
    "url": "http://127.0.0.1:8001",
    "webhook_secret": "whsec_c2VjcmV0",
    "callback_url": "https://label.example/in",
    "price_usd": "0.05",
}
every = pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.name)


def given(*names: str, **changes: str) -> dict[str, SecretStr]:
    return {name: SecretStr({**GOOD, **changes}[name]) for name in names}


@every
def test_built_from_what_it_names(kind: ProviderKind) -> None:
    for names in (kind.fields, (*kind.fields, *kind.optional)):
        client = kind.build(given(*names))
        assert client.capabilities == kind.capabilities
        assert kind.capabilities.name == kind.name


@every
def test_each_field_is_needed_and_named(kind: ProviderKind) -> None:
    for missing in kind.fields:
        rest = given(*(name for name in kind.fields if name != missing))
        for fields in (rest, rest | {missing: SecretStr(" ")}):
            with pytest.raises(InvalidInput) as caught:
                kind.build(fields)
            assert caught.value.field == missing


@every
def test_a_kind_says_what_it_is_founded_on(kind: ProviderKind) -> None:
    assert "2026" in kind.capabilities.founded_on
    told = {"told_length", "told_tempo", "told_key"}
    known = {"sung", "lyrics", "instrumental", "timed_words"} | told
    assert kind.capabilities.features <= known
    assert "lyrics" not in kind.capabilities.features or "sung" in kind.capabilities.features


def test_what_follows_other_peoples_programs_is_not_called_verified() -> None:
    able = [kind.capabilities for kind in CATALOGUE]
    assert {a.name for a in able if not a.verified} == {"stability", "replicate", "suno-gateway"}
    assert not any(a.verified for a in able if "public clients" in a.founded_on)


@pytest.mark.parametrize("key", ["two words", "ключ", "line\nbreak"])
def test_keys_that_cannot_be(key: str) -> None:
    kind = next(kind for kind in CATALOGUE if kind.name == "elevenlabs")
    with pytest.raises(InvalidInput):
        kind.build(given("key", key=key))


@pytest.mark.parametrize(
    "url", ["ftp://host", "host:8001", "http://", "http://a:b@host", "http://host/?x=1", "http://["]
)
def test_addresses_that_cannot_be(url: str) -> None:
    kind = next(kind for kind in CATALOGUE if kind.name == "ace-step")
    with pytest.raises(InvalidInput) as caught:
        kind.build(given("url", url=url))
    assert caught.value.field == "url"


KEYED = pytest.mark.parametrize("name", ["suno-gateway", "ace-step"])


@KEYED
@pytest.mark.parametrize(
    "url", ["http://gateway.example", "http://8.8.8.8:8001", "http://[2606:4700::1111]"]
)
def test_a_key_is_not_sent_in_the_clear(name: str, url: str) -> None:
    kind = next(kind for kind in CATALOGUE if kind.name == name)
    with pytest.raises(InvalidInput) as caught:
        kind.build(given("url", "key", url=url))
    assert caught.value.field == "url"
    assert "https" in (caught.value.remedy or "")


@KEYED
@pytest.mark.parametrize(
    "url",
    [
        "https://gateway.example",
        "http://127.0.0.1:8001",
        "http://[::1]:8001",
        "http://10.0.0.5:8001",
        "http://192.168.1.7",
        "http://localhost:8001",
        "http://studio:8001",
        "http://studio.local:8001",
    ],
)
def test_one_s_own_network_needs_no_https(name: str, url: str) -> None:
    kind = next(kind for kind in CATALOGUE if kind.name == name)
    assert kind.build(given("url", "key", url=url)).capabilities.name == name


def test_a_server_without_a_key_may_be_anywhere() -> None:
    kind = next(kind for kind in CATALOGUE if kind.name == "ace-step")
    assert kind.build(given("url", url="http://studio.example:8001"))


@pytest.mark.parametrize("price", ["free", "-1", "nan", "10000"])
def test_prices_that_cannot_be(price: str) -> None:
    kind = next(kind for kind in CATALOGUE if kind.name == "suno-gateway")
    with pytest.raises(InvalidInput) as caught:
        kind.build(given("url", "key", "price_usd", price_usd=price))
    assert caught.value.field == "price_usd"


def test_looking_at_the_catalogue_loads_no_sdk() -> None:
    code = (
        "import sys; import tools.vendors.music.catalogue; "
        "print([m for m in ('elevenlabs', 'google.genai', 'replicate', 'fal_client', 'soundfile',"
        " 'cryptography') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[4]
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"
