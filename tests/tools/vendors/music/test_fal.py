"""fal: the queue as the SDK knows it, but with one request where the SDK would send ten."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import fal_client
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fal_client.client import AsyncRequestHandle, _async_maybe_retry_request
from pydantic import SecretStr

from domain.errors import (
    PolicyRejected,
    ProviderError,
    ProviderInputInvalid,
    ProviderNoCredit,
    Unauthenticated,
)
from domain.ports.providers import JobState
from tests.tools.vendors.music import build
from tests.tools.vendors.music.golden import matches_golden
from tests.tools.vendors.music.vendors import KEY, SWIFT, VENDORS, json_answer
from tools.vendors.music.fal import MODEL, FalMusic

VENDOR = next(v for v in VENDORS if v.name == "fal")
JOB = "024ca5b1-45d3-4afd-883e-ad3abe2a1c4d"
NOW = 1_790_000_000
BODY = json.dumps({"request_id": JOB, "status": "OK"}).encode()
SIGNER = Ed25519PrivateKey.generate()


def jwks(signer: Ed25519PrivateKey = SIGNER) -> httpx.Response:
    x = base64.urlsafe_b64encode(signer.public_key().public_bytes_raw()).rstrip(b"=").decode()
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    keys = [
        {"kty": "RSA", "n": "x"},
        {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(other).decode()},
        {"kty": "OKP", "crv": "Ed25519", "x": x},
    ]
    return httpx.Response(200, json={"keys": keys})


def client(wire: build.Wire, callback: str = "") -> FalMusic:
    return FalMusic(
        KEY,
        callback_url=callback,
        transport=wire,
        patience=SWIFT,
        resolve=build.public,
        clock=lambda: float(NOW),
    )


def signed(body: bytes = BODY, at: int = NOW, signer: Ed25519PrivateKey = SIGNER) -> dict[str, str]:
    told = "\n".join([JOB, "user-1", str(at), hashlib.sha256(body).hexdigest()])
    return {
        "X-Fal-Webhook-Request-Id": JOB,
        "X-Fal-Webhook-User-Id": "user-1",
        "X-Fal-Webhook-Timestamp": str(at),
        "X-Fal-Webhook-Signature": signer.sign(told.encode()).hex(),
    }


async def test_requests_and_answers_are_those_of_the_sdk(tmp_path: Path) -> None:
    ours, theirs = VENDOR.good(), VENDOR.good()
    music = client(ours)
    job = await music.submit(build.request(), "key-1", tmp_path)
    await music.poll(job)
    await music.cancel(job)
    payload = json.loads(ours.seen[0].content)
    matches_golden("fal", payload)
    async with httpx.AsyncClient(transport=theirs) as http:
        await http.post(f"https://queue.fal.run/{MODEL}", json=payload)
        handle = AsyncRequestHandle.from_request_id(http, MODEL, job)
        status = await handle.status()
        await http.get(handle.response_url)
        await handle.cancel()
    assert isinstance(status, fal_client.Completed)
    for mine, reference in zip(ours.seen, theirs.seen, strict=True):
        assert (mine.method, mine.url.path) == (reference.method, reference.url.path)
        assert mine.url.host == reference.url.host
    assert ours.seen[0].headers["authorization"] == f"Key {KEY.get_secret_value()}"


async def test_the_sdk_itself_would_have_paid_more_than_once() -> None:
    """Why the SDK does not send our requests: if this fails, it may."""
    asked: Iterator[build.Answer] = iter([httpx.ReadTimeout("late"), httpx.Response(200, json={})])
    wire = build.Wire(("POST", "/", lambda request: next(asked)))
    async with httpx.AsyncClient(transport=wire) as http:
        await _async_maybe_retry_request(http, "POST", "https://queue.fal.run/x/y", json={})
    assert len(wire.seen) == 2


@pytest.mark.parametrize(
    ("name", "state"), [("fal_waiting", JobState.SUBMITTED), ("fal_running", JobState.RUNNING)]
)
async def test_waiting_states(name: str, state: JobState) -> None:
    wire = build.Wire(("GET", "/", json_answer(name)))
    assert (await client(wire).look(JOB)).state is state
    async with httpx.AsyncClient() as http:
        handle = AsyncRequestHandle.from_request_id(http, MODEL, JOB)
        kinds = {JobState.SUBMITTED: fal_client.Queued, JobState.RUNNING: fal_client.InProgress}
        assert isinstance(handle._parse_status(build.recorded(name)), kinds[state])


async def test_a_refused_prompt(tmp_path: Path) -> None:
    refused = httpx.Response(422, json=build.recorded("fal_policy"))
    wire = VENDOR.good()
    wire.change("POST", "/", refused)
    with pytest.raises(PolicyRejected, match="flagged"):
        await client(wire).submit(build.request(), "key-1", tmp_path)
    late = VENDOR.good()
    late.change("GET", f"/fal-ai/minimax-music/requests/{JOB}", refused)
    late.change("GET", f"/fal-ai/minimax-music/requests/{JOB}/status", json_answer("fal_completed"))
    music = client(late)
    job = await music.submit(build.request(), "key-2", tmp_path)
    assert await music.poll(job) is JobState.FAILED
    with pytest.raises(PolicyRejected):
        await music.fetch(job, build.nothing)


async def test_a_failure_told_with_the_status() -> None:
    body = build.recorded("fal_completed") | {"error": "runner died", "error_type": "internal"}
    wire = build.Wire(("GET", "/", httpx.Response(200, json=body)))
    look = await client(wire).look(JOB)
    assert look.state is JobState.FAILED
    assert type(look.error) is ProviderError


async def test_an_exhausted_balance_is_no_bad_key(tmp_path: Path) -> None:
    said = {"detail": "User is locked. Reason: Exhausted balance."}
    wire = build.Wire(("POST", "/", httpx.Response(403, json=said)))
    with pytest.raises(ProviderNoCredit):
        await client(wire).submit(build.request(), "key-1", tmp_path)


@pytest.mark.parametrize(("status", "passes"), [(400, True), (404, False)])
async def test_cancelling_too_late_is_no_error(status: int, passes: bool, tmp_path: Path) -> None:
    wire = VENDOR.good()
    wire.change("PUT", "/", httpx.Response(status, json={"status": "ALREADY_COMPLETED"}))
    music = client(wire)
    job = await music.submit(build.request(), "key-1", tmp_path)
    if passes:
        await music.cancel(job)
    else:
        with pytest.raises(ProviderInputInvalid):
            await music.cancel(job)


async def test_a_new_process_knows_a_genuine_call_back() -> None:
    wire = VENDOR.good()
    wire.change("GET", "/.well-known/jwks.json", jwks())
    music = client(wire)
    assert await music.verify_webhook(signed(), BODY) == JOB
    assert await music.verify_webhook(signed(), BODY) == JOB
    with pytest.raises(Unauthenticated, match="wrong"):
        await music.verify_webhook(signed(signer=Ed25519PrivateKey.generate()), BODY)
    assert len(wire.seen) == 1


async def test_without_keys_nobody_is_believed_and_fal_is_not_flooded() -> None:
    wire = VENDOR.good()
    wire.change("GET", "/.well-known/jwks.json", httpx.Response(503))
    now = float(NOW)
    music = FalMusic(KEY, transport=wire, clock=lambda: now)
    for _ in range(5):
        with pytest.raises(Unauthenticated, match="keys cannot be had"):
            await music.verify_webhook(signed(), BODY)
    # One that is too old to be genuine asks for nothing at all.
    with pytest.raises(Unauthenticated, match="too old"):
        await music.verify_webhook(signed(at=NOW - 400), BODY)
    assert len(wire.seen) == 1
    wire.change("GET", "/.well-known/jwks.json", jwks())
    now += 61
    assert await music.verify_webhook(signed(), BODY) == JOB


async def test_a_genuine_call_back_names_its_job(tmp_path: Path) -> None:
    wire = VENDOR.good()
    wire.change("GET", "/.well-known/jwks.json", jwks())
    music = client(wire, callback="https://label.example/in")
    await music.submit(build.request(), "key-1", tmp_path)
    await music.submit(build.request(), "key-2", tmp_path)
    assert len(wire.sent("GET", "/.well-known")) == 1
    sent = wire.sent("POST")[0]
    assert sent.url.params["fal_webhook"] == "https://label.example/in"
    assert "authorization" not in wire.sent("GET", "/.well-known")[0].headers
    assert await music.verify_webhook(signed(), BODY) == JOB
    stranger = Ed25519PrivateKey.generate()
    for headers, body in (
        (signed(), BODY + b" "),
        (signed(at=NOW - 301), BODY),
        (signed(signer=stranger), BODY),
        ({**signed(), "X-Fal-Webhook-Request-Id": "another"}, BODY),
        ({**signed(), "X-Fal-Webhook-Signature": "zz"}, BODY),
        ({**signed(), "X-Fal-Webhook-Signature": "ÿ"}, BODY),
        ({**signed(), "X-Fal-Webhook-Timestamp": "²"}, BODY),
        ({**signed(), "X-Fal-Webhook-Timestamp": "9" * 400}, BODY),
        ({}, BODY),
    ):
        with pytest.raises(Unauthenticated):
            await music.verify_webhook(headers, body)


@pytest.mark.skipif(
    not os.environ.get("GREENROOM_LIVE_FAL_KEY"),
    reason="asks the real fal, which costs money: set GREENROOM_LIVE_FAL_KEY",
)
async def test_live(tmp_path: Path) -> None:
    music = FalMusic(SecretStr(os.environ["GREENROOM_LIVE_FAL_KEY"]))
    assert await music.check()
    job = await music.submit(build.request(), "live", tmp_path)
    assert (await music.fetch(job, build.nothing)).files
