"""Gates on the finished song; they read only the decoded files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from domain.genre import KEYS, GenrePack
from domain.quality import GateResult, QualityReport, not_applicable
from domain.score import Score
from media.analysis import (
    KeyEstimate,
    fingerprint_of,
    key_estimates,
    mono,
    second_opinion_bpm,
    similarity,
    spectral_centroid_hz,
    tempos_bpm,
)
from media.encode import decode
from media.gates.ranges import DEFAULTS, judge
from media.loudness import measure, true_peak_dbtp
from media.sound import Sound, decibels
from media.tags import SongTags, read_tags
from media.theory import SCALES, is_minor, tonic

LONG_ENOUGH_S = 30.0
CLIP_LEVEL = 0.9999
SILENCE_DB = -50.0
SILENCE_FRAME_S = 0.05


def check_audio(
    flac: Path, mp3: Path, score: Score, pack: GenrePack, *,
    expected_tags: SongTags | None = None, earlier_fingerprints: Sequence[bytes] = (),
) -> QualityReport:  # fmt: skip
    """Judge both deliverables against the score's promises and the pack's ranges."""
    sound, rate = decode(flac)
    signal = mono(sound, rate)
    gates = (
        *_levels(sound, rate, mp3, pack),
        *_dynamics(sound, rate, pack),
        *_silences(sound, rate, pack),
        _stereo(sound, pack),
        judge(pack, "centroid", spectral_centroid_hz(signal), "centre of the spectrum", "Hz"),
        _tempo(signal, score, pack, sound.shape[1] / rate),
        _key(signal, score, pack, sound.shape[1] / rate),
        _tags((flac, mp3), expected_tags),
        _originality(signal, earlier_fingerprints, pack),
    )
    return QualityReport(subject="audio", gates=gates)


def _levels(sound: Sound, rate: int, mp3: Path, pack: GenrePack) -> tuple[GateResult, ...]:
    compressed, mp3_rate = decode(mp3)
    clipped = int((np.abs(sound) >= CLIP_LEVEL).sum() + (np.abs(compressed) >= CLIP_LEVEL).sum())
    offset = float(np.abs(sound.mean(axis=1)).max())
    difference = abs(compressed.shape[1] / mp3_rate - sound.shape[1] / rate)
    loudness = measure(sound, rate).integrated_lufs
    return (
        judge(pack, "loudness", loudness, "integrated loudness", "LUFS"),
        judge(pack, "true_peak_flac", true_peak_dbtp(sound, rate), "FLAC true peak", "dBTP"),
        judge(pack, "true_peak_mp3", true_peak_dbtp(compressed, mp3_rate), "MP3 true peak", "dBTP"),
        judge(pack, "clipping", clipped, "clipped samples"),
        judge(pack, "dc", offset, "constant offset"),
        judge(pack, "mp3_length", difference, "difference of the files in length", "s"),
    )


def _dynamics(sound: Sound, rate: int, pack: GenrePack) -> tuple[GateResult, GateResult]:
    rms = decibels(float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))))
    crest = decibels(float(np.abs(sound).max(initial=0.0))) - rms
    crest_gate = judge(pack, "crest", crest, "peak over mean level", "dB")
    seconds = sound.shape[1] / rate
    if seconds < LONG_ENOUGH_S:
        return _too_short("loudness_range", seconds), crest_gate
    span = measure(sound, rate).range_lu
    return judge(pack, "loudness_range", span, "loudness range", "LU"), crest_gate


def _too_short(gate: str, seconds: float) -> GateResult:
    return not_applicable(gate, f"{seconds:.0f} s are too short; it needs {LONG_ENOUGH_S:.0f} s")


def _silences(sound: Sound, rate: int, pack: GenrePack) -> tuple[GateResult, GateResult]:
    """Longest pause before the last sound, and the quiet after it."""
    hop = int(SILENCE_FRAME_S * rate)
    frames = sound.shape[1] // hop
    level = np.abs(sound[:, : frames * hop]).max(axis=0).reshape(frames, hop).max(axis=1)
    loud = np.flatnonzero(level > 10.0 ** (SILENCE_DB / 20.0))
    if not len(loud):
        seconds = sound.shape[1] / rate
        inner = tail = seconds
    else:
        edges = np.concatenate([[-1], loud])
        inner = float(np.diff(edges).max() - 1) * SILENCE_FRAME_S
        tail = (frames - 1 - int(loud[-1])) * SILENCE_FRAME_S
    return (
        judge(pack, "silence", inner, "longest silence inside", "s"),
        judge(pack, "tail", tail, "silence at the end", "s"),
    )


def _stereo(sound: Sound, pack: GenrePack) -> GateResult:
    if sound.shape[0] < 2 or float(sound.std(axis=1).min()) < 1e-7:
        value = float("nan")
    else:
        value = float(np.corrcoef(sound[0], sound[1])[0, 1])
    return judge(pack, "stereo", value, "correlation of left and right")


def _tempo(signal: Sound, score: Score, pack: GenrePack, seconds: float) -> GateResult:
    if seconds < LONG_ENOUGH_S:
        return _too_short("tempo", seconds)
    found = tempos_bpm(signal)
    if _tempo_error(found, score) > (DEFAULTS["tempo"].high or 0.0):
        found = (*found, *second_opinion_bpm(signal))
    heard = ", ".join(f"{tempo:.1f}" for tempo in found) or "nothing"
    what = f"error of the tempo heard ({heard} for {score.tempo_bpm:g} bpm)"
    return judge(pack, "tempo", _tempo_error(found, score), what)


def _tempo_error(found: Sequence[float], score: Score) -> float:
    """Relative error of the best estimate, half and double tempo allowed."""
    errors = [
        abs(tempo * factor / score.tempo_bpm - 1.0) for tempo in found for factor in (0.5, 1.0, 2.0)
    ]
    return min(errors, default=1.0)


def _key(signal: Sound, score: Score, pack: GenrePack, seconds: float) -> GateResult:
    if excuse := pack.gates.not_applicable.get("key"):
        return not_applicable("key", excuse)
    if seconds < LONG_ENOUGH_S:
        return _too_short("key", seconds)
    heard = key_estimates(signal)
    right = [str(e) for e in heard if _same_key(e, score)]
    wanted = f"{score.key} {score.mode}"
    return GateResult(
        gate="key",
        verdict="pass" if right else "fail",
        value=float(len(right)),
        low=1,
        reason=f"heard as {', '.join(map(str, heard)) or 'nothing'}; written in {wanted}",
    )


def _same_key(heard: KeyEstimate, score: Score) -> bool:
    """The tonic with the right third, or the major or minor key of the same seven tones."""
    if heard.tonic == score.key and heard.minor == is_minor(score.mode):
        return True
    tones = {(tonic(score.key) + step) % 12 for step in SCALES[score.mode]}
    scale = SCALES["aeolian" if heard.minor else "ionian"]
    return {(KEYS.index(heard.tonic) + step) % 12 for step in scale} == tones


def _tags(paths: Sequence[Path], expected: SongTags | None) -> GateResult:
    if expected is None:
        return not_applicable("tags", "the files are not tagged yet")
    return check_tags(paths, expected)


def check_tags(paths: Sequence[Path], expected: SongTags) -> GateResult:
    """Judge whether every file's tags read back as they were written."""
    wrong = []
    for path in paths:
        found = read_tags(path)
        wrong += [
            f"{path.suffix[1:]}.{name}"
            for name in type(expected).model_fields
            if getattr(found, name) != getattr(expected, name)
        ]
    reason = f"differs: {', '.join(wrong)}" if wrong else "all tags read back as written"
    verdict = "fail" if wrong else "pass"
    return GateResult(gate="tags", verdict=verdict, value=float(len(wrong)), high=0, reason=reason)


def _originality(signal: Sound, earlier: Sequence[bytes], pack: GenrePack) -> GateResult:
    if not earlier:
        return not_applicable("originality", "there is no earlier song to compare with")
    own = fingerprint_of(signal)
    nearest = max(similarity(own, other) for other in earlier)
    return judge(pack, "originality", nearest, "likeness to the nearest earlier song")
