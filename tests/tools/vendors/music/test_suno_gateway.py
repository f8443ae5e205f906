"""The reseller's protocol: codes inside bodies, where 429 means an empty account."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from domain.errors import (
    PolicyRejected,
    ProviderAuth,
    ProviderError,
    ProviderInputInvalid,
    ProviderNoCredit,
    ProviderRateLimited,
    ProviderUnavailable,
)
from domain.ports.providers import JobState
from tests.tools.vendors.music import build
from tests.tools.vendors.music.golden import matches_golden
from tests.tools.vendors.music.vendors import KEY, SUNO_URL, SWIFT, VENDORS
from tools.vendors.music.suno_gateway import SunoGateway, read_record

VENDOR = next(v for v in VENDORS if v.name == "suno-gateway")


def client(wire: build.Wire, callback: str = "") -> SunoGateway:
    return SunoGateway(
        SUNO_URL,
        KEY,
        price_usd=0.05,
        callback_url=callback,
        transport=wire,
        patience=SWIFT,
        resolve=build.public,
    )


async def test_custom_mode_with_our_words(tmp_path: Path) -> None:
    wire = VENDOR.good()
    music = client(wire, callback="https://label.example/in")
    await music.submit(build.request(), "key-1", tmp_path)
    assert str(wire.seen[0].url) == f"{SUNO_URL}/api/v1/generate"
    matches_golden("suno_gateway", json.loads(wire.seen[0].content))


@pytest.mark.parametrize(
    ("code", "family"),
    [
        (400, ProviderInputInvalid),
        (401, ProviderAuth),
        (413, ProviderInputInvalid),
        (429, ProviderNoCredit),
        (430, ProviderRateLimited),
        (455, ProviderUnavailable),
        (500, ProviderUnavailable),
    ],
)
async def test_codes_under_http_200_and_as_statuses(
    code: int, family: type[ProviderError], tmp_path: Path
) -> None:
    body = {"code": code, "msg": "told so", "data": None}
    for number, answer in enumerate(
        (httpx.Response(200, json=body), httpx.Response(code, json=body))
    ):
        wire = build.Wire(("POST", "/", answer))
        with pytest.raises(ProviderError, match="told so") as caught:
            await client(wire).submit(build.request(), f"key-{number}", tmp_path)
        assert type(caught.value) is family
        assert len(wire.seen) == 1


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("PENDING", JobState.SUBMITTED),
        ("TEXT_SUCCESS", JobState.RUNNING),
        ("FIRST_SUCCESS", JobState.RUNNING),
        ("SUCCESS", JobState.DONE),
        ("CREATE_TASK_FAILED", JobState.FAILED),
        ("GENERATE_AUDIO_FAILED", JobState.FAILED),
        ("SENSITIVE_WORD_ERROR", JobState.FAILED),
        ("CALLBACK_EXCEPTION", JobState.DONE),
    ],
)
def test_states(status: str, state: JobState) -> None:
    data = build.recorded("suno_success")["data"] | {"status": status}
    look = read_record(data)
    assert look.state is state
    assert isinstance(look.error, PolicyRejected) == (status == "SENSITIVE_WORD_ERROR")


def test_an_unknown_state_is_no_state() -> None:
    with pytest.raises(ProviderError, match="EXPLODED"):
        read_record({"status": "EXPLODED"})


async def test_a_failed_call_back_loses_no_song(tmp_path: Path) -> None:
    body = build.recorded("suno_success")
    body["data"]["status"] = "CALLBACK_EXCEPTION"
    wire = VENDOR.good()
    wire.change("GET", "/api/v1/generate/record-info", httpx.Response(200, json=body))
    music = client(wire)
    job = await music.submit(build.request(), "key-1", tmp_path)
    assert (await music.fetch(job, build.nothing)).facts["song"] == "8551662c"
    body["data"]["response"] = None
    wire.change("GET", "/api/v1/generate/record-info", httpx.Response(200, json=body))
    other = await music.submit(build.request(title="Another"), "key-2", tmp_path / "other")
    with pytest.raises(ProviderError, match="shows no recording"):
        await taken_up(wire, other, tmp_path / "other").fetch(other, build.nothing)


def taken_up(wire: build.Wire, job: str, out_dir: Path) -> SunoGateway:
    music = client(wire)
    music.resume(job, "key-2", out_dir)
    return music


async def test_without_a_price_there_is_no_quote() -> None:
    music = SunoGateway(SUNO_URL, KEY)
    with pytest.raises(ProviderError) as caught:
        await music.quote(build.request())
    assert caught.value.field == "price_usd"
    assert not music.capabilities.verified


@pytest.mark.skipif(
    not os.environ.get("GREENROOM_LIVE_SUNO_KEY") or not os.environ.get("GREENROOM_LIVE_SUNO_URL"),
    reason="asks a real reseller: set GREENROOM_LIVE_SUNO_URL and GREENROOM_LIVE_SUNO_KEY",
)
async def test_live(tmp_path: Path) -> None:
    key = SecretStr(os.environ["GREENROOM_LIVE_SUNO_KEY"])
    music = SunoGateway(os.environ["GREENROOM_LIVE_SUNO_URL"], key, price_usd=0.1)
    assert await music.check()
    job = await music.submit(build.request(), "live", tmp_path)
    assert (await music.fetch(job, build.nothing)).files
