"""How a genre lets words flow: broad, plain or talkative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from domain.genre import GenrePack
from media.compose.motif import BROAD, BUSY, PLAIN

TALKATIVE_FROM, BROAD_TO = 10.0, 5.5
SLOW_BPM = 84.0
Flow = Literal["broad", "plain", "talkative"]


@dataclass(frozen=True)
class Delivery:
    """`grid` in beats is the finest place of a syllable; `shift` is added to a note's breadth."""

    flow: Flow
    grid: float
    shift: float
    rhythms: tuple[tuple[float, ...], ...]
    beat_s: float


def delivery_of(pack: GenrePack, tempo_bpm: float) -> Delivery:
    """Read the flow off the genre's lines: many syllables talk, few at a slow pulse are broad."""
    low, high = pack.lexicon.syllables_per_line
    count = (low + high) / 2
    beat_s = 60.0 / tempo_bpm
    if count >= TALKATIVE_FROM:
        return Delivery("talkative", 0.25, -0.25, BUSY, beat_s)
    if count <= BROAD_TO or (not pack.vocal.sung and tempo_bpm < SLOW_BPM):
        return Delivery("broad", 0.5, 0.35, BROAD, beat_s)
    return Delivery("plain", 0.5, 0.0, PLAIN, beat_s)
