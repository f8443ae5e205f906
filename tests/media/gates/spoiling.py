"""Ways to spoil a song: garbage that some gate must refuse."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np

from domain.score import Note, Score, Track
from media.sound import Sound
from tests.media.tones import RATE


def clipped(sound: Sound) -> Sound:
    return np.asarray(np.clip(sound * 4.0, -1.0, 1.0), np.float32)


def with_offset(sound: Sound) -> Sound:
    return sound * np.float32(0.9) + np.float32(0.02)


def mono_copy(sound: Sound) -> Sound:
    return np.tile(sound.mean(axis=0), (2, 1)).astype(np.float32)


def out_of_phase(sound: Sound) -> Sound:
    return np.stack([sound[0], -sound[0]])


def with_gap(sound: Sound) -> Sound:
    spoiled = sound.copy()
    spoiled[:, 10 * RATE : 12 * RATE] = 0.0
    return spoiled


def with_long_tail(sound: Sound) -> Sound:
    return np.pad(sound, ((0, 0), (0, 4 * RATE)))


def flattened(sound: Sound) -> Sound:
    """Every second brought to the same level."""
    out = sound[:, : sound.shape[1] // RATE * RATE].copy()
    for first in range(0, out.shape[1], RATE):
        part = out[:, first : first + RATE]
        part *= np.float32(0.15) / max(float(np.sqrt((part**2).mean())), 1e-4)
    return np.asarray(np.clip(out, -0.85, 0.85), np.float32)


def dull(sound: Sound) -> Sound:
    spectrum = np.fft.rfft(sound, axis=1)
    spectrum[:, np.fft.rfftfreq(sound.shape[1], 1 / RATE) > 500] = 0
    return np.fft.irfft(spectrum, sound.shape[1], axis=1).astype(np.float32)


def looped(sound: Sound) -> Sound:
    """One stretch of four seconds over and over: no section differs from another."""
    return np.tile(sound[:, 16 * RATE : 20 * RATE], (1, 8))


def turned(sound: Sound) -> Sound:
    """The song begun seven seconds late and its beginning put at the end."""
    return np.roll(sound, -7 * RATE, axis=1)


def hummed(score: Score, cents: Callable[[int], float] = lambda note: 0.0) -> Sound:
    """The sung notes as a buzzing voice, each some cents off, on the song's time line."""
    voice = np.zeros(int((score.duration_s + 2.0) * RATE))
    notes = score.vocal.notes if score.vocal else ()
    for index in sorted({s.note for line in score.lyrics for s in line.syllables}):
        note = notes[index]
        start = int(score.seconds(note.start) * RATE)
        t = np.arange(int(score.seconds(note.duration) * RATE)) / RATE
        hertz = 440.0 * 2.0 ** ((note.pitch - 69 + cents(index) / 100.0) / 12.0)
        tone = sum(np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, 9))
        fade = np.minimum(1.0, np.minimum(t, t[::-1]) / 0.02)
        voice[start : start + len(t)] += 0.2 * tone * fade
    return voice[None, :].astype(np.float32)


def with_notes(
    score: Score, change: Callable[[Track], tuple[Note, ...]], part: str | None = None
) -> Score:
    """Change the notes of one part, or of all but the drums."""
    tracks = tuple(
        t.model_copy(update={"notes": change(t)})
        if (t.part == part if part else t.part != "drums")
        else t
        for t in score.tracks
    )
    return score.model_copy(update={"tracks": tracks})


def jittered(score: Score) -> Score:
    rng = Random(1)

    def jitter(track: Track) -> tuple[Note, ...]:
        return tuple(
            n.model_copy(update={"pitch": n.pitch + rng.randint(-5, 5)}) for n in track.notes
        )

    return with_notes(score, jitter)


def shuffled(score: Score) -> Score:
    rng = Random(1)

    def shuffle(track: Track) -> tuple[Note, ...]:
        pitches = [n.pitch for n in track.notes]
        rng.shuffle(pitches)
        return tuple(
            n.model_copy(update={"pitch": p}) for n, p in zip(track.notes, pitches, strict=True)
        )

    return with_notes(score, shuffle, "vocal")


def striding(score: Score) -> Score:
    """Every second note a fourth higher."""

    def stride(track: Track) -> tuple[Note, ...]:
        return tuple(
            n.model_copy(update={"pitch": n.pitch + 5 * (i % 2)}) for i, n in enumerate(track.notes)
        )

    return with_notes(score, stride, "vocal")


def jumping(score: Score) -> Score:
    def jump(track: Track) -> tuple[Note, ...]:
        return tuple(
            n.model_copy(update={"pitch": n.pitch + 24 * (i % 2)})
            for i, n in enumerate(track.notes)
        )

    return with_notes(score, jump, "vocal")


def dragged(score: Score) -> Score:
    def drag(track: Track) -> tuple[Note, ...]:
        return tuple(n.model_copy(update={"start": n.start + 0.3}) for n in track.notes)

    return with_notes(score, drag, "vocal")


def with_lost_syllables(score: Score) -> Score:
    lines = tuple(
        line.model_copy(update={"syllables": line.syllables[:-1]}) for line in score.lyrics
    )
    return score.model_copy(update={"lyrics": lines})


def with_jumping_voicings(score: Score) -> Score:
    chords = tuple(
        c.model_copy(update={"voicing": tuple(p + 12 * (i % 2) for p in c.voicing)})
        for i, c in enumerate(score.chords)
    )
    return score.model_copy(update={"chords": chords})


def with_flat_energy(score: Score) -> Score:
    flat = tuple(s.model_copy(update={"energy": 0.5, "energy_end": 0.5}) for s in score.sections)
    return score.model_copy(update={"sections": flat})


def slowed(score: Score) -> Score:
    return score.model_copy(update={"tempo_bpm": 45.0})


def transposed(score: Score, semitones: int = 3) -> Score:
    def move(track: Track) -> tuple[Note, ...]:
        return tuple(n.model_copy(update={"pitch": n.pitch + semitones}) for n in track.notes)

    return with_notes(score, move)
