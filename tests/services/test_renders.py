"""Renders are found again by their key as long as the media store holds their files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from domain.actor import OPERATOR
from domain.ports.providers import Generated, GeneratedFile
from domain.render import RenderRates
from services.renders import KEPT_MAX, RenderService
from tests.support.label import TestLabel


@pytest.fixture
def renders(label: TestLabel) -> RenderService:
    return RenderService(label.database, label.clock, label.media)


def _made(folder: Path, content: bytes = b"a song") -> Generated:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "song.flac"
    path.write_bytes(content)
    file = GeneratedFile(role="flac", path=path, media_type="audio/flac")
    return Generated(files=(file,), facts={"cpu_s": 4.5, "pcm_sha256": "abc"})


async def test_a_render_is_found_with_its_files_and_costs_nothing(
    label: TestLabel, renders: RenderService, tmp_path: Path
) -> None:
    made = _made(tmp_path / "first")
    await renders.keep("key", "engine@1", "song", made)
    await label.media.put_file(made.files[0].path)
    target = tmp_path / "second"
    target.mkdir()
    found = await renders.find("key", target)
    assert found is not None
    [file] = found.files
    assert (file.role, file.path, file.path.read_bytes()) == (
        "flac",
        target / "song.flac",
        b"a song",
    )
    assert found.facts == {"cpu_s": 0.0, "cached": 1, "pcm_sha256": "abc"}


async def test_an_unknown_key_is_a_miss(renders: RenderService, tmp_path: Path) -> None:
    assert await renders.find("key", tmp_path) is None
    assert renders.counts() == {"hit": 0, "miss": 1}


async def test_a_render_whose_files_nobody_kept_is_made_again(
    label: TestLabel, renders: RenderService, tmp_path: Path
) -> None:
    await renders.keep("key", "engine@1", "song", _made(tmp_path / "first"))
    assert await renders.find("key", tmp_path) is None
    assert (await _rates(label)).kept == 0


async def test_what_was_found_is_counted_by_all_processes(
    label: TestLabel, renders: RenderService, tmp_path: Path
) -> None:
    assert (await _rates(label)).model_dump() == {"kept": 0, "hits": 0, "saved_cpu_s": 0.0}
    made = _made(tmp_path / "first")
    await renders.keep("key", "engine@1", "song", made)
    await renders.keep("key", "engine@1", "song", made)
    await label.media.put_file(made.files[0].path)
    other = RenderService(label.database, label.clock, label.media)
    for service in (renders, other, other):
        assert await service.find("key", tmp_path) is not None
    assert (await _rates(label)).model_dump() == {"kept": 1, "hits": 3, "saved_cpu_s": 13.5}
    assert (renders.counts()["hit"], other.counts()["hit"]) == (1, 2)


async def test_what_was_not_used_for_long_is_forgotten(
    label: TestLabel, renders: RenderService, tmp_path: Path
) -> None:
    for key in ("old", "used"):
        made = _made(tmp_path / key, key.encode())
        await renders.keep(key, "engine@1", "song", made)
        await label.media.put_file(made.files[0].path)
    label.clock.advance(timedelta(days=20))
    await renders.find("used", tmp_path)
    label.clock.advance(timedelta(days=20))
    assert await renders.prune() == 1
    assert await renders.find("used", tmp_path) is not None
    assert await renders.find("old", tmp_path) is None


async def test_the_oldest_of_too_many_are_forgotten(
    label: TestLabel, renders: RenderService, tmp_path: Path
) -> None:
    assert KEPT_MAX > 1000
    for number in range(5):
        await renders.keep(f"key-{number}", "engine@1", "song", _made(tmp_path))
        label.clock.advance(timedelta(minutes=1))
    async with label.database.unit() as unit:
        assert await unit.renders.prune(label.clock.now() - timedelta(days=1), 2) == 3
        await unit.commit()
        kept = [await unit.renders.by_key(f"key-{n}") is not None for n in range(5)]
    assert kept == [False, False, False, True, True]


async def _rates(label: TestLabel) -> RenderRates:
    return await label.operations.renders(OPERATOR)
