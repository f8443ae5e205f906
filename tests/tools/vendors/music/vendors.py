"""All vendors in one table: how each is built on a wire and what a good day looks like."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from domain.ports.providers import ExternalProvider
from domain.requests import SongRequest
from tests.tools.vendors.music import build
from tools.vendors.music.acestep import AceStep
from tools.vendors.music.elevenlabs import ElevenLabsMusic
from tools.vendors.music.fal import FalMusic
from tools.vendors.music.lyria import Lyria
from tools.vendors.music.minimax import MiniMaxMusic
from tools.vendors.music.queued import Patience
from tools.vendors.music.replicate import ReplicateMusic
from tools.vendors.music.stability import StableAudio
from tools.vendors.music.suno_gateway import SunoGateway

KEY = SecretStr("key-0123456789-secret")
SUNO_URL = "https://gateway.example"
ACE_URL = "http://10.0.0.5:8001"
Music = ExternalProvider[SongRequest]


async def no_sleep(seconds: float) -> None:
    """Waiting that takes no time."""


SWIFT = Patience(every_s=1.0, longest_s=60.0, silences=3, sleep=no_sleep)


@dataclass(frozen=True)
class Vendor:
    """How to build one, where its billed request goes, what answers, what may be asked."""

    name: str
    make: Callable[[build.Wire], Music]
    post: str
    good: Callable[[], build.Wire]
    request: Callable[[], SongRequest] = build.request
    billed: bool = True
    queued: bool = True


def json_answer(name: str) -> httpx.Response:
    """A recorded body."""
    return httpx.Response(200, json=build.recorded(name))


def multipart() -> httpx.Response:
    """ElevenLabs' detailed answer."""
    about = json.dumps(build.recorded("elevenlabs_detailed")).encode()
    head = b"--sep\r\nContent-Type: application/json\r\n\r\n" + about
    body = head + b"\r\n--sep\r\nContent-Type: audio/mpeg\r\n\r\n" + build.tone() + b"\r\n--sep--"
    kind = "multipart/mixed; boundary=sep"
    return httpx.Response(200, content=body, headers={"content-type": kind, "song-id": "song-1"})


def _elevenlabs() -> build.Wire:
    return build.Wire(
        ("POST", "/v1/music/detailed", multipart()),
        ("GET", "/v1/user/subscription", json_answer("elevenlabs_subscription")),
    )


def _acestep() -> build.Wire:
    return build.Wire(
        ("POST", "/release_task", json_answer("acestep_released")),
        ("POST", "/query_result", json_answer("acestep_done")),
        ("GET", "/v1/audio", build.sound(build.tone("FLAC"), "audio/flac")),
        ("GET", "/health", json_answer("acestep_health")),
        ("GET", "/v1/models", json_answer("acestep_models")),
    )


def _stability() -> build.Wire:
    return build.Wire(
        ("POST", "/v2beta/audio", build.sound(build.tone("WAV"), "audio/wav")),
        ("GET", "/v1/user/balance", json_answer("stability_balance")),
    )


def _lyria() -> build.Wire:
    body = build.recorded("lyria_interaction")
    song = base64.b64encode(build.tone()).decode()
    body["steps"][0]["content"][1]["data"] = song
    return build.Wire(
        ("POST", "/v1/interactions", httpx.Response(200, json=body)),
        ("GET", "/v1beta/models", json_answer("lyria_model")),
    )


def _replicate() -> build.Wire:
    return build.Wire(
        ("POST", "/v1/models/minimax/music-1.5/predictions", json_answer("replicate_starting")),
        ("POST", "/v1/predictions", json_answer("replicate_canceled")),
        ("GET", "/v1/predictions", json_answer("replicate_succeeded")),
        ("GET", "/pbxt", build.sound(build.tone())),
        ("GET", "/v1/account", json_answer("replicate_account")),
    )


def _fal() -> build.Wire:
    def status(request: httpx.Request) -> httpx.Response:
        if "00000000" in request.url.path:
            return httpx.Response(404, json={"detail": "Request not found"})
        done = "fal_completed" if request.url.path.endswith("/status") else "fal_result"
        return json_answer(done)

    return build.Wire(
        ("POST", "/fal-ai/minimax-music/v2.6", json_answer("fal_queued")),
        ("GET", "/fal-ai/minimax-music/requests", status),
        ("PUT", "/fal-ai/minimax-music/requests", httpx.Response(202, json={})),
        ("GET", "/files", build.sound(build.tone())),
        ("GET", "/.well-known/jwks.json", httpx.Response(200, json={"keys": []})),
    )


def _minimax() -> build.Wire:
    body = build.recorded("minimax_done")
    body["data"]["audio"] = build.tone().hex()

    def answer(request: httpx.Request) -> httpx.Response:
        empty = b"prompt" not in request.content
        return json_answer("minimax_invalid") if empty else httpx.Response(200, json=body)

    return build.Wire(("POST", "/v1/music_generation", answer))


def _suno() -> build.Wire:
    return build.Wire(
        ("GET", "/api/v1/generate/record-info", json_answer("suno_success")),
        ("GET", "/api/v1/generate/credit", httpx.Response(200, json={"code": 200, "data": 480})),
        ("POST", "/api/v1/generate", json_answer("suno_submitted")),
        ("GET", "/song.mp3", build.sound(build.tone())),
    )


VENDORS = (
    Vendor(
        "elevenlabs",
        lambda wire: ElevenLabsMusic(KEY, transport=wire),
        "/v1/music/detailed",
        _elevenlabs,
        queued=False,
    ),
    Vendor(
        "ace-step",
        lambda wire: AceStep(ACE_URL, KEY, transport=wire, patience=SWIFT),
        "/release_task",
        _acestep,
        billed=False,
    ),
    Vendor(
        "stability",
        lambda wire: StableAudio(KEY, transport=wire),
        "/v2beta/audio",
        _stability,
        request=build.instrumental,
        queued=False,
    ),
    Vendor(
        "lyria",
        lambda wire: Lyria(KEY, transport=wire),
        "/v1/interactions",
        _lyria,
        queued=False,
    ),
    Vendor(
        "replicate",
        lambda wire: ReplicateMusic(KEY, transport=wire, patience=SWIFT, resolve=build.public),
        "/v1/models",
        _replicate,
    ),
    Vendor(
        "fal",
        lambda wire: FalMusic(KEY, transport=wire, patience=SWIFT, resolve=build.public),
        "/fal-ai",
        _fal,
    ),
    Vendor(
        "minimax",
        lambda wire: MiniMaxMusic(KEY, transport=wire),
        "/v1/music_generation",
        _minimax,
        queued=False,
    ),
    Vendor(
        "suno-gateway",
        lambda wire: SunoGateway(
            SUNO_URL, KEY, price_usd=0.05, transport=wire, patience=SWIFT, resolve=build.public
        ),
        "/api/v1/generate",
        _suno,
    ),
)
