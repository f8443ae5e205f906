"""The mix: stems in, one balanced stereo bus out, one stem in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

import numpy as np
from scipy.ndimage import uniform_filter1d

from domain.genre import DRUMS, GenrePack, Role
from domain.score import Score, Track
from media.effects.chain import Context, run_chain
from media.effects.eq import highpass, lowpass
from media.effects.reverb import impulse, reverb
from media.effects.sidechain import automate, duck_curve
from media.loudness import SILENT_LUFS, measure
from media.sound import Curve, Sound, gain, silence

SEND_HIGHPASS_HZ = 220.0
AUTOMATION_SMOOTHING_S = 0.35


def mix(
    score: Score, pack: GenrePack, stems: Iterable[tuple[Track, Sound]], samples: int,
    sample_rate_hz: int,
) -> Sound:  # fmt: skip
    """Balance the stems by their loudness, place them in a room, and follow the energy curve."""
    bus, send = silence(samples), silence(samples)
    kicks = _kick_times(score)
    for track, stem in stems:
        role = pack.roles[track.role]
        placed = channel_strip(score, role, track, stem, sample_rate_hz)
        if role.duck_db and kicks:
            curve = duck_curve(samples, sample_rate_hz, kicks, depth_db=role.duck_db)
            placed = automate(placed, curve)
        bus += placed
        if role.reverb_send:
            send += np.float32(role.reverb_send) * placed
    bus += gain_of(pack) * _room(send, pack, score.seed, sample_rate_hz)
    return automate(bus, energy_curve(score, pack, samples, sample_rate_hz))


def gain_of(pack: GenrePack) -> np.float32:
    """Level of the reverb return."""
    return np.float32(pack.mix.reverb_level)


def channel_strip(
    score: Score, role: Role, track: Track, stem: Sound, sample_rate_hz: int
) -> Sound:
    """Effects, loudness and place of one stem."""
    seed = crc32(f"{score.seed}:{track.role}".encode())
    shaped = run_chain(stem, role.effects, Context(sample_rate_hz, score.tempo_bpm, seed))
    loudness = measure(shaped, sample_rate_hz).integrated_lufs
    if loudness <= SILENT_LUFS:
        return shaped
    return balance(shaped * gain(role.level_lufs - loudness), role.pan)


def balance(sound: Sound, position: float) -> Sound:
    """Turn down the far channel of a stereo sound; -1 is left, 1 is right."""
    left = np.sqrt(1.0 - max(0.0, position))
    right = np.sqrt(1.0 + min(0.0, position))
    return sound * np.array([[left], [right]], dtype=np.float32)


def _kick_times(score: Score) -> list[float]:
    return [
        score.seconds(note.start)
        for track in score.tracks
        if track.part == "drums"
        for note in track.notes
        if note.pitch == DRUMS["kick"]
    ]


def _room(send: Sound, pack: GenrePack, seed: int, sample_rate_hz: int) -> Sound:
    room = impulse(
        sample_rate_hz, decay_s=pack.mix.reverb_s, damping_hz=pack.mix.reverb_damping_hz,
        seed=seed % 2**32,
    )  # fmt: skip
    wet = reverb(highpass(send, sample_rate_hz, hz=SEND_HIGHPASS_HZ), room)
    return lowpass(wet, sample_rate_hz, hz=9000.0)


def energy_curve(score: Score, pack: GenrePack, samples: int, sample_rate_hz: int) -> Curve:
    """Gain over time from the energies of the sections, full energy being 0 dB."""
    points = [
        (score.seconds(beat), energy)
        for section in score.sections
        for beat, energy in (
            (section.start, section.energy), (section.end - 0.01, section.energy_end)
        )
    ]  # fmt: skip
    times = [time for time, _ in points]
    levels = [(energy - 1.0) * pack.mix.dynamic_range_db for _, energy in points]
    # A value every ten milliseconds is smooth enough to interpolate.
    grid = np.arange(0.0, samples / sample_rate_hz + 0.02, 0.01)
    smooth = uniform_filter1d(np.interp(grid, times, levels), int(AUTOMATION_SMOOTHING_S / 0.01))
    at = np.arange(samples) / sample_rate_hz
    return np.asarray(10.0 ** (np.interp(at, grid, smooth) / 20.0))
