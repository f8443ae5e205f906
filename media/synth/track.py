"""Render a whole track with the synthesiser."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from domain.errors import InvalidInput
from domain.genre import DRUMS
from domain.score import Note, Track
from media.sound import Sound, silence
from media.synth.bank import PATCHES
from media.synth.drums import KITS, render_hit
from media.synth.patch import Patch, Sub
from media.synth.voice import render_note

STRENGTHS = 12
LENGTHS_PER_S = 40
TAKES = 4
CACHED_NOTES = 128
CHOKE_S = 0.012
# A gliding bass slides into a note that begins where the one before it ends.
SLUR_BEATS = 0.15
_OPEN, _CLOSED = DRUMS["open"], DRUMS["hat"]


def render_track(track: Track, tempo_bpm: float, samples: int, sample_rate_hz: int) -> Sound:
    """Sum the notes of a track; equal notes are rendered once.

    Length and strength are rounded a little, so that repeated notes share their rendering; the
    loudness stays exact.
    """
    out = silence(samples)
    if track.patch in KITS:
        _drums(track, tempo_bpm, out, sample_rate_hz)
        return out
    patch = PATCHES.get(track.patch)
    if patch is None:
        raise InvalidInput(
            f"there is no synth patch {track.patch!r}",
            field="patch",
            remedy=f"use one of {', '.join((*PATCHES, *KITS))}",
        )
    if isinstance(patch, Sub):
        _gliding(patch, track.notes, tempo_bpm, out, sample_rate_hz)
    else:
        _notes(patch, track.notes, tempo_bpm, out, sample_rate_hz)
    return out


def _strength(velocity: int) -> tuple[int, np.float32]:
    """The strength a note is rendered with, and what is missing from it to be exact."""
    exact = velocity / 127 * STRENGTHS
    step = max(1, round(exact))
    return step, np.float32((exact / step) ** 1.3)


def _held(seconds: float) -> int:
    return max(1, round(seconds * LENGTHS_PER_S))


def _add(out: Sound, sound: Sound, first: int, level: np.float32) -> None:
    count = min(sound.shape[1], out.shape[1] - first)
    if count > 0:
        out[:, first : first + count] += level * sound[:, :count]


def _notes(
    patch: Patch, notes: Sequence[Note], tempo_bpm: float, out: Sound, sample_rate_hz: int
) -> None:
    beat_s = 60.0 / tempo_bpm

    @lru_cache(maxsize=CACHED_NOTES)
    def rendered(pitch: int, held: int, strength: int) -> Sound:
        return render_note(patch, pitch, held / LENGTHS_PER_S, strength / STRENGTHS, sample_rate_hz)

    for note in notes:
        strength, level = _strength(note.velocity)
        sound = rendered(note.pitch, _held(note.duration * beat_s), strength)
        _add(out, sound, round(note.start * beat_s * sample_rate_hz), level)


def _gliding(
    patch: Sub, notes: Sequence[Note], tempo_bpm: float, out: Sound, sample_rate_hz: int
) -> None:
    """One note at a time: each rings until the next, and slides where the two touch."""
    beat_s = 60.0 / tempo_bpm
    ordered = sorted(notes, key=lambda n: n.start)
    before: Note | None = None
    for note, after in zip(ordered, [*ordered[1:], None], strict=True):
        ends = after.start if after else note.start + patch.ring_s / beat_s
        held = max(0.05, min(max(note.duration, 0.5 * (ends - note.start)), ends - note.start))
        slurred = before is not None and note.start - (before.start + before.duration) < SLUR_BEATS
        origin = before.pitch if before and slurred and before.pitch != note.pitch else None
        strength, level = _strength(note.velocity)
        sound = render_note(
            patch, note.pitch, held * beat_s, strength / STRENGTHS, sample_rate_hz, origin
        )
        _add(out, sound, round(note.start * beat_s * sample_rate_hz), level)
        before = note


def _drums(track: Track, tempo_bpm: float, out: Sound, sample_rate_hz: int) -> None:
    kit = KITS[track.patch]
    per_beat = 60.0 / tempo_bpm * sample_rate_hz
    closings = np.array(sorted(n.start for n in track.notes if n.pitch == _CLOSED))

    @lru_cache(maxsize=CACHED_NOTES)
    def rendered(pitch: int, strength: int, take: int) -> Sound:
        return render_hit(kit, pitch, strength / STRENGTHS, take, sample_rate_hz)

    for index, note in enumerate(track.notes):
        strength, level = _strength(note.velocity)
        sound = rendered(note.pitch, strength, index % TAKES)
        if note.pitch == _OPEN:
            after = closings[np.searchsorted(closings, note.start, side="right") :][:1]
            sound = _choked(sound, [round((c - note.start) * per_beat) for c in after],
                            sample_rate_hz)  # fmt: skip
        _add(out, sound, round(note.start * per_beat), level)


def _choked(sound: Sound, at: Sequence[int], sample_rate_hz: int) -> Sound:
    """An open hi-hat ends when the closed one is struck."""
    if not at or at[0] >= sound.shape[1]:
        return sound
    fade = int(CHOKE_S * sample_rate_hz)
    cut = sound[:, : at[0] + fade].copy()
    count = min(fade, cut.shape[1])
    cut[:, cut.shape[1] - count :] *= np.linspace(1.0, 0.0, count, dtype=np.float32)
    return cut
