"""The embedded engine through its real child process."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from domain.errors import (
    EnvironmentProblem,
    NotFound,
    PartMissing,
    ProviderError,
    ProviderUnavailable,
)
from domain.ports.providers import JobState
from tests.tools.vendors.embedded.build import Heard, cover, engine, song
from tools.vendors.embedded.job import RESULT
from tools.vendors.embedded.process import MODULE, ROOT, _revive

GONE_WITHIN_S = 10


def children(of: int | None = None) -> list[psutil.Process]:
    """Engine children that run."""
    mothers = [process.pid for process in processes(of)]
    return [process for process in processes(of) if process.ppid() in mothers]


def processes(of: int | None = None) -> list[psutil.Process]:
    """Engine children and their mothers."""
    found = []
    for process in psutil.Process(of or os.getpid()).children(recursive=True):
        try:
            if MODULE in process.cmdline():
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


async def test_a_real_song_is_made_once_and_then_only_read_back(tmp_path: Path) -> None:
    heard, music = Heard(), engine()
    job = await music.submit(song(), "work_1-song-0", tmp_path)
    assert await music.poll(job) is JobState.SUBMITTED
    made = await music.fetch(job, heard)
    assert await music.poll(job) is JobState.DONE
    sheets = {"midi", "score", "musicxml", "lyrics"}
    assert {f.role for f in made.files} == {"flac", "mp3", "ogg", "fingerprint"} | sheets
    assert all(f.path.stat().st_size > 0 and f.path.parent == Path(job) for f in made.files)
    assert made.reports[0].subject == "audio"
    assert float(made.facts["cpu_s"] or 0) > 0
    fractions = [fraction for _, fraction in heard.said]
    assert fractions == sorted(fractions)
    assert all(0 <= f <= 1 for f in fractions)

    again_heard = Heard()
    same = await engine().submit(song(), "work_1-song-0", tmp_path)
    assert same == job
    assert await engine().fetch(same, again_heard) == made
    assert again_heard.said == []


async def test_another_request_under_the_same_key_is_made_anew(tmp_path: Path) -> None:
    pictures = engine()

    async def made(seed: int) -> str:
        job = await pictures.submit(cover(seed), "work_1-cover", tmp_path)
        files = {f.role: f.path for f in (await pictures.fetch(job, Heard())).files}
        assert set(files) == {"cover", "cover_thumb", "plate"}
        return hashlib.sha256(files["cover"].read_bytes()).hexdigest()

    first, other, back = [await made(seed) for seed in (1, 2, 1)]
    assert first != other
    assert first == back


async def test_a_child_knows_no_keys_and_no_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, music = Heard(), engine()
    monkeypatch.setenv("GREENROOM_MODEL_KEY", "secret")
    monkeypatch.setenv("GREENROOM_REVISIONS", "not a number")
    monkeypatch.setenv("ANYBODYS_TOKEN", "secret")
    job = await music.submit(song("indie-folk"), "song", tmp_path)
    fetching = asyncio.create_task(music.fetch(job, heard))
    await asyncio.wait_for(heard.begun.wait(), 60)
    (child,) = children()
    known = child.environ()
    made = await fetching
    assert "secret" not in known.values()
    assert not [name for name in known if name.startswith("GREENROOM_")]
    assert (known["PATH"], known["OMP_NUM_THREADS"]) == (os.environ["PATH"], "1")
    assert "pcm_sha256" in made.facts


async def test_a_killed_child_is_told_and_a_retry_works(tmp_path: Path) -> None:
    heard, music = Heard(), engine()
    job = await music.submit(song(), "song", tmp_path)
    fetching = asyncio.create_task(music.fetch(job, heard))
    await asyncio.wait_for(heard.begun.wait(), 60)
    (child,) = children()
    child.kill()
    with pytest.raises(ProviderUnavailable, match="-9") as told:
        await fetching
    assert "doctor" in str(told.value.remedy)
    assert not (Path(job) / RESULT).exists()
    assert await music.poll(job) is JobState.SUBMITTED
    assert {f.role for f in (await music.fetch(job, Heard())).files} >= {"flac", "mp3"}


async def test_cancelling_kills_the_child_and_is_an_error_of_the_job(tmp_path: Path) -> None:
    heard, music = Heard(), engine()
    job = await music.submit(song(), "song", tmp_path)
    fetching = asyncio.create_task(music.fetch(job, heard))
    waiting = asyncio.create_task(music.fetch(job, Heard()))
    await asyncio.wait_for(heard.begun.wait(), 60)
    assert await music.poll(job) is JobState.RUNNING
    await music.cancel(job)
    for task in (fetching, waiting):
        with pytest.raises(ProviderError, match="cancelled"):
            await task
    assert processes() == []
    assert await music.poll(job) is JobState.CANCELLED
    assert await music.submit(song(), "song", tmp_path) == job
    assert await music.poll(job) is JobState.SUBMITTED


async def test_a_caller_that_goes_away_takes_the_child_with_it(tmp_path: Path) -> None:
    heard, music = Heard(), engine()
    job = await music.submit(song(), "song", tmp_path)
    fetching = asyncio.create_task(music.fetch(job, heard))
    await asyncio.wait_for(heard.begun.wait(), 60)
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    for _ in range(100):
        if not processes():
            break
        await asyncio.sleep(0.05)
    assert processes() == []


PARENT = """
import asyncio, sys
from pathlib import Path
from tests.tools.vendors.embedded.build import engine, song

def say(stage, fraction):
    print(stage, flush=True)

async def main():
    music = engine()
    job = await music.submit(song(), "song", Path(sys.argv[1]))
    await music.fetch(job, say)

asyncio.run(main())
"""


def test_a_child_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline()
        left = processes(parent.pid)
        assert len(left) == 2
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    until = time.monotonic() + GONE_WITHIN_S
    while any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in left):
        assert time.monotonic() < until, "the child lives on"
        time.sleep(0.05)
    assert not (tmp_path / "song" / RESULT).exists()


async def test_a_missing_sound_font_is_told_as_what_it_is(tmp_path: Path) -> None:
    music = engine(tmp_path / "nowhere.sf3")
    job = await music.submit(song("indie-folk"), "song", tmp_path)
    with pytest.raises(PartMissing) as told:
        await music.fetch(job, Heard())
    assert type(told.value) is PartMissing
    assert told.value.field == "soundfont"
    assert told.value.remedy
    assert "nowhere.sf3" in told.value.message


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Path:
    """A folder to mount a very small file system on."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = ["unshare", "-m", "true"]
    if os.getuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    return folder


@pytest.mark.parametrize("size", ["256k", "64k"])
def test_a_full_disk_is_told_as_a_full_disk(tiny_disk: Path, size: str) -> None:
    """In a mount namespace of its own, so that nothing is left mounted."""
    mount = f"mount -t tmpfs -o size={size} tmpfs {tiny_disk} || exit 77"
    shell = ["unshare", "-m", "sh", "-c", f'{mount}; exec "$@"', "sh"]
    ended = subprocess.run(
        [*shell, sys.executable, "-c", FULL, str(tiny_disk)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode == 77:
        pytest.skip(f"this machine mounts nothing: {ended.stderr.strip()[:80]}")
    assert ended.stdout.split() == ["DiskFull", "True"], ended.stderr[-2000:]


FULL = """
import asyncio, sys
from pathlib import Path
from domain.errors import GreenroomError
from tests.tools.vendors.embedded.build import Heard, engine, song

async def main():
    music = engine()
    try:
        job = await music.submit(song(), "song", Path(sys.argv[1]))
        await music.fetch(job, Heard())
    except GreenroomError as error:
        print(type(error).__name__, bool(error.remedy))

asyncio.run(main())
"""


async def test_a_broken_request_is_an_error_and_an_unknown_job_is_not_found(
    tmp_path: Path,
) -> None:
    music = engine()
    with pytest.raises(NotFound):
        await music.fetch(str(tmp_path / "never"), Heard())
    job = await music.submit(song(), "song", tmp_path)
    (Path(job) / "request.json").write_text('{"kind": "poem"}')
    with pytest.raises(ProviderUnavailable, match="code 1"):
        await music.fetch(job, Heard())


def test_errors_of_unknown_name_come_back_as_a_problem_of_this_machine() -> None:
    told = _revive({"class": "os.system", "message": "m", "remedy": "r"})
    assert type(told) is EnvironmentProblem
    assert (told.message, told.remedy) == ("m", "r")
    assert type(_revive({"class": "Any", "message": "m"})) is EnvironmentProblem
