"""What a person's words ask of the sound, as far as code understands them: no model, pure."""

from __future__ import annotations

import re

from domain.score import BriefOverrides

FASTER_SHARE, ENERGY_STEP = 0.1, 0.3
_SLOWER = re.compile(r"\bslow(?:er|ly)?\b|\btoo fast\b|\bless fast\b", re.I)
_FASTER = re.compile(r"\bfast(?:er)?\b|\btoo slow\b|\bquicker\b|\bdrags?\b", re.I)
_CALMER = re.compile(r"\bcalm(?:er)?\b|\bquiet(?:er)?\b|\btoo (?:busy|loud|much)\b", re.I)
_LIVELIER = re.compile(r"\b(?:more|higher) energy\b|\blivel(?:y|ier)\b|\btoo (?:dull|tame)\b", re.I)
# In the order of the takes that a mix goes through; see `media.remix`.
_TASTES = (
    re.compile(r"\bvoice|\bvocal|\bsing|\bunderst", re.I),
    re.compile(r"\bwid(?:e|er)\b|\bnarrow|\bspace|\bstereo\b|\bmono\b", re.I),
    re.compile(r"\bdrum|\bpunch|\bdry\b|\bdrier\b|\bmud|\breverb|\bwash", re.I),
    re.compile(r"\bharsh|\bsoft|\bshrill|\bsharp|\btiring\b|\btoo (?:loud|bright)\b", re.I),
)


def mix_asked(said: str, used: int) -> int:
    """The next mix behind the one used: of the taste that the words name, else simply the next."""
    wanted = next((n for n, taste in enumerate(_TASTES) if taste.search(said)), None)
    if wanted is None:
        return used + 1
    return next(t for t in range(used + 1, used + 1 + len(_TASTES)) if (t - 1) % 4 == wanted)


def sound_asked(
    fixed: BriefOverrides, said: str, *, before_bpm: float, tempo_bpm: tuple[float, float]
) -> BriefOverrides:
    """What is fixed for another score where the words ask for its speed or its energy.

    The tempo stays within the artist's range; what nobody spoke of is left open.
    """
    changes: dict[str, float] = {}
    slower, faster = _SLOWER.search(said), _FASTER.search(said)
    if "too fast" in said.casefold() or (slower and "too slow" not in said.casefold()):
        changes["tempo_bpm"] = before_bpm * (1 - FASTER_SHARE)
    elif faster or slower:
        changes["tempo_bpm"] = before_bpm * (1 + FASTER_SHARE)
    if "tempo_bpm" in changes:
        low, high = tempo_bpm
        changes["tempo_bpm"] = round(min(high, max(low, changes["tempo_bpm"])), 1)
    step = ENERGY_STEP * (bool(_LIVELIER.search(said)) - bool(_CALMER.search(said)))
    if step:
        changes["energy"] = max(-1.0, min(1.0, (fixed.energy or 0.0) + step))
    return fixed.model_copy(update=changes)
