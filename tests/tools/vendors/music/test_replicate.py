"""Replicate: the SDK is the measure of what is sent, of what is read and of call-backs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from replicate.client import Client
from replicate.prediction import Prediction
from replicate.webhook import Webhooks, WebhookSigningSecret

from domain.errors import (
    PolicyRejected,
    ProviderInputInvalid,
    ProviderRateLimited,
    Unauthenticated,
)
from domain.ports.providers import JobState
from domain.score import LyricSection
from tests.tools.vendors.music import build
from tests.tools.vendors.music.golden import matches_golden
from tests.tools.vendors.music.vendors import KEY, SWIFT, VENDORS, json_answer
from tools.vendors.music.queued import Patience
from tools.vendors.music.replicate import MODEL, ReplicateMusic, read_prediction

VENDOR = next(v for v in VENDORS if v.name == "replicate")
SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four").decode()
NOW = 1_790_000_000
BODY = json.dumps({"id": "gm3q", "status": "succeeded"}).encode()


def client(wire: build.Wire, secret: str | None = SECRET, callback: str = "") -> ReplicateMusic:
    return ReplicateMusic(
        KEY,
        webhook_secret=SecretStr(secret) if secret else None,
        callback_url=callback,
        transport=wire,
        patience=SWIFT,
        resolve=build.public,
        clock=lambda: float(NOW),
    )


def signed(body: bytes = BODY, at: int = NOW, secret: str = SECRET) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    told = f"msg_1.{at}.".encode() + body
    signature = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(at),
        "Webhook-Signature": f"v1,bm9uc2Vuc2U= v1,{signature}",
    }


async def test_requests_are_those_of_the_sdk(tmp_path: Path) -> None:
    ours, theirs = VENDOR.good(), VENDOR.good()
    music = client(ours)
    job = await music.submit(build.request(), "key-1", tmp_path)
    await music.poll(job)
    await music.cancel(job)
    payload = json.loads(ours.seen[0].content)
    matches_golden("replicate", payload)
    sdk = Client(KEY.get_secret_value(), transport=theirs)
    await sdk.models.predictions.async_create(model=MODEL, input=payload["input"])
    await sdk.predictions.async_get(job)
    await sdk.predictions.async_cancel(job)
    for mine, reference in zip(ours.seen, theirs.seen, strict=True):
        assert (mine.method, str(mine.url)) == (reference.method, str(reference.url))
        assert mine.headers["authorization"] == reference.headers["authorization"]
    assert payload == json.loads(theirs.seen[0].content)


@pytest.mark.parametrize("name", ["starting", "succeeded", "failed", "canceled"])
def test_recorded_predictions_fit_the_types_of_the_sdk(name: str) -> None:
    Prediction(**build.recorded(f"replicate_{name}"))


def test_states() -> None:
    seen = {
        name: read_prediction(build.recorded(f"replicate_{name}"))
        for name in ("starting", "succeeded", "failed", "canceled")
    }
    assert [look.state for look in seen.values()] == [
        JobState.SUBMITTED,
        JobState.DONE,
        JobState.FAILED,
        JobState.CANCELLED,
    ]
    assert isinstance(seen["failed"].error, PolicyRejected)
    assert seen["succeeded"].url == "https://replicate.delivery/pbxt/song.mp3"


async def test_a_flagged_song_is_a_refusal(tmp_path: Path) -> None:
    wire = VENDOR.good()
    wire.change("GET", "/v1/predictions", json_answer("replicate_failed"))
    music = client(wire)
    job = await music.submit(build.request(), "key-1", tmp_path)
    with pytest.raises(PolicyRejected, match="flagged"):
        await music.fetch(job, build.nothing)


async def test_what_the_model_cannot_make_is_refused_here(tmp_path: Path) -> None:
    wire = VENDOR.good()
    long = (LyricSection(section="verse", lines=("words " * 120,)),)
    short = (LyricSection(section="a", lines=("b",)),)
    requests = (build.instrumental(), build.request(lyrics=long), build.request(lyrics=short))
    for number, request in enumerate(requests):
        with pytest.raises(ProviderInputInvalid):
            await client(wire).submit(request, f"key-{number}", tmp_path)
    assert wire.seen == []


async def test_call_backs_are_asked_for_when_there_is_an_address(tmp_path: Path) -> None:
    wire = VENDOR.good()
    await client(wire, callback="https://label.example/in").submit(
        build.request(), "key-1", tmp_path
    )
    body = json.loads(wire.seen[0].content)
    assert body["webhook"] == "https://label.example/in"
    assert body["webhook_events_filter"] == ["completed"]


async def test_a_genuine_call_back_names_its_job() -> None:
    headers = signed()
    assert await client(build.Wire()).verify_webhook(headers, BODY) == "gm3q"
    # The same call-back is genuine to the SDK, so this is no dialect of our own.
    Webhooks.validate(headers=headers, body=BODY.decode(), secret=WebhookSigningSecret(key=SECRET))


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (signed(), BODY + b" "),
        (signed(at=NOW - 301), BODY),
        (signed(at=NOW + 301), BODY),
        ({**signed(), "Webhook-Timestamp": str(NOW + 1)}, BODY),
        ({**signed(), "Webhook-Id": "msg_2"}, BODY),
        ({**signed(), "Webhook-Signature": ""}, BODY),
        ({**signed(), "Webhook-Signature": "v1"}, BODY),
        ({**signed(), "Webhook-Signature": "v1,ÿ"}, BODY),
        ({**signed(), "Webhook-Timestamp": "²"}, BODY),
        ({**signed(), "Webhook-Timestamp": "9" * 5000}, BODY),
        (signed(secret="whsec_" + base64.b64encode(b"another").decode()), BODY),
        (signed(b"no json"), b"no json"),
        (signed(b"[]"), b"[]"),
        ({}, BODY),
    ],
)
async def test_any_other_call_back_is_not(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(Unauthenticated):
        await client(build.Wire()).verify_webhook(headers, body)


async def test_without_a_secret_nobody_is_believed() -> None:
    with pytest.raises(Unauthenticated) as caught:
        await client(build.Wire(), secret=None).verify_webhook(signed(), BODY)
    assert caught.value.field == "webhook_secret"
    with pytest.raises(Unauthenticated):
        await client(build.Wire(), secret="whsec_***").verify_webhook(signed(), BODY)


async def test_a_wish_for_a_days_rest_holds_nobody_for_a_day(tmp_path: Path) -> None:
    slept_s: list[float] = []

    async def sleep(seconds: float) -> None:
        slept_s.append(seconds)

    busy = httpx.Response(429, headers={"retry-after": "86400"}, json={"detail": "later"})
    patience = Patience(silences=3, sleep=sleep)
    music = ReplicateMusic(
        SecretStr("r8_made-up"), patience=patience, transport=build.Wire(("GET", "/", busy))
    )
    music.resume("gm3q", "key-1", tmp_path)
    with pytest.raises(ProviderRateLimited):
        await music.fetch("gm3q", build.nothing)
    assert slept_s == [60.0, 60.0, 60.0]


async def test_an_id_cannot_lead_elsewhere() -> None:
    wire = build.Wire(("GET", "/", httpx.Response(404, json={"detail": "no"})))
    with pytest.raises(ProviderInputInvalid):
        await client(wire).look("../account?x")
    assert wire.seen[0].url.raw_path == b"/v1/predictions/..%2Faccount%3Fx"


@pytest.mark.skipif(
    not os.environ.get("GREENROOM_LIVE_REPLICATE_KEY"),
    reason="asks the real Replicate, which costs money: set GREENROOM_LIVE_REPLICATE_KEY",
)
async def test_live(tmp_path: Path) -> None:
    music = ReplicateMusic(SecretStr(os.environ["GREENROOM_LIVE_REPLICATE_KEY"]))
    assert "account" in await music.check()
    job = await music.submit(build.request(), "live", tmp_path)
    assert (await music.fetch(job, build.nothing)).files
