"""A decoded song, and what several gates ask of it, each worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from media.analysis import mono
from media.encode import decode
from media.loudness import Loudness, measure
from media.sound import Sound


@dataclass(frozen=True)
class Heard:
    """The sound of one decoded file."""

    sound: Sound
    rate_hz: int

    @classmethod
    def of(cls, path: Path) -> Heard:
        """Decode a file."""
        return cls(*decode(path))

    @property
    def seconds(self) -> float:
        """Length."""
        return float(self.sound.shape[1] / self.rate_hz)

    @cached_property
    def signal(self) -> Sound:
        """One channel at the analysis rate."""
        return mono(self.sound, self.rate_hz)

    @cached_property
    def loudness(self) -> Loudness:
        """Loudness as a meter shows it."""
        return measure(self.sound, self.rate_hz)
