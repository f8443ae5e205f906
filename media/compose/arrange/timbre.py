"""How bright an instrument sounds, so that moods can lean to dark or bright ones."""

from __future__ import annotations

import math

from domain.genre import Voice
from domain.score import MoodPoint

MOOD_PULL = 1.4
_WORDS = {
    "soft": -0.5, "warm": -0.5, "felt": -0.5, "sub": -0.6, "dusty": -0.4, "muted": -0.4,
    "nylon": -0.3, "upright": -0.3, "cello": -0.4, "jazz": -0.3, "brush": -0.3, "choir": -0.2,
    "deep": -0.5, "dark": -0.6, "slow": -0.3, "pad": -0.2, "fretless": -0.3, "mellow": -0.5,
    "bright": 0.6, "bell": 0.6, "glass": 0.5, "saw": 0.5, "pluck": 0.3, "brass": 0.5,
    "steel": 0.3, "banjo": 0.5, "celesta": 0.5, "square": 0.2, "pulse": 0.3, "crystal": 0.6,
    "distort": 0.7, "overdrive": 0.6, "lead": 0.2, "gated": 0.2, "super": 0.4, "flute": 0.2,
}  # fmt: skip
# General MIDI families of eight programs, from pianos to effects.
_FAMILIES = (
    0.1, 0.4, 0.0, 0.0, -0.2, 0.1, 0.0, 0.3, 0.0, 0.3, 0.4, -0.2, 0.2, 0.2, 0.2, 0.0,
)  # fmt: skip


def brightness(voice: Voice) -> float:
    """From -1 (dark) to 1 (bright), read off the names of voice and patch, or its family."""
    name = f"{voice.id} {voice.patch}"
    found = [value for word, value in _WORDS.items() if word in name]
    if not found:
        return _FAMILIES[voice.program // 8]
    return max(-1.0, min(1.0, sum(found)))


def mood_factor(voice: Voice, mood: MoodPoint) -> float:
    """Weight factor of a voice: aroused and glad moods like it bright, the others dark."""
    return math.exp(MOOD_PULL * tone_of(mood) * brightness(voice))


def tone_of(mood: MoodPoint) -> float:
    """How bright a mood wants instruments to be, -1 to 1."""
    return 0.6 * mood.arousal + 0.4 * mood.valence
