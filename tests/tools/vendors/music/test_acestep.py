"""ACE-Step over a real socket, on a server that speaks the documented protocol."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import httpx
import pytest
import soundfile
from pydantic import SecretStr

from domain.errors import (
    ProviderAuth,
    ProviderError,
    ProviderInputInvalid,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
)
from domain.ports.providers import JobState
from domain.score import LyricSection
from tests.tools.vendors.music import build
from tests.tools.vendors.music.acestep_server import Studio, serving
from tests.tools.vendors.music.cutter import cutting
from tests.tools.vendors.music.golden import matches_golden
from tests.tools.vendors.music.vendors import json_answer
from tools.vendors.music.acestep import AceStep
from tools.vendors.music.queued import Patience

QUICK = Patience(every_s=0.01, longest_s=5.0, silences=3)


def at(port: int, key: str = "", patience: Patience = QUICK) -> AceStep:
    url = f"http://127.0.0.1:{port}"
    return AceStep(url, SecretStr(key) if key else None, patience=patience)


async def test_the_whole_way_of_a_job(tmp_path: Path) -> None:
    studio = Studio(key="sesame")
    seen: list[tuple[str, float]] = []
    with serving(studio) as port:
        music = at(port, "sesame")
        assert "acestep-v15-turbo" in await music.check()
        job = await music.submit(build.request(), "key-1", tmp_path)
        assert await music.poll(job) is JobState.SUBMITTED
        assert await music.poll(job) is JobState.RUNNING
        made = await music.fetch(job, lambda label, share: seen.append((label, share)))
    matches_golden("acestep", studio.released[0])
    assert len(studio.released) == 1
    assert made.files[0].media_type == "audio/flac"
    assert made.files[0].path.read_bytes() == build.tone("FLAC")
    assert made.facts["seed"] == "7"
    assert made.facts["model"] == "acestep-v15-turbo"
    assert made.cost_usd == 0.0
    assert [label for label, _ in seen] == ["running", "downloading", "done"]
    assert seen == sorted(seen, key=lambda step: step[1])


async def test_an_instrumental_has_no_words(tmp_path: Path) -> None:
    studio = Studio()
    with serving(studio) as port:
        await at(port).submit(build.instrumental(), "key-1", tmp_path)
    assert studio.released[0]["lyrics"] == "[Instrumental]"


async def test_a_failed_task_says_why(tmp_path: Path) -> None:
    with serving(Studio(fails_with="CUDA out of memory")) as port:
        music = at(port)
        job = await music.submit(build.request(), "key-1", tmp_path)
        with pytest.raises(ProviderError, match="CUDA out of memory"):
            await music.fetch(job, build.nothing)
        assert await music.poll(job) is JobState.FAILED


async def test_a_restart_in_the_middle_forgets_the_job(tmp_path: Path) -> None:
    studio = Studio(looks_until_done=10_000)
    with serving(studio) as port:
        music = at(port)
        job = await music.submit(build.request(), "key-1", tmp_path)
        assert await music.poll(job) is JobState.SUBMITTED
    studio.forget()
    with pytest.raises(ProviderUnavailable):
        await music.fetch(job, build.nothing)
    with serving(studio, port):
        with pytest.raises(ProviderError, match="no longer knows"):
            await music.fetch(job, build.nothing)
        # The key is spent; a new one makes the song anew.
        assert await music.submit(build.request(), "key-1", tmp_path) == job
        assert await music.submit(build.request(), "key-2", tmp_path) != job
    assert len(studio.released) == 2


async def test_a_short_absence_is_waited_out(tmp_path: Path) -> None:
    studio = Studio(looks_until_done=3)
    patient = Patience(every_s=0.3, longest_s=20.0, silences=30)
    with serving(studio) as port:
        music = at(port, patience=patient)
        job = await music.submit(build.request(), "key-1", tmp_path)
    waiting = asyncio.create_task(music.fetch(job, build.nothing))
    await asyncio.sleep(0.1)
    with serving(studio, port):
        assert (await waiting).files


async def test_a_lost_answer_leaves_one_task_and_no_second(tmp_path: Path) -> None:
    studio = Studio()
    with serving(studio) as port:
        async with cutting(port) as bad_port:
            for _ in range(2):
                with pytest.raises(ProviderTimeout):
                    await at(bad_port).submit(build.request(), "key-1", tmp_path)
    assert len(studio.released) == 1


async def test_a_recording_that_breaks_off_can_be_fetched_again(tmp_path: Path) -> None:
    studio = Studio(truncate=True, looks_until_done=0)
    with serving(studio) as port:
        music = at(port)
        job = await music.submit(build.request(), "key-1", tmp_path)
        with pytest.raises(ProviderError):
            await music.fetch(job, build.nothing)
        assert not list((tmp_path / "key-1").glob("song.flac"))
        studio.truncate = False
        made = await music.fetch(job, build.nothing)
    assert soundfile.info(made.files[0].path).duration == pytest.approx(1.0)
    assert len(studio.released) == 1


async def test_pages_keys_and_full_queues(tmp_path: Path) -> None:
    studio = Studio(key="sesame")
    with serving(studio) as port:
        with pytest.raises(ProviderAuth):
            await at(port, "wrong").submit(build.request(), "key-1", tmp_path)
        studio.full = True
        with pytest.raises(ProviderRateLimited, match="queue is full"):
            await at(port, "sesame").submit(build.request(), "key-1", tmp_path)
        studio.full, studio.pages = False, True
        for call in (at(port).check(), at(port).submit(build.request(), "key-1", tmp_path)):
            with pytest.raises(ProviderError, match="web page"):
                await call
        studio.pages = False
        assert await at(port, "sesame").submit(build.request(), "key-1", tmp_path)
    assert len(studio.released) == 1
    with pytest.raises(ProviderUnavailable):
        await at(port).check()


async def test_a_server_of_one_s_own_is_asked_directly(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(Studio(looks_until_done=0)) as port:
        music = at(port)
        job = await music.submit(build.request(), "key-1", tmp_path)
        assert (await music.fetch(job, build.nothing)).files


async def test_too_many_words_are_refused_whole(tmp_path: Path) -> None:
    many = (LyricSection(section="verse", lines=tuple(f"line number {n}" for n in range(400))),)
    with pytest.raises(ProviderInputInvalid) as caught:
        await at(9).submit(build.request(lyrics=many), "key-1", tmp_path)
    assert caught.value.field == "lyrics"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("http://169.254.169.254/latest/meta-data", "another host"),
        ("//evil.example/x", "another host"),
        ("", "no recording"),
        (None, "no recording"),
    ],
)
async def test_only_its_own_server_is_asked_for_the_song(
    file: object, said: str, tmp_path: Path
) -> None:
    body = build.recorded("acestep_done")
    body["data"][0]["result"] = json.dumps([{"file": file, "status": 1}])
    wire = build.Wire(
        ("POST", "/release_task", json_answer("acestep_released")),
        ("POST", "/query_result", httpx.Response(200, json=body)),
        ("GET", "/", build.sound(build.tone())),
    )
    music = AceStep("http://10.0.0.5:8001", transport=wire, patience=QUICK)
    job = await music.submit(build.request(), "key-1", tmp_path)
    if file == "//evil.example/x":
        # Taken as a path on its own server, never as another's address.
        await music.fetch(job, build.nothing)
        assert wire.sent("GET")[0].url.host == "10.0.0.5"
        return
    with pytest.raises(ProviderError, match=said):
        await music.fetch(job, build.nothing)
    assert wire.sent("GET") == []


@pytest.mark.parametrize("name", ["acestep_failed", "acestep_running", "acestep_stranger"])
async def test_recorded_states(name: str) -> None:
    task = "550e8400-e29b-41d4-a716-446655440000"
    wire = build.Wire(("POST", "/query_result", json_answer(name)))
    music = AceStep("http://10.0.0.5:8001", transport=wire)
    states = [(await music.look(task)).state for _ in range(3)]
    expected = {
        "acestep_failed": [JobState.FAILED] * 3,
        "acestep_running": [JobState.RUNNING] * 3,
        "acestep_stranger": [JobState.SUBMITTED, JobState.SUBMITTED, JobState.FAILED],
    }
    assert states == expected[name]


@pytest.mark.skipif(
    not os.environ.get("GREENROOM_LIVE_ACESTEP_URL"),
    reason="asks a real ACE-Step server: set GREENROOM_LIVE_ACESTEP_URL",
)
async def test_live(tmp_path: Path) -> None:
    music = AceStep(os.environ["GREENROOM_LIVE_ACESTEP_URL"])
    await music.check()
    job = await music.submit(build.request(duration_s=10.0), "live", tmp_path)
    assert (await music.fetch(job, build.nothing)).files
