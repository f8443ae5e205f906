"""Stability, Lyria and MiniMax: what is sent, and how each of them says no."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.genai.interactions import CreateModelInteractionParam, Interaction
from pydantic import SecretStr

from domain.errors import (
    PolicyRejected,
    ProviderAuth,
    ProviderError,
    ProviderInputInvalid,
    ProviderNoCredit,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
)
from tests.tools.vendors.music import build
from tests.tools.vendors.music.golden import matches_golden
from tests.tools.vendors.music.vendors import KEY, VENDORS, Music
from tools.vendors.music.lyria import Lyria
from tools.vendors.music.minimax import MiniMaxMusic
from tools.vendors.music.stability import StableAudio

GOOD = {vendor.name: vendor.good for vendor in VENDORS}


def form_of(request: httpx.Request) -> dict[str, str]:
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    message: Message = BytesParser().parsebytes(head + request.content)
    parts = message.get_payload()
    assert isinstance(parts, list)
    return {
        str(part.get_param("name", header="content-disposition")): str(part.get_payload())
        for part in parts
        if isinstance(part, Message)
    }


async def test_stability_gets_a_multipart_form(tmp_path: Path) -> None:
    wire = GOOD["stability"]()
    await StableAudio(KEY, transport=wire).submit(build.instrumental(), "key-1", tmp_path)
    sent = wire.seen[0]
    assert sent.headers["content-type"].startswith("multipart/form-data")
    assert sent.headers["accept"] == "audio/*"
    matches_golden("stability", form_of(sent))


async def test_stability_sings_nothing_and_stops_at_190_s(tmp_path: Path) -> None:
    music = StableAudio(KEY, transport=build.Wire())
    long = build.request(lyrics=(), instrumental=True, duration_s=191.0)
    for request, field in ((build.request(), "lyrics"), (long, "duration_s")):
        with pytest.raises(ProviderInputInvalid) as caught:
            await music.submit(request, "key-1", tmp_path)
        assert caught.value.field == field


async def test_stability_moderates_with_403(tmp_path: Path) -> None:
    flagged = httpx.Response(403, json=build.recorded("stability_moderation"))
    wire = build.Wire(("POST", "/", flagged))
    with pytest.raises(PolicyRejected, match="flagged"):
        await StableAudio(KEY, transport=wire).submit(build.instrumental(), "k", tmp_path)
    headers = {"content-type": "audio/wav", "finish-reason": "CONTENT_FILTERED"}
    filtered = httpx.Response(200, content=build.tone("WAV"), headers=headers)
    with pytest.raises(PolicyRejected, match="filtered"):
        await StableAudio(KEY, transport=build.Wire(("POST", "/", filtered))).submit(
            build.instrumental(), "k2", tmp_path
        )


async def test_lyria_gets_one_interaction(tmp_path: Path) -> None:
    wire = GOOD["lyria"]()
    music = Lyria(KEY, transport=wire)
    job = await music.submit(build.request(), "key-1", tmp_path)
    body = json.loads(wire.seen[0].content)
    matches_golden("lyria", body)
    assert set(body) <= set(CreateModelInteractionParam.__annotations__)
    assert wire.seen[0].headers["x-goog-api-key"] == KEY.get_secret_value()
    made = await music.fetch(job, build.nothing)
    assert made.files[0].path.read_bytes() == build.tone()
    assert "I left my coat" in (tmp_path / "key-1" / "lyrics.txt").read_text()
    assert made.facts["interaction"] == "v1_song"


async def test_lyria_is_told_to_play_without_words(tmp_path: Path) -> None:
    wire = GOOD["lyria"]()
    await Lyria(KEY, transport=wire).submit(build.instrumental(), "key-1", tmp_path)
    assert "Instrumental only, no vocals." in json.loads(wire.seen[0].content)["input"]


def test_the_recorded_interaction_fits_the_type_of_the_sdk() -> None:
    Interaction.model_validate(build.recorded("lyria_interaction"))


@pytest.mark.parametrize(
    ("status", "name", "family", "wait_s"),
    [
        (400, "lyria_bad_key", ProviderAuth, None),
        (429, "lyria_limited", ProviderRateLimited, 34.0),
    ],
)
async def test_lyria_says_no_in_google_s_way(
    status: int, name: str, family: type[ProviderError], wait_s: float | None, tmp_path: Path
) -> None:
    wire = build.Wire(("POST", "/", httpx.Response(status, json=build.recorded(name))))
    with pytest.raises(ProviderError) as caught:
        await Lyria(KEY, transport=wire).submit(build.request(), "key-1", tmp_path)
    assert type(caught.value) is family
    assert caught.value.facts.get("retry_after_s") == wait_s
    assert len(wire.seen) == 1


@pytest.mark.parametrize(
    ("status", "family"), [("completed", PolicyRejected), ("failed", ProviderError)]
)
async def test_an_interaction_without_sound(
    status: str, family: type[ProviderError], tmp_path: Path
) -> None:
    body = build.recorded("lyria_interaction") | {"status": status}
    body["steps"][0]["content"].pop()
    wire = build.Wire(("POST", "/", httpx.Response(200, json=body)))
    with pytest.raises(ProviderError) as caught:
        await Lyria(KEY, transport=wire).submit(build.request(), "key-1", tmp_path)
    assert type(caught.value) is family


@pytest.mark.parametrize("data", [True, 7, "no song"])
async def test_an_interaction_whose_sound_is_none(data: object, tmp_path: Path) -> None:
    body = build.recorded("lyria_interaction")
    body["steps"][0]["content"][1]["data"] = data
    wire = build.Wire(("POST", "/", httpx.Response(200, json=body)))
    with pytest.raises(ProviderTimeout):
        await Lyria(KEY, transport=wire).submit(build.request(), "key-1", tmp_path)


async def test_minimax_gets_style_and_words(tmp_path: Path) -> None:
    wire = GOOD["minimax"]()
    await MiniMaxMusic(KEY, transport=wire).submit(build.request(), "key-1", tmp_path)
    matches_golden("minimax", json.loads(wire.seen[0].content))
    silent = GOOD["minimax"]()
    await MiniMaxMusic(KEY, transport=silent).submit(build.instrumental(), "key-2", tmp_path)
    body = json.loads(silent.seen[0].content)
    assert body["is_instrumental"] is True
    assert "lyrics" not in body


@pytest.mark.parametrize(
    ("code", "family"),
    [
        (1000, ProviderUnavailable),
        (1001, ProviderTimeout),
        (1002, ProviderRateLimited),
        (1004, ProviderAuth),
        (1008, ProviderNoCredit),
        (1026, PolicyRejected),
        (1027, PolicyRejected),
        (2013, ProviderInputInvalid),
        (2049, ProviderAuth),
        (9999, ProviderUnavailable),
    ],
)
async def test_minimax_says_no_under_http_200(
    code: int, family: type[ProviderError], tmp_path: Path
) -> None:
    body = {"base_resp": {"status_code": code, "status_msg": "told so"}}
    wire = build.Wire(("POST", "/", httpx.Response(200, json=body)))
    with pytest.raises(ProviderError, match="told so") as caught:
        await MiniMaxMusic(KEY, transport=wire).submit(build.request(), "key-1", tmp_path)
    assert type(caught.value) is family
    assert len(wire.seen) == 1


@pytest.mark.parametrize("audio", ["zz", 7, None, ""])
async def test_digits_that_are_no_song_leave_a_doubt(audio: object, tmp_path: Path) -> None:
    body = build.recorded("minimax_done")
    body["data"]["audio"] = audio
    wire = build.Wire(("POST", "/", httpx.Response(200, json=body)))
    with pytest.raises(ProviderTimeout):
        await MiniMaxMusic(KEY, transport=wire).submit(build.request(), "key-1", tmp_path)


LIVE: list[tuple[str, Callable[[SecretStr], Music], Any]] = [
    ("GREENROOM_LIVE_STABILITY_KEY", StableAudio, build.instrumental),
    ("GREENROOM_LIVE_LYRIA_KEY", Lyria, build.request),
    ("GREENROOM_LIVE_MINIMAX_KEY", MiniMaxMusic, build.request),
]


@pytest.mark.parametrize(("variable", "make", "request_of"), LIVE, ids=[row[0] for row in LIVE])
async def test_live(
    variable: str, make: Callable[[SecretStr], Music], request_of: Any, tmp_path: Path
) -> None:
    if not os.environ.get(variable):
        pytest.skip(f"asks the real service, which costs money: set {variable}")
    music = make(SecretStr(os.environ[variable]))
    assert await music.check()
    job = await music.submit(request_of(), "live", tmp_path)
    assert (await music.fetch(job, build.nothing)).files
