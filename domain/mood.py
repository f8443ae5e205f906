"""Mood after Russell and Mehrabian: valence, arousal and dominance, each from -1 to 1."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Axis = Annotated[float, Field(ge=-1, le=1)]
HALF_LIFE_HOURS = 36.0
CAUSES_KEPT = 8


class MoodCause(BaseModel):
    """Something that moved the mood, in words the artist could say."""

    model_config = ConfigDict(frozen=True)

    what: str
    valence: Axis = 0.0
    arousal: Axis = 0.0
    dominance: Axis = 0.0
    at: AwareDatetime


class Mood(BaseModel):
    """How the artist feels, where it comes to rest, and why it is not there."""

    model_config = ConfigDict(frozen=True)

    valence: Axis = 0.0
    arousal: Axis = 0.0
    dominance: Axis = 0.0
    rest_valence: Axis = 0.0
    rest_arousal: Axis = 0.0
    rest_dominance: Axis = 0.0
    at: AwareDatetime
    causes: tuple[MoodCause, ...] = ()

    def decayed(self, now: datetime) -> Mood:
        """Move towards rest by half every `HALF_LIFE_HOURS`."""
        hours = max(0.0, (now - self.at).total_seconds() / 3600)
        keep = 0.5 ** (hours / HALF_LIFE_HOURS)
        return self.model_copy(
            update={
                "valence": _towards(self.valence, self.rest_valence, keep),
                "arousal": _towards(self.arousal, self.rest_arousal, keep),
                "dominance": _towards(self.dominance, self.rest_dominance, keep),
                "at": max(now, self.at),
            }
        )

    def moved(self, cause: MoodCause) -> Mood:
        """Decay to the cause's time, then add its push, kept inside -1 to 1."""
        now = self.decayed(cause.at)
        return now.model_copy(
            update={
                "valence": _clip(now.valence + cause.valence),
                "arousal": _clip(now.arousal + cause.arousal),
                "dominance": _clip(now.dominance + cause.dominance),
                "causes": (*now.causes, cause)[-CAUSES_KEPT:],
            }
        )

    def word(self) -> str:
        """Name the octant, for prompts and pages."""
        if abs(self.valence) < 0.15 and abs(self.arousal) < 0.15:
            return "even"
        if self.valence >= 0:
            return "elated" if self.arousal >= 0 else "content"
        if self.arousal >= 0:
            return "defiant" if self.dominance >= 0 else "anxious"
        return "pensive" if self.dominance >= 0 else "low"


def _clip(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _towards(value: float, rest: float, keep: float) -> float:
    return _clip(rest + (value - rest) * keep)
