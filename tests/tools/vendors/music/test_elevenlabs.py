"""ElevenLabs: what is sent fits the SDK's own types; every refusal finds its family."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from elevenlabs.types import (
    CompositionPlan,
    DetailedMusicResponse,
    GenerationChunkInput,
    Subscription,
)
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from domain.errors import (
    PolicyRejected,
    ProviderAuth,
    ProviderError,
    ProviderInputInvalid,
    ProviderNoCredit,
    ProviderTimeout,
)
from domain.requests import SongRequest
from domain.score import LyricSection
from tests.tools.vendors.music import build
from tests.tools.vendors.music.golden import matches_golden
from tests.tools.vendors.music.vendors import KEY, VENDORS, multipart
from tools.vendors.music.elevenlabs import ElevenLabsMusic, read_answer
from tools.vendors.music.elevenlabs_plan import composition_plan

VENDOR = next(v for v in VENDORS if v.name == "elevenlabs")
WORDS = st.text(alphabet="abcdefg hijk'é", min_size=1, max_size=60)


def client(wire: build.Wire | None = None) -> ElevenLabsMusic:
    return ElevenLabsMusic(KEY, transport=wire or VENDOR.good())


def body_of(request: httpx.Request) -> Any:
    return json.loads(request.content)


async def test_a_sung_song_is_sent_as_a_plan(tmp_path: Path) -> None:
    wire = VENDOR.good()
    await client(wire).submit(build.request(), "key-1", tmp_path)
    sent = wire.seen[0]
    assert dict(sent.url.params) == {"output_format": "auto"}
    assert sent.headers["xi-api-key"] == KEY.get_secret_value()
    body = body_of(sent)
    matches_golden("elevenlabs_plan", body)
    for chunk in body["composition_plan"]["chunks"]:
        GenerationChunkInput.model_validate(chunk, strict=True)
    assert body["seed"] == 7
    assert "prompt" not in body
    assert "force_instrumental" not in body


async def test_an_instrumental_is_sent_as_a_prompt(tmp_path: Path) -> None:
    wire = VENDOR.good()
    await client(wire).submit(build.instrumental(), "key-1", tmp_path)
    body = body_of(wire.seen[0])
    matches_golden("elevenlabs_prompt", body)
    # The SDK documents that a seed cannot go with a prompt.
    assert "seed" not in body


def test_recorded_answers_fit_the_types_of_the_sdk() -> None:
    DetailedMusicResponse.model_validate(build.recorded("elevenlabs_detailed"))
    Subscription.model_validate(build.recorded("elevenlabs_subscription"))


def test_repeated_sections_get_their_words_as_in_our_own_songs() -> None:
    chunks = composition_plan(build.ask(), build.score())["chunks"]
    texts = [chunk["text"] for chunk in chunks]
    assert [text.splitlines()[0] for text in texts] == [
        "[Intro 1]",
        "[Verse 1]",
        "[Chorus 1]",
        "[Verse 2]",
        "[Chorus 2]",
        "[Outro 1]",
    ]
    assert texts[3].splitlines()[1:] == ["I wrote a letter to my daughter"]
    assert texts[4].splitlines()[1:] == texts[2].splitlines()[1:]
    assert chunks[0]["negative_styles"] == ["vocals", "singing"]
    assert sum(chunk["duration_ms"] for chunk in chunks) == pytest.approx(
        build.score().duration_s * 1000, rel=0.01
    )


def test_words_without_a_section_are_sung_before_the_ending() -> None:
    bridge = LyricSection(section="bridge", lines=("Nobody owns the rain",))
    chunks = composition_plan(build.ask(lyrics=(*build.LYRICS, bridge)), build.score())["chunks"]
    assert chunks[-2]["text"] == "[Bridge]\nNobody owns the rain"
    assert chunks[-1]["text"] == "[Outro 1]"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["verse", "chorus", "bridge"]), st.lists(WORDS, min_size=1, max_size=70)
        ),
        max_size=6,
    ),
    st.lists(
        st.tuples(st.sampled_from(["intro", "verse", "chorus", "outro"]), st.integers(1, 64)),
        min_size=1,
        max_size=8,
    ),
    st.floats(60, 180),
)
def test_any_plan_keeps_the_limits_and_every_line(
    words: list[tuple[str, list[str]]], form: list[tuple[str, int]], tempo: float
) -> None:
    lyrics = tuple(LyricSection(section=name, lines=tuple(lines)) for name, lines in words)
    score = build.score(form, tempo)
    try:
        plan = composition_plan(build.ask(lyrics=lyrics), score)
    except ProviderInputInvalid:
        return
    CompositionPlan.model_validate(plan)
    assert 1 <= len(plan["chunks"]) <= 30
    sung: list[str] = []
    for chunk in plan["chunks"]:
        heading, *lines = chunk["text"].split("\n")
        assert 3 <= len(heading) <= 102
        assert len(lines) <= 30
        assert 3_000 <= chunk["duration_ms"] <= 120_000
        assert chunk["positive_styles"]
        sung += lines
    assert sum(chunk["duration_ms"] for chunk in plan["chunks"]) <= 600_030
    assert {line for section in lyrics for line in section.lines} <= set(sung)


def test_four_hundred_lines_are_refused_or_sung_whole() -> None:
    lyrics = (LyricSection(section="verse", lines=tuple(f"line {n}" for n in range(400))),)
    plan = composition_plan(build.ask(lyrics=lyrics), build.score((("verse", 64),)))
    lines = [line for chunk in plan["chunks"] for line in chunk["text"].split("\n")[1:]]
    assert lines == list(lyrics[0].lines)
    endless = (LyricSection(section="verse", lines=("la " * 100,)),)
    with pytest.raises(ProviderInputInvalid, match="a line has"):
        composition_plan(build.ask(lyrics=endless), build.score())


@pytest.mark.parametrize(
    ("name", "status", "family", "suggestion"),
    [
        ("elevenlabs_bad_prompt", 422, PolicyRejected, "wistful indie folk with a low male voice"),
        ("elevenlabs_bad_prompt", 400, PolicyRejected, "wistful indie folk with a low male voice"),
        ("elevenlabs_bad_plan", 422, PolicyRejected, "indie folk, low voice"),
        ("elevenlabs_quota", 401, ProviderNoCredit, None),
        ("elevenlabs_quota", 400, ProviderNoCredit, None),
    ],
)
async def test_refusals_by_word(
    name: str, status: int, family: type[ProviderError], suggestion: str | None, tmp_path: Path
) -> None:
    wire = build.Wire(("POST", "/", httpx.Response(status, json=build.recorded(name))))
    with pytest.raises(ProviderError) as caught:
        await client(wire).submit(build.request(), "key-1", tmp_path)
    assert type(caught.value) is family
    assert caught.value.facts.get("suggestion") == suggestion
    assert len(wire.seen) == 1


@pytest.mark.parametrize(
    ("body", "family"),
    [
        ({"detail": {"status": "invalid_api_key", "message": "x"}}, ProviderAuth),
        ({"detail": {"code": "bad_prompt", "message": "harmful"}}, PolicyRejected),
        ({"detail": [{"loc": ["body"], "msg": "field required"}]}, ProviderInputInvalid),
        ({"detail": "plain"}, ProviderInputInvalid),
        ([1, 2], ProviderInputInvalid),
    ],
)
async def test_other_shapes_of_refusal(
    body: object, family: type[ProviderError], tmp_path: Path
) -> None:
    wire = build.Wire(("POST", "/", httpx.Response(400, json=body)))
    with pytest.raises(ProviderError) as caught:
        await client(wire).submit(build.request(), "key-1", tmp_path)
    assert type(caught.value) is family


@pytest.mark.parametrize(
    ("word", "fine"), [("missing_permissions", True), ("invalid_api_key", False)]
)
async def test_a_key_for_music_alone_is_a_good_key(word: str, fine: bool) -> None:
    body = {"detail": {"status": word, "message": "no"}}
    music = client(build.Wire(("GET", "/", httpx.Response(401, json=body))))
    if fine:
        assert "accepted" in await music.check()
    else:
        with pytest.raises(ProviderAuth):
            await music.check()


async def test_the_word_times_are_kept_beside_the_song(tmp_path: Path) -> None:
    music = client()
    job = await music.submit(build.request(), "key-1", tmp_path)
    made = await music.fetch(job, build.nothing)
    words = json.loads((tmp_path / "key-1" / "words.json").read_text())
    assert words[1] == {"word": "left", "start_ms": 520, "end_ms": 800}
    assert made.facts["song_id"] == "song-1"
    assert made.files[0].path.read_bytes() == build.tone()


@pytest.mark.parametrize("cut", [1, 200, 2000])
async def test_an_answer_that_breaks_off_is_unknown_and_not_sent_again(
    cut: int, tmp_path: Path
) -> None:
    whole = multipart()
    part = httpx.Response(
        200, content=whole.content[:-cut], headers={"content-type": whole.headers["content-type"]}
    )
    wire = build.Wire(("POST", "/", part))
    for _ in range(2):
        with pytest.raises(ProviderTimeout):
            await client(wire).submit(build.request(), "key-1", tmp_path)
    assert len(wire.seen) == 1


async def test_a_part_that_is_no_sound_is_kept_for_a_person(tmp_path: Path) -> None:
    odd = b"--b\r\nContent-Type: audio/mpeg\r\n\r\nsurprise\r\n--b--"
    kind = {"content-type": "multipart/mixed; boundary=b"}
    wire = build.Wire(("POST", "/", httpx.Response(200, content=odd, headers=kind)))
    with pytest.raises(ProviderTimeout, match="something else"):
        await client(wire).submit(build.request(), "key-1", tmp_path)
    assert (tmp_path / "key-1" / "answer.bin").read_bytes() == b"surprise"


def test_bare_newlines_and_quoted_boundaries_are_read() -> None:
    body = b"--x y\nContent-Type: application/json\n\n{}\n--x y\nContent-Type: audio/mpeg\n\n"
    body += b"ID3\n\n--x y--"
    made = read_answer({"Content-Type": 'multipart/mixed; boundary="x y"'}, body)
    assert made.audio == b"ID3\n"


def test_a_price_by_the_minute() -> None:
    quote = client().price(build.request(duration_s=120.0))
    assert quote.cost_usd == pytest.approx(0.60)
    assert "list price" in quote.basis
    assert "June 2026" in quote.basis


@pytest.mark.skipif(
    not os.environ.get("GREENROOM_LIVE_ELEVENLABS_KEY"),
    reason="asks the real ElevenLabs, which costs money: set GREENROOM_LIVE_ELEVENLABS_KEY",
)
async def test_live(tmp_path: Path) -> None:
    music = ElevenLabsMusic(SecretStr(os.environ["GREENROOM_LIVE_ELEVENLABS_KEY"]))
    assert "plan" in await music.check()
    short = SongRequest(score=build.score((("chorus", 4),)), ask=build.ask(duration_s=10.0))
    job = await music.submit(short, "live", tmp_path)
    assert (await music.fetch(job, build.nothing)).files
