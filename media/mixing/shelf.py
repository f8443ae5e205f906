"""The shelf: placed stems wait here as plain files until it is known what their bus did."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from media.encode import write_flac
from media.files import naming_a_full_disk
from media.mixing.desk import Processing
from media.mixing.levels import Bus
from media.sound import CHANNELS, Sound, gain

STEM_PEAK_DBFS = -1.0


@dataclass
class _Waiting:
    name: str
    bus: Bus
    path: Path


class Shelf:
    """Keeps stems on disk, not in memory; use as a context so that nothing is left behind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: list[_Waiting] = []

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._room = tempfile.TemporaryDirectory(dir=self._folder, prefix=".stems-")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._room.cleanup()

    def keep(self, name: str, bus: Bus, sound: Sound) -> None:
        """Put a copy of the stem aside."""
        path = Path(self._room.name) / f"{len(self._waiting)}.f32"
        _store(path, sound)
        self._waiting.append(_Waiting(name, bus, path))

    def write(
        self, processing: Mapping[Bus, Processing], sample_rate_hz: int
    ) -> tuple[tuple[Path, ...], float]:
        """Write NN-name.flac for every stem; returns the files and their common gain in dB.

        The gain is 0 unless a stem would clip at its level in the mix.
        """
        peak = 0.0
        for stem in self._waiting:
            sound = _load(stem.path)
            processing[stem.bus].apply(sound)
            _store(stem.path, sound)
            peak = max(peak, float(np.abs(sound).max(initial=0.0)))
        ceiling = float(gain(STEM_PEAK_DBFS))
        down_db = min(0.0, STEM_PEAK_DBFS - 20.0 * np.log10(peak)) if peak > ceiling else 0.0
        return self._encode(float(down_db), sample_rate_hz), float(down_db)

    def _encode(self, gain_db: float, sample_rate_hz: int) -> tuple[Path, ...]:
        files = []
        for number, stem in enumerate(self._waiting, start=1):
            sound = _load(stem.path)
            sound *= gain(gain_db)
            path = self._folder / f"{number:02d}-{stem.name}.flac"
            write_flac(path, sound, sample_rate_hz)
            stem.path.unlink()
            files.append(path)
        return tuple(files)


def _store(path: Path, sound: Sound) -> None:
    """Not synced: a stem that a crash loses is made again."""
    with naming_a_full_disk(path, sound.nbytes):
        path.write_bytes(np.ascontiguousarray(sound).data)


def _load(path: Path) -> Sound:
    return np.fromfile(path, np.float32).reshape(CHANNELS, -1)
