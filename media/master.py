"""Mastering: tone, glue, loudness and true peak, then a clean ending."""

from __future__ import annotations

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
MP3_CEILING_DBTP = -2.0
WORKING_LUFS = -17.0
TOLERANCE_LU = 0.05
MAX_PASSES = 8
AUDIBLE_DB = -56.0
TAIL_S = 0.25
FADE_S = 0.6


def tone(bus: Sound, pack: GenrePack, context: Context) -> Sound:
    """Shape the bus: rumble out, shelves, glue compression, the genre's colour."""
    rate = context.sample_rate_hz
    sound = bus * gain(WORKING_LUFS - _loudness(bus, rate))
    sound = highpass(sound, rate, hz=28.0)
    sound = low_shelf(sound, rate, hz=95.0, db=pack.mix.low_shelf_db)
    sound = high_shelf(sound, rate, hz=8500.0, db=pack.mix.high_shelf_db)
    sound = compress(
        sound, rate, threshold_db=-10.0, ratio=pack.mix.glue_ratio, attack_ms=25.0, release_ms=180.0
    )
    return run_chain(sound, pack.mix.bus_effects, context)


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


def finish(sound: Sound, sample_rate_hz: int, *, ceiling_dbtp: float) -> Sound:
    """Bring to `TARGET_LUFS` under the ceiling; limiting costs loudness, so repeat."""
    raise_db = TARGET_LUFS - _loudness(sound, sample_rate_hz)
    mastered = sound
    for _ in range(MAX_PASSES):
        mastered = limit(sound * gain(raise_db), sample_rate_hz, ceiling_dbtp=ceiling_dbtp)
        missing = TARGET_LUFS - measure(mastered, sample_rate_hz).integrated_lufs
        if abs(missing) < TOLERANCE_LU:
            break
        raise_db += missing
    return mastered


def _loudness(sound: Sound, sample_rate_hz: int) -> float:
    loudness = measure(sound, sample_rate_hz).integrated_lufs
    if loudness <= SILENT_LUFS:
        raise InvalidInput(
            f"the mix is silent ({decibels(float(np.abs(sound).max(initial=0.0))):.0f} dB)",
            field="sound",
            remedy="check that the score has notes and the sound font plays",
        )
    return loudness
