from __future__ import annotations

import asyncio

import pytest

from domain.errors import (
    NotFound,
    ProviderAuth,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
)
from runtime.shared.breakers import LocalBreakers
from services import servers
from services.servers import Circuits, by_server

SERVER = "https://pds.example"


async def test_a_server_that_hangs_keeps_no_other_waiting() -> None:
    others_done = asyncio.Event()
    asked: dict[str, int] = {"hangs": 0, "answers": 0}

    async def work(name: str) -> str:
        asked[name] += 1
        assert asked[name] == 1, "one at a time"
        if name == "hangs":
            await asyncio.wait_for(others_done.wait(), 5)
        elif len(done) == 2:
            others_done.set()
        await asyncio.sleep(0)
        asked[name] -= 1
        done.append(name)
        return name

    done: list[str] = []
    found = await by_server({"a": ["hangs"] * 2, "b": ["answers"] * 3}, work)
    assert found == ["hangs"] * 2 + ["answers"] * 3
    assert done[:3] == ["answers"] * 3


async def test_a_servers_round_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "ROUND_S", 0.03)

    async def work(number: int) -> int:
        await asyncio.sleep(0.02)
        return number

    assert 1 <= len(await by_server({"a": range(100)}, work)) < 10


async def test_an_error_ends_the_round_of_its_server_only() -> None:
    done = []

    async def work(name: str) -> None:
        await asyncio.sleep(0)
        if name == "bad":
            raise NotFound("gone")
        done.append(name)

    with pytest.raises(NotFound):
        await by_server({"a": ["bad", "never"], "b": ["one", "two"]}, work)
    assert done == ["one", "two"]


@pytest.mark.parametrize(
    ("error", "opens"),
    [
        (ProviderUnavailable("down"), True),
        (ProviderTimeout("silent"), True),
        (ProviderAuth("wrong", status=401), False),
        (ProviderError("a page", unreadable=True), False),
        (ProviderUnavailable("another renews", ours=True), False),
        (NotFound("no file"), False),
    ],
)
async def test_only_what_the_server_did_closes_its_line(error: Exception, opens: bool) -> None:
    circuits = Circuits(LocalBreakers())
    for _ in range(5):
        with pytest.raises(type(error)):
            async with circuits.to(SERVER):
                raise error
    asked, waits_s = False, 0.0
    try:
        async with circuits.to(SERVER):
            asked = True
    except ProviderUnavailable as refused:
        waits_s = refused.facts["retry_after_s"]
    assert (waits_s > 0) is opens
    assert asked is not opens
    async with circuits.to("https://other.example"):
        pass
