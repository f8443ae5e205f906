"""Mood and wishes move the music one way, over many seeds, and say so in the log."""

from collections.abc import Callable
from functools import lru_cache
from statistics import mean

import pytest

from domain.score import BriefOverrides, MoodPoint, Score
from media.compose import compose
from media.compose.arrange.timbre import brightness
from media.theory import BRIGHTNESS
from packs import load_pack
from tests.media.songs import full_brief

PACK_ID = "indie-folk"
PACK = load_pack(PACK_ID)
SEEDS = range(12)
LEVELS = (-1.0, 0.0, 1.0)
Measure = Callable[[Score], float]


def _tempo(score: Score) -> float:
    return score.tempo_bpm


def _mode(score: Score) -> float:
    return BRIGHTNESS[score.mode]


def _register(score: Score) -> float:
    """Mean sung pitch, counted from the tonic's own place so that keys do not matter."""
    assert score.vocal is not None
    return mean(n.pitch for n in score.vocal.notes)


def _density(score: Score) -> float:
    return sum(len(t.notes) for t in score.tracks if t.part != "vocal") / score.beats


def _timbre(score: Score) -> float:
    voices = {v.id: v for role in PACK.roles.values() for v in role.voices}
    return mean(brightness(voices[t.voice]) for t in score.tracks if t.part != "drums")


@lru_cache(maxsize=16)
def _songs(mood: MoodPoint) -> tuple[Score, ...]:
    return tuple(compose(full_brief(PACK_ID, seed, mood), PACK) for seed in SEEDS)


@pytest.mark.parametrize(
    ("axis", "measure"),
    [
        ("arousal", _tempo),
        ("valence", _mode),
        ("dominance", _register),
        ("arousal", _density),
        ("arousal", _timbre),
    ],
)
def test_mood_moves_music_steadily(axis: str, measure: Measure) -> None:
    low, middle, high = (
        mean(measure(song) for song in _songs(MoodPoint(**{axis: level}))) for level in LEVELS
    )
    assert low < middle < high


def test_wished_energy_fills_the_texture() -> None:
    def notes(energy: float) -> float:
        wish = BriefOverrides(energy=energy)
        plain = [full_brief(PACK_ID, seed) for seed in SEEDS[:6]]
        briefs = [brief.model_copy(update={"overrides": wish}) for brief in plain]
        return mean(_density(compose(brief, PACK)) for brief in briefs)

    assert notes(-1.0) < notes(0.0) < notes(1.0)


def test_each_movement_is_logged_with_its_reason() -> None:
    mood = MoodPoint(valence=0.4, arousal=0.8, dominance=-0.6)
    log = {c.name: c.reason for c in compose(full_brief(PACK_ID, 3, mood), PACK).choices}
    assert "arousal +0.80" in log["tempo"]
    assert "valence +0.40" in log["mode"]
    assert "dominance -0.60" in log["register"]
    assert "arousal +0.80" in log["energy"]
    assert "arousal +0.80" in log["groove"]
    assert any("by their density" in r for name, r in log.items() if name.startswith("pattern:"))
    assert any("bright instruments" in r for name, r in log.items() if name.startswith("voice:"))
