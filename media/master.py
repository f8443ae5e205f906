"""Mastering: tone, glue, loudness and true peak, then a clean ending."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from domain.errors import InvalidInput
from domain.genre import GenrePack
from media.effects.chain import Context, run_chain
from media.effects.compressor import compress
from media.effects.eq import high_shelf, highpass, low_shelf
from media.effects.limiter import limit
from media.loudness import SILENT_LUFS, measure
from media.sound import Sound, decibels, gain

TARGET_LUFS = -14.0
FLAC_CEILING_DBTP = -1.2
# Lossy encoding raises peaks again; what it does to a song is measured on the decoded file.
LOSSY_CEILING_DBTP = -2.0
WORKING_LUFS = -17.0
RUMBLE_HZ = 28.0
TOLERANCE_LU = 0.05
MAX_PASSES = 8
AUDIBLE_DB = -56.0
TAIL_S = 0.25
FADE_S = 0.6


def tone(bus: Sound, pack: GenrePack, context: Context) -> Sound:
    """Shape the bus: rumble out, shelves, glue compression, the genre's colour."""
    rate, mix = context.sample_rate_hz, pack.mix
    sound = highpass(bus, rate, hz=RUMBLE_HZ)
    sound *= gain(WORKING_LUFS - require_audible(sound, rate))
    if mix.low_shelf_db:
        sound = low_shelf(sound, rate, hz=95.0, db=mix.low_shelf_db)
    if mix.high_shelf_db:
        sound = high_shelf(sound, rate, hz=8500.0, db=mix.high_shelf_db)
    sound = compress(
        sound, rate, threshold_db=-10.0, ratio=mix.glue_ratio, attack_ms=25.0, release_ms=180.0
    )
    return run_chain(sound, mix.bus_effects, context)


def trim(sound: Sound, sample_rate_hz: int, *, earliest_s: float) -> Sound:
    """End shortly after the last audible moment, faded, but not before `earliest_s`."""
    hop = sample_rate_hz // 20
    hops = sound.shape[1] // hop
    level = np.abs(sound[:, : hops * hop]).max(axis=0).reshape(hops, hop).max(axis=1)
    threshold = float(level.max(initial=0.0)) * float(gain(AUDIBLE_DB + 14.0))
    audible = np.flatnonzero(level > threshold)
    last = (int(audible[-1]) + 1) * hop if len(audible) else 0
    end = min(
        sound.shape[1], max(last + int(TAIL_S * sample_rate_hz), int(earliest_s * sample_rate_hz))
    )
    ended = sound[:, :end].copy()
    count = min(end, int(FADE_S * sample_rate_hz))
    ended[:, end - count :] *= np.linspace(1.0, 0.0, count, dtype=np.float32) ** 1.5
    return ended


@dataclass
class Finisher:
    """Brings one shaped song to loudness under as many ceilings as there are deliverables.

    `raise_db` is what the last finish needed: the next one starts there.
    """

    shaped: Sound
    sample_rate_hz: int
    raise_db: float

    @classmethod
    def of(cls, shaped: Sound, sample_rate_hz: int) -> Finisher:
        """Measure the shaped song; raises InvalidInput for a silent one."""
        loudness = require_audible(shaped, sample_rate_hz)
        return cls(shaped, sample_rate_hz, TARGET_LUFS - loudness)

    def finish(self, ceiling_dbtp: float, target_lufs: float = TARGET_LUFS) -> Sound:
        """Bring to a loudness under the ceiling; limiting costs loudness, so repeat."""
        mastered = self.shaped
        for _ in range(MAX_PASSES):
            raised = self.shaped * gain(self.raise_db)
            mastered = limit(raised, self.sample_rate_hz, ceiling_dbtp=ceiling_dbtp)
            del raised
            missing = target_lufs - measure(mastered, self.sample_rate_hz).integrated_lufs
            if abs(missing) < TOLERANCE_LU:
                break
            self.raise_db += missing
        return mastered


def require_audible(sound: Sound, sample_rate_hz: int) -> float:
    """The integrated loudness; raises InvalidInput for silence."""
    loudness = measure(sound, sample_rate_hz).integrated_lufs
    if loudness <= SILENT_LUFS:
        peak = decibels(float(np.abs(sound).max(initial=0.0)))
        raise InvalidInput(
            f"the mix is silent ({peak:.0f} dB)",
            field="sound",
            remedy="check that the score has notes and the sound font plays",
        )
    return loudness
