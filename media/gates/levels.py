"""Gates on levels: loudness, peaks, dynamics, pauses, stereo and spectrum of the decoded files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from domain.genre import GenrePack
from domain.quality import GateResult, not_applicable
from media.analysis import spectral_centroid_hz
from media.gates.heard import Heard
from media.gates.ranges import excuse, judge
from media.loudness import true_peak_dbtp
from media.sound import Sound, decibels

LONG_ENOUGH_S = 30.0
CLIP_LEVEL = 0.9999
SILENCE_DB = -50.0
SILENCE_FRAME_S = 0.05


def check_levels(
    heard: Heard, mp3: Path, ogg: Path | None, pack: GenrePack
) -> tuple[GateResult, ...]:
    """Judge the master, already decoded, and the compressed files beside it."""
    compressed = [_compressed("mp3", mp3, heard, pack), _compressed("ogg", ogg, heard, pack)]
    clipped = _clipped(heard.sound) + sum(count for count, _ in compressed)
    peak = true_peak_dbtp(heard.sound, heard.rate_hz)
    offset = float(np.abs(heard.sound.mean(axis=1)).max())
    loudness = heard.loudness.integrated_lufs
    return (
        judge(pack, "loudness", loudness, "loudness of the whole song", "LUFS"),
        judge(pack, "true_peak_flac", peak, "true peak of the FLAC", "dBTP"),
        *(gate for _, gates in compressed for gate in gates),
        judge(pack, "clipping", clipped, "number of clipped samples in all files"),
        judge(pack, "dc", offset, "constant offset of the waveform"),
        _loudness_range(heard, pack),
        _crest(heard.sound, pack),
        *_pauses(heard, pack),
        _stereo(heard.sound, pack),
        judge(pack, "centroid", _centroid_hz(heard), "centre of the spectrum", "Hz"),
    )


def too_short(gate: str, seconds: float) -> GateResult:
    """Say that a song is too short for a gate."""
    return not_applicable(gate, f"{seconds:.0f} s are too short; it needs {LONG_ENOUGH_S:.0f} s")


def _clipped(sound: Sound) -> int:
    return int((np.abs(sound) >= CLIP_LEVEL).sum())


def _compressed(
    kind: str, path: Path | None, heard: Heard, pack: GenrePack
) -> tuple[int, tuple[GateResult, GateResult]]:
    """Clipped samples of one compressed file, and the gates on its peak and length."""
    peak_gate, length_gate = f"true_peak_{kind}", f"{kind}_length"
    if path is None:
        reason = f"no {kind.upper()} was made"
        return 0, (not_applicable(peak_gate, reason), not_applicable(length_gate, reason))
    file = Heard.of(path)
    peak = true_peak_dbtp(file.sound, file.rate_hz)
    difference = abs(file.seconds - heard.seconds)
    what = f"difference in length between {kind.upper()} and FLAC"
    return _clipped(file.sound), (
        judge(pack, peak_gate, peak, f"true peak of the {kind.upper()}", "dBTP"),
        judge(pack, length_gate, difference, what, "s"),
    )


def _loudness_range(heard: Heard, pack: GenrePack) -> GateResult:
    gate = "loudness_range"
    if heard.seconds < LONG_ENOUGH_S:
        return excuse(pack, gate) or too_short(gate, heard.seconds)
    what = "loudness range from calm to full passages"
    return judge(pack, gate, heard.loudness.range_lu, what, "LU")


def _crest(sound: Sound, pack: GenrePack) -> GateResult:
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
    crest = decibels(float(np.abs(sound).max(initial=0.0))) - decibels(rms)
    return judge(pack, "crest", crest if rms > 0.0 else np.nan, "peak over mean level", "dB")


def _pauses(heard: Heard, pack: GenrePack) -> tuple[GateResult, GateResult]:
    """Longest pause before the last sound, and the quiet after it."""
    hop = int(SILENCE_FRAME_S * heard.rate_hz)
    frames = heard.sound.shape[1] // hop
    level = np.abs(heard.sound[:, : frames * hop]).max(axis=0).reshape(frames, hop).max(axis=1)
    loud = np.flatnonzero(level > 10.0 ** (SILENCE_DB / 20.0))
    if len(loud):
        edges = np.concatenate([[-1], loud])
        inner = float(np.diff(edges).max() - 1) * SILENCE_FRAME_S
        tail = (frames - 1 - int(loud[-1])) * SILENCE_FRAME_S
    else:
        inner = tail = heard.seconds
    return (
        judge(pack, "silence", inner, "longest silence inside the song", "s"),
        judge(pack, "tail", tail, "silence after the last sound", "s"),
    )


def _stereo(sound: Sound, pack: GenrePack) -> GateResult:
    if sound.shape[0] < 2 or float(sound.std(axis=1).min()) < 1e-7:
        value = np.nan
    else:
        value = float(np.corrcoef(sound[0], sound[1])[0, 1])
    return judge(pack, "stereo", value, "likeness of left and right (1 is mono)")


def _centroid_hz(heard: Heard) -> float:
    return spectral_centroid_hz(heard.signal) if heard.signal.any() else np.nan
