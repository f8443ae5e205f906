"""How loud a sound is along its length, to draw it: measured once, then kept."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import soundfile

from domain.errors import InvalidInput
from domain.ports.media_store import MediaStore
from media.encode import decode
from media.files import write_atomically

BARS = 160
MEASURED_AT_ONCE = 1


class WaveService:
    """Loudness of equal parts, each 0 to 100 of the loudest; kept as small files in a folder."""

    def __init__(self, media: MediaStore, folder: Path) -> None:
        self._media = media
        self._folder = folder
        self._turn = asyncio.Semaphore(MEASURED_AT_ONCE)

    async def bars(self, sha256: str) -> list[int]:
        """The bars of a stored sound; raises `NotFound`, or `InvalidInput` for what is no sound."""
        kept = self._folder / f"{sha256}.json"
        if found := await asyncio.to_thread(_read, kept):
            return found
        path = await self._media.path(sha256)
        async with self._turn:
            found = await asyncio.to_thread(_measured, path)
            await asyncio.to_thread(_keep, kept, found)
        return found


def _read(kept: Path) -> list[int]:
    try:
        return [int(bar) for bar in json.loads(kept.read_text())]
    except FileNotFoundError:
        return []


def _keep(kept: Path, bars: list[int]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(kept, json.dumps(bars, separators=(",", ":")).encode())


def _measured(path: Path) -> list[int]:
    try:
        sound, _ = decode(path)
    except soundfile.LibsndfileError as error:
        raise InvalidInput(
            "this file is no sound", field="sha256", remedy="Ask for the work's FLAC, MP3 or OGG."
        ) from error
    mono = sound.mean(axis=0)
    parts = np.array_split(mono[: len(mono) // BARS * BARS or None], BARS)
    loud = np.array([float(np.sqrt(np.mean(part**2))) if len(part) else 0.0 for part in parts])
    top = float(loud.max()) or 1.0
    return [round(100 * value / top) for value in loud]
