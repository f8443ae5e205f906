from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from domain.actor import OPERATOR, SYSTEM
from domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from domain.ports.providers import ProviderKind
from runtime.secrets import FileSecrets
from services.generation.song import GenerationRules, usual_song
from tests.services.generation.house import ARTIST, House, house_of
from tests.support.label import TestLabel
from tools.vendors.scripted_music import Fault, ScriptedService, scripted_kind


def open_house(label: TestLabel, rules: GenerationRules | None = None, **script: Any) -> House:
    return house_of(label.database, label.clock, label.home, rules, **script)


def key(text: str = "k-1") -> dict[str, SecretStr]:
    return {"key": SecretStr(text)}


async def test_before_anything_is_connected(label: TestLabel) -> None:
    house = open_house(label, alpha=[])
    [alpha, plain] = await house.providers.statuses(OPERATOR)
    assert (alpha.connected, alpha.health, alpha.health_words) == (
        False,
        "unknown",
        "not connected",
    )
    assert alpha.song_quote is not None
    assert alpha.song_quote.cost_usd == 0.25
    assert (plain.embedded, plain.connected, plain.health) == (True, True, "healthy")


async def test_connecting_checks_keeps_and_never_shows_the_key(label: TestLabel) -> None:
    house = open_house(label, alpha=[])
    status = await house.providers.connect(OPERATOR, "alpha", key("very-secret"))
    assert (status.connected, status.connected_by, status.health) == (True, "a person", "healthy")
    assert "40 songs" in status.health_words
    assert "very-secret" not in status.model_dump_json()
    assert all("very-secret" not in e.model_dump_json() for e in await house.told())
    kept = label.home / "secrets" / "provider-alpha-key"
    assert kept.read_text() == "very-secret"
    assert kept.stat().st_mode & 0o077 == 0
    assert (await house.restarted().status("alpha")).connected


async def test_a_refused_key_is_not_kept(label: TestLabel) -> None:
    house = open_house(label, alpha=[])
    house.far["alpha"].check_fault = Fault.REFUSED_KEY
    with pytest.raises(InvalidInput) as raised:
        await house.providers.connect(OPERATOR, "alpha", key())
    assert raised.value.field == "key"
    assert raised.value.remedy
    assert not (await house.status("alpha")).connected
    assert not (label.home / "secrets" / "provider-alpha-key").exists()


async def test_a_refused_new_key_leaves_the_old_one(label: TestLabel) -> None:
    house = open_house(label, alpha=[])
    await house.connect()
    house.far["alpha"].check_fault = Fault.REFUSED_KEY
    with pytest.raises(InvalidInput):
        await house.providers.connect(OPERATOR, "alpha", key("worse"))
    kept = (label.home / "secrets" / "provider-alpha-key").read_text()
    assert kept == "key-of-alpha"


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.NO_CREDIT])
async def test_a_key_is_kept_where_the_service_has_other_trouble(
    label: TestLabel, fault: Fault
) -> None:
    house = open_house(label, alpha=[])
    house.far["alpha"].check_fault = fault
    status = await house.providers.connect(OPERATOR, "alpha", key())
    assert status.connected
    assert status.health in ("failing", "stopped")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "key"),
        ({"key": ""}, "key"),
        ({"key": "  "}, "key"),
        ({"key": "two\nlines"}, "key"),
        ({"key": "x" * 5000}, "key"),
        ({"key": "k", "adress": "x"}, "adress"),
    ],
)
async def test_fields_that_cannot_be_right_are_named(
    label: TestLabel, fields: dict[str, str], field: str
) -> None:
    house = open_house(label, alpha=[])
    given = {name: SecretStr(value) for name, value in fields.items()}
    with pytest.raises(InvalidInput) as raised:
        await house.providers.connect(OPERATOR, "alpha", given)
    assert raised.value.field == field


async def test_a_key_is_trimmed_and_an_optional_field_may_stay_empty(label: TestLabel) -> None:
    house = open_house(label, alpha=[])
    given = {"key": SecretStr("  k-1 \n"), "webhook_secret": SecretStr("")}
    await house.providers.connect(OPERATOR, "alpha", given)
    kept = {file.name: file.read_text() for file in (label.home / "secrets").iterdir()}
    assert kept == {"provider-alpha-key": "k-1"}


async def test_disconnecting_forgets_the_key_and_the_client(label: TestLabel) -> None:
    house = open_house(label, alpha=[])
    await house.connect()
    status = await house.providers.disconnect(OPERATOR, "alpha")
    assert not status.connected
    assert (await house.make()).embedded
    assert list((label.home / "secrets").iterdir()) == []
    await house.providers.disconnect(OPERATOR, "alpha")


async def test_a_key_connected_elsewhere_is_seen_at_once(label: TestLabel) -> None:
    worker = open_house(label, alpha=[])
    assert (await worker.make(key="song-0")).embedded
    await worker.restarted().connect()
    assert (await worker.make(key="song-1")).capabilities.name == "alpha"


async def test_the_environment_connects_and_cannot_be_overruled_here(label: TestLabel) -> None:
    service = ScriptedService()
    kind = scripted_kind("the-alpha", service)
    house = House(
        label.database,
        label.clock,
        label.home,
        {"the-alpha": service},
        [kind],
        GenerationRules(),
        environment={"THE_ALPHA": key("from-env")},
    )
    assert (await house.status("the-alpha")).connected_by == "the environment"
    assert (await house.make()).capabilities.name == "the-alpha"
    with pytest.raises(Conflict, match="environment"):
        await house.providers.connect(OPERATOR, "the-alpha", key())
    with pytest.raises(Conflict, match="environment"):
        await house.providers.disconnect(OPERATOR, "the-alpha")
    assert not (label.home / "secrets").exists()


async def test_credentials_that_cannot_be_built_with_stop_nothing(label: TestLabel) -> None:
    def refuse(credentials: Any) -> Any:
        raise InvalidInput("the url is no address", field="url")

    service = ScriptedService()
    broken = scripted_kind("broken", service)
    broken = type(broken)(
        broken.name, broken.title, broken.fields, broken.capabilities, refuse, broken.optional
    )
    house = House(
        label.database,
        label.clock,
        label.home,
        {},
        [broken],
        GenerationRules(),
        environment={"broken": key()},
    )
    status = await house.status("broken")
    assert "no address" in status.health_words
    made = await house.make()
    assert made.embedded
    assert "no address" in made.route.why


def reseller(house: House) -> ProviderKind:
    """A kind with an address of its own and optional fields, secret and not."""
    plain = house.kinds[0]
    optional = ("webhook_secret", "price_usd")
    return dataclasses.replace(plain, fields=("url", "key"), optional=optional)


async def test_another_key_leaves_the_other_fields_as_they_were(label: TestLabel) -> None:
    house = open_house(label, alpha=[])
    house = house.restarted(kinds=[reseller(house)])

    async def connect(**fields: str) -> dict[str, str | None]:
        given = {name: SecretStr(value) for name, value in fields.items()}
        await house.providers.connect(OPERATOR, "alpha", given)
        secrets = FileSecrets(label.home / "secrets")
        names = ("url", "key", "webhook_secret", "price_usd")
        kept = {name: secrets.get(f"provider-alpha-{name.replace('_', '-')}") for name in names}
        return {name: value.get_secret_value() if value else None for name, value in kept.items()}

    first = {"url": "http://one", "key": "k-1", "webhook_secret": "w", "price_usd": "0.05"}
    assert await connect(**first) == first
    # A secret belongs to its key, the price to the address.
    assert await connect(url="http://one", key="k-2", price_usd="") == {
        "url": "http://one",
        "key": "k-2",
        "webhook_secret": None,
        "price_usd": "0.05",
    }
    assert (await connect(url="http://one", key="k-2", price_usd="0.07"))["price_usd"] == "0.07"
    assert (await connect(url="http://two", key="k-3"))["price_usd"] is None


async def test_a_check_tells_and_mends(label: TestLabel) -> None:
    house = open_house(label, alpha=[Fault.NO_CREDIT])
    await house.connect()
    await house.make()
    assert (await house.status("alpha")).health == "stopped"
    house.far["alpha"].check_fault = Fault.DOWN
    assert (await house.providers.check(OPERATOR, "alpha")).health == "stopped"
    house.far["alpha"].check_fault = Fault.NONE
    status = await house.providers.check(OPERATOR, "alpha")
    assert (status.health, status.remedy) == ("healthy", None)
    assert status.last_ok_at == label.clock.now()


async def test_a_check_that_is_answered_with_a_refusal_is_no_good_answer(label: TestLabel) -> None:
    house = open_house(label, alpha=[])
    house.far["alpha"].check_fault = Fault.INPUT
    status = await house.providers.connect(OPERATOR, "alpha", key())
    assert (status.health, status.last_ok_at) == ("failing", None)
    assert status.health_words == "it failed once: the lyrics are too long"


async def test_health_says_what_went_wrong_and_until_when(label: TestLabel) -> None:
    house = open_house(label, alpha=[Fault.DOWN] * 3)
    await house.connect()
    await house.make(key="song-0")
    status = await house.status("alpha")
    assert status.health == "failing"
    assert "failed once: the service answers 503" in status.health_words
    await house.make(key="song-1")
    await house.make(key="song-2")
    assert "rests for 60 s" in (await house.status("alpha")).health_words
    label.clock.advance(timedelta(minutes=2))
    assert "3 times in a row" in (await house.status("alpha")).health_words


async def test_the_connected_stand_first_in_order_of_preference(label: TestLabel) -> None:
    rules = GenerationRules(preference=("gamma", "beta"))
    house = open_house(label, rules, alpha=[], beta=[], gamma=[])
    await house.connect("beta", "alpha", "gamma")
    await house.providers.disconnect(OPERATOR, "alpha")
    found = await house.providers.statuses(OPERATOR)
    assert [(s.name, s.place) for s in found] == [
        ("gamma", 1),
        ("beta", 2),
        ("alpha", None),
        ("plain", None),
    ]


async def test_changes_of_health_are_told_once(label: TestLabel) -> None:
    house = open_house(label, alpha=[Fault.REFUSED_KEY])
    await house.connect()
    for number in range(3):
        await house.make(key=f"song-{number}")
    told = [e.data["health"] for e in await house.told() if e.kind == "provider.changed"]
    assert told == ["healthy", "stopped"]


async def test_nobody_but_the_operator_connects(label: TestLabel) -> None:
    house = open_house(label, alpha=[])
    for actor in (ARTIST, SYSTEM):
        with pytest.raises(Forbidden):
            await house.providers.connect(actor, "alpha", key())
        with pytest.raises(Forbidden):
            await house.providers.disconnect(actor, "alpha")
    with pytest.raises(Forbidden):
        await house.providers.statuses(ARTIST)


async def test_unknown_and_unconnected_providers_are_named(label: TestLabel) -> None:
    house = open_house(label, alpha=[])
    for use in (house.providers.disconnect, house.providers.check, house.providers.status):
        with pytest.raises(NotFound) as raised:
            await use(OPERATOR, "alhpa")
        assert "alpha" in (raised.value.remedy or "")
    with pytest.raises(InvalidInput, match="not connected"):
        await house.providers.check(OPERATOR, "alpha")


def test_the_song_that_asks_prices_is_a_sung_one_of_90_s() -> None:
    ask = usual_song().ask
    assert ask is not None
    assert ask.lyrics
    assert ask.duration_s == usual_song().score.duration_s == 90.0
