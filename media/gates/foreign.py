"""Gates on a song that another generator made: nobody knows its score, only what was asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from domain.genre import GenrePack
from domain.quality import GateResult, QualityReport, not_applicable
from domain.requests import MusicAsk, Told
from media.gates.heard import Heard
from media.gates.hearing import check_key, check_tempo
from media.gates.levels import check_levels
from media.gates.likeness import check_originality
from media.gates.ranges import judge

UNKNOWN_SCORE = "the generator wrote no score to compare with"
UNKNOWN_VOICE = "the generator gave no voice of its own to listen to"
_WITHOUT_SCORE = {
    "structure": UNKNOWN_SCORE,
    "melody_originality": UNKNOWN_SCORE,
    "vocal_presence": UNKNOWN_VOICE,
    "vocal_pitch": UNKNOWN_VOICE,
    "vocal_tuning": UNKNOWN_VOICE,
    "words": UNKNOWN_VOICE,
    "intelligibility": UNKNOWN_VOICE,
}


def check_foreign(
    flac: Path, mp3: Path, ogg: Path | None, ask: MusicAsk, pack: GenrePack,
    earlier_fingerprints: Sequence[bytes] = (), *, told: Collection[Told] = (),
) -> QualityReport:  # fmt: skip
    """Judge a mastered foreign song; `told` names what the generator was told as a number.

    Tempo, key and length bind only a generator that takes them as such: in a style prompt they
    are a wish, so what was heard is noted. A length of the generator's own choice must still be
    that of a song.
    """
    heard = Heard.of(flac)
    tempo = check_tempo(heard, ask.tempo_bpm, pack)
    key = check_key(heard, heard.signal, ask.key, ask.mode, pack)
    gates = (
        *_length(heard, ask, pack, told),
        *check_levels(heard, mp3, ogg, pack),
        tempo if "tempo" in told else _wish(tempo),
        key if "key" in told else _wish(key),
        check_originality(heard, earlier_fingerprints, pack),
        *(not_applicable(gate, reason) for gate, reason in _WITHOUT_SCORE.items()),
    )
    return QualityReport(subject="audio", gates=gates)


def _length(
    heard: Heard, ask: MusicAsk, pack: GenrePack, told: Collection[Told]
) -> tuple[GateResult, GateResult]:
    ratio = heard.seconds / ask.duration_s
    lengths = f"({heard.seconds:.0f} s for {ask.duration_s:.0f} s asked)"
    if "length" in told:
        error = judge(pack, "asked_length", abs(ratio - 1.0), f"relative error of length {lengths}")
        return error, not_applicable("free_length", "the generator was told a length")
    free = judge(pack, "free_length", ratio, f"length over the length wished for {lengths}")
    return not_applicable("asked_length", "the generator chooses the length itself"), free


def _wish(result: GateResult) -> GateResult:
    if result.verdict == "not_applicable":
        return result
    return not_applicable(result.gate, f"only wished for in words; noted: {result.reason}")
