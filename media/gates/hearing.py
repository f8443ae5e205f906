"""Gates on what an ear finds in the song and the score promised: tempo, key and sections."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from domain.genre import KEYS, GenrePack, Mode
from domain.quality import GateResult, not_applicable
from domain.score import BEATS_PER_BAR, Score
from media.analysis import (
    ANALYSIS_RATE_HZ,
    KeyEstimate,
    key_estimates,
    second_opinion_bpm,
    tempos_bpm,
)
from media.gates.heard import Heard
from media.gates.levels import LONG_ENOUGH_S, too_short
from media.gates.ranges import excuse, judge, wanted
from media.sound import Sound
from media.structure import border_scores, borders_of, chance_f1, describe, section_borders
from media.theory import SCALES, is_minor, tonic

OVER_CHANCE = 0.2
MOST_TEMPO_ERROR = 1.0


def check_hearing(heard: Heard, score: Score, pack: GenrePack) -> tuple[GateResult, ...]:
    """Judge whether tempo, key and sections are heard as they were written."""
    return (
        check_tempo(heard, score.tempo_bpm, pack),
        check_key(heard, home_parts(heard.signal, score), score.key, score.mode, pack),
        _structure(heard, score, pack),
    )


def check_tempo(heard: Heard, tempo_bpm: float, pack: GenrePack) -> GateResult:
    """Judge the tempo; librosa is asked only when the first ear disagrees with the score."""
    if no := excuse(pack, "tempo"):
        return no
    if heard.seconds < LONG_ENOUGH_S:
        return too_short("tempo", heard.seconds)
    found = tempos_bpm(heard.signal)
    if _tempo_error(found, tempo_bpm) > (wanted(pack, "tempo").high or 0.0):
        found = (*found, *second_opinion_bpm(heard.signal))
    names = ", ".join(f"{tempo:.1f}" for tempo in found) or "none"
    what = f"relative error of the tempo (heard {names} for {tempo_bpm:g} bpm, octaves allowed)"
    return judge(pack, "tempo", _tempo_error(found, tempo_bpm), what)


def _tempo_error(found: Sequence[float], tempo_bpm: float) -> float:
    """Relative error of the best estimate, half and double tempo allowed."""
    errors = [
        abs(tempo * factor / tempo_bpm - 1.0) for tempo in found for factor in (0.5, 1.0, 2.0)
    ]
    return min(errors, default=MOST_TEMPO_ERROR)


def home_parts(signal: Sound, score: Score) -> Sound:
    """The parts of a mono signal in which the score stands in its home key."""
    if not any(section.transpose for section in score.sections):
        return signal
    parts = []
    for section in score.sections:
        if section.transpose == 0:
            stop = None if section is score.sections[-1] else score.seconds(section.end)
            first = int(score.seconds(section.start) * ANALYSIS_RATE_HZ)
            parts.append(signal[first : None if stop is None else int(stop * ANALYSIS_RATE_HZ)])
    return np.concatenate(parts) if parts else signal[:0]


def check_key(heard: Heard, home: Sound, key: str, mode: Mode, pack: GenrePack) -> GateResult:
    """Judge the key of `home` by three estimators; one that hears it is enough."""
    if no := excuse(pack, "key"):
        return no
    if heard.seconds < LONG_ENOUGH_S:
        return too_short("key", heard.seconds)
    if not len(home):
        return not_applicable("key", "no section stands in the home key")
    estimates = key_estimates(home)
    right = sum(_same_key(estimate, key, mode) for estimate in estimates)
    heard_as = ", ".join(map(str, estimates)) or "nothing"
    what = f"number of ears that hear {key} {mode} (heard: {heard_as})"
    return judge(pack, "key", right, what)


def _same_key(heard: KeyEstimate, key: str, mode: Mode) -> bool:
    """The tonic with the right third, or the major or minor key of the same seven tones."""
    if heard.tonic == key and heard.minor == is_minor(mode):
        return True
    tones = {(tonic(key) + step) % 12 for step in SCALES[mode]}
    scale = SCALES["aeolian" if heard.minor else "ionian"]
    return {(KEYS.index(heard.tonic) + step) % 12 for step in scale} == tones


def _structure(heard: Heard, score: Score, pack: GenrePack) -> GateResult:
    """Judge whether borders heard without the score are those written, well above guessing."""
    gate = "structure"
    if no := excuse(pack, gate):
        return no
    if heard.seconds < LONG_ENOUGH_S:
        return too_short(gate, heard.seconds)
    true = section_borders(score)
    if len(true) < 2:
        return not_applicable(gate, "the form has fewer than two changes of section")
    bar_s = score.seconds(BEATS_PER_BAR)
    found = borders_of(describe(heard.signal))
    scores = border_scores(found, true, bar_s)
    chance = chance_f1(
        len(found), true, bar_s, bar_s=bar_s, bars=round(score.beats / BEATS_PER_BAR)
    )
    low = max(wanted(pack, gate).low or 0.0, chance + OVER_CHANCE)
    hits = round(scores.recall * len(true))
    return GateResult(
        gate=gate,
        verdict="pass" if scores.f1 >= low else "fail",
        value=scores.f1,
        low=low,
        reason=(
            f"{hits} of {len(true)} section borders are heard within a bar, "
            f"{len(found) - hits} more where none is written; F1 {scores.f1:.2f}, "
            f"guessing earns {chance:.2f}; wanted at least {low:.2f}"
        ),
    )
