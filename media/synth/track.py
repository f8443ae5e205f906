"""Render a whole track with the synthesiser."""

from __future__ import annotations

from functools import lru_cache

from domain.errors import InvalidInput
from domain.score import Track
from media.sound import Sound, silence
from media.synth.drums import KITS, render_hit
from media.synth.patches import PATCHES
from media.synth.voice import render_note

STRENGTHS = 24
LENGTHS_PER_S = 40
TAKES = 4


def render_track(track: Track, tempo_bpm: float, samples: int, sample_rate_hz: int) -> Sound:
    """Sum the notes of a track; equal notes are rendered once.

    Length and strength are rounded a little, so that repeated notes share their rendering.
    """
    if track.patch not in PATCHES and track.patch not in KITS:
        raise InvalidInput(
            f"there is no synth patch {track.patch!r}",
            field="patch",
            remedy=f"use one of {', '.join((*PATCHES, *KITS))}",
        )
    cached = lru_cache(maxsize=192)(_render)
    out = silence(samples)
    for index, note in enumerate(track.notes):
        first = round(note.start * 60.0 / tempo_bpm * sample_rate_hz)
        strength = max(1, round(note.velocity / 127 * STRENGTHS))
        held = max(1, round(note.duration * 60.0 / tempo_bpm * LENGTHS_PER_S))
        sound = cached(track.patch, note.pitch, held, strength, index % TAKES, sample_rate_hz)
        count = min(sound.shape[1], samples - first)
        if count > 0:
            out[:, first : first + count] += sound[:, :count]
    return out


def _render(
    patch: str, pitch: int, held: int, strength: int, take: int, sample_rate_hz: int
) -> Sound:
    force = strength / STRENGTHS
    if patch in KITS:
        return render_hit(KITS[patch], pitch, force, take, sample_rate_hz)
    return render_note(PATCHES[patch], pitch, held / LENGTHS_PER_S, force, sample_rate_hz)
