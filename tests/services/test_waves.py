from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import InvalidInput, NotFound
from services.waves import BARS, WaveService
from tests.support.label import TestLabel, tone


async def test_a_sound_is_measured_once_and_kept(label: TestLabel, tmp_path: Path) -> None:
    sha256 = await label.media.put_bytes(tone(3.0))
    waves = WaveService(label.media, tmp_path / "waves")
    bars = await waves.bars(sha256)
    assert len(bars) == BARS
    assert max(bars) == 100
    # The tone swells three times: what is loud is far louder than what is not.
    assert min(bars[5:-5]) < 40
    (await label.media.path(sha256)).unlink()
    assert await WaveService(label.media, tmp_path / "waves").bars(sha256) == bars


async def test_what_is_no_sound_is_refused(label: TestLabel, tmp_path: Path) -> None:
    waves = WaveService(label.media, tmp_path / "waves")
    with pytest.raises(InvalidInput):
        await waves.bars(await label.media.put_bytes(b"words"))
    with pytest.raises(NotFound):
        await waves.bars("ab" * 32)
    assert not (tmp_path / "waves").exists()
