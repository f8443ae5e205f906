"""Which repair a failed gate asks for: the cheapest that can help, then the next one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from domain.quality import GateResult

Repair = Literal["mix", "score", "lyrics"]
# From cheap to dear: a re-mix costs seconds, a new score a whole rendering, new words all of it.
COST: tuple[Repair, ...] = ("mix", "score", "lyrics")
WORDS: dict[Repair, str] = {"mix": "re-mix", "score": "re-arrange", "lyrics": "re-write"}
_MIX_THEN_SCORE: tuple[Repair, ...] = ("mix", "score")
_SCORE: tuple[Repair, ...] = ("score",)
_SCORE_THEN_LYRICS: tuple[Repair, ...] = ("score", "lyrics")
_ALL: tuple[Repair, ...] = ("mix", "score", "lyrics")
# Gates by the beginning of their names, the longest that fits counts.
_LADDERS: dict[str, tuple[tuple[Repair, ...], str]] = {
    "centroid": (_MIX_THEN_SCORE, "the tone is a matter of balance, then of instruments"),
    "stereo": (_MIX_THEN_SCORE, "the width is a matter of placing, then of instruments"),
    "crest": (_MIX_THEN_SCORE, "the punch is a matter of compression, then of drums"),
    "loudness": (_MIX_THEN_SCORE, "loudness is set by the mix"),
    "loudness_range": (_MIX_THEN_SCORE, "dynamics come from automation, then from the form"),
    "true_peak": (_MIX_THEN_SCORE, "peaks are caught by the mix"),
    "clipping": (_MIX_THEN_SCORE, "clipping is made by the mix"),
    "dc": (_MIX_THEN_SCORE, "an offset is made by the mix"),
    "tail": (_MIX_THEN_SCORE, "the end is cut by the mix"),
    "silence": (_MIX_THEN_SCORE, "a hole is filled by reverb, else by notes"),
    "structure": (_MIX_THEN_SCORE, "contrast comes from automation, then from arrangement"),
    "intelligibility": (_ALL, "words are drowned by the mix, sung too fast, or hard to sing"),
    # Heard from the voice alone, which no mix changes.
    "words": (_SCORE_THEN_LYRICS, "words are sung too high or fast, or are hard to sing"),
    "vocal": (_SCORE_THEN_LYRICS, "words are sung too high or fast, or are hard to sing"),
    "vocal_pitch": (_SCORE, "the notes ask too much of the singer"),
    "vocal_tuning": (_SCORE, "the notes ask too much of the singer"),
    "vocal_range": (_SCORE, "the notes ask too much of the singer"),
    "tempo": (_SCORE, "the pulse cannot be heard in this arrangement"),
    "key": (_SCORE, "the key cannot be heard in this arrangement"),
    "originality": (_SCORE, "it is too like an earlier song: another seed"),
    "melody": (_SCORE, "it is too like an earlier song: another seed"),
    "fingerprint": (_SCORE, "it is too like an earlier song: another seed"),
    "stress": (_SCORE_THEN_LYRICS, "stresses miss the beat: another rhythm, then other words"),
    "syllables": (_SCORE_THEN_LYRICS, "syllables miss their notes: another melody, then words"),
}
_BY_SUBJECT: dict[str, tuple[Repair, ...]] = {
    "lyrics": ("lyrics",),
    "score": _SCORE,
    "audio": _MIX_THEN_SCORE,
}


def ladder(subject: str, gate: str) -> tuple[tuple[Repair, ...], str]:
    """The repairs for a gate, cheapest first, and why; unknown gates follow their subject."""
    if subject in ("score", "audio"):
        fitting = [known for known in _LADDERS if gate == known or gate.startswith(f"{known}_")]
        if fitting:
            steps, why = _LADDERS[max(fitting, key=len)]
            # Nothing is mixed before there is a score.
            kept = tuple(s for s in steps if not (subject == "score" and s == "mix"))
            return kept or _SCORE, why
    return _BY_SUBJECT[subject], f"the {subject} fails as a whole"


def next_repair(
    subject: str, failures: Sequence[GateResult], tried: Sequence[str]
) -> tuple[Repair, str]:
    """The cheapest repair that reaches every failure and was not tried yet, and why in words.

    A repair redoes all that rests on it, so the dearest of what the gates ask for helps the
    others too. When every repair was tried the last one is taken again, with another seed.
    """
    asked = {gate.gate: ladder(subject, gate.gate) for gate in failures}
    if not asked:
        step = _rung(_BY_SUBJECT[subject], tried)
        return step, f"{WORDS[step]}: nothing could be measured"
    steps = {gate: _rung(steps, tried) for gate, (steps, _) in asked.items()}
    dearest = max(steps.values(), key=COST.index)
    deciding = [gate for gate, step in steps.items() if step == dearest]
    reasons = dict.fromkeys(f"{gate.replace('_', ' ')} ({asked[gate][1]})" for gate in deciding)
    again = ", as before with another seed" if dearest in tried else ""
    return dearest, f"{WORDS[dearest]}{again}: {'; '.join(reasons)}"


def _rung(steps: Sequence[Repair], tried: Sequence[str]) -> Repair:
    return next((step for step in steps if step not in tried), steps[-1])
