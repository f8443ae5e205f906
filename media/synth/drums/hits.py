"""One hit of each drum."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.signal import butter, oaconvolve, sosfilt

from domain.genre import DRUMS
from media.sound import Curve, Sound, panned
from media.synth.control import Signal
from media.synth.drums.kits import Kit
from media.synth.modal import ring

FADE_S = 0.004
LOW_KICK_HZ, LOW_KICK_S = 42.0, 0.5
ROOM_S = 0.5
COWBELL_HZ = (562.0, 845.0)
Random = np.random.Generator


def render_hit(kit: Kit, pitch: int, strength: float, take: int, sample_rate_hz: int) -> Sound:
    """One hit in stereo; `take` varies the noise so that repeated hits are not identical."""
    hit, pan = _HITS.get(pitch, (_tom, _tom_pan(pitch)))
    mono = hit(kit, pitch, np.random.default_rng(pitch * 31 + take), sample_rate_hz)
    mono = _faded(mono * strength**1.5, sample_rate_hz)
    sound = panned(mono.astype(np.float32), pan)
    return _with_room(sound, kit.room, sample_rate_hz) if kit.room else sound


def _time(seconds: float, rate: int) -> Curve:
    return np.arange(int(seconds * rate)) / rate


def _noise(rng: Random, low: float, high: float | None, samples: int, rate: int) -> Curve:
    noise = rng.standard_normal(samples)
    if high is None:
        sections = butter(2, low, "highpass", fs=rate, output="sos")
    else:
        sections = butter(2, (low, high), "bandpass", fs=rate, output="sos")
    return np.asarray(sosfilt(sections, noise))


def _faded(curve: Curve, rate: int) -> Curve:
    """Take the last milliseconds to zero, so that no cut clicks."""
    count = min(len(curve), int(FADE_S * rate))
    curve[-count:] *= np.linspace(1.0, 0.0, count)
    return curve


def _with_room(sound: Sound, amount: float, rate: int) -> Sound:
    """The drum in a small room that is part of the kit's sound."""
    samples = sound.shape[1]
    wet = np.stack([oaconvolve(c, r) for c, r in zip(sound, _room(rate), strict=True)])
    wet *= amount
    wet[:, :samples] += sound
    end = int(0.02 * rate)
    wet[:, -end:] *= np.linspace(1.0, 0.0, end)
    return wet.astype(np.float32)


@lru_cache(maxsize=2)
def _room(rate: int) -> Sound:
    rng = np.random.default_rng(909)
    t = _time(ROOM_S, rate)
    low = butter(1, 3500.0, "lowpass", fs=rate, output="sos")
    noise = sosfilt(low, rng.standard_normal((2, len(t)))) * np.exp(-t / 0.09)
    noise[:, : int(0.004 * rate)] = 0.0
    return np.asarray(noise / np.sqrt((noise**2).sum(axis=1, keepdims=True)), dtype=np.float32)


def _kick(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    t = _time(max(0.35, 3.2 * kit.kick_decay_s), rate)
    sweep = kit.kick_hz + kit.kick_sweep_hz * np.exp(-t / kit.kick_sweep_s)
    sweep += 260.0 * np.exp(-t / 0.005)
    body = np.sin(2 * np.pi * np.cumsum(sweep) / rate) * np.exp(-t / kit.kick_decay_s)
    click = kit.click * rng.standard_normal(len(t)) * np.exp(-t / 0.0025)
    return np.asarray(np.tanh(kit.kick_drive * body + click) * 0.85 / np.tanh(kit.kick_drive))


def _low_kick(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    t = _time(3.0 * LOW_KICK_S, rate)
    sweep = LOW_KICK_HZ + 60.0 * np.exp(-t / 0.03)
    body = np.sin(2 * np.pi * np.cumsum(sweep) / rate) * np.exp(-t / LOW_KICK_S)
    return np.asarray(np.tanh(1.3 * body) * 0.8)


def _snare(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    t = _time(max(0.25, 4.0 * kit.snare_decay_s), rate)
    noise = _noise(rng, 900.0, min(9500.0 * kit.bright + 1500.0, 0.45 * rate), len(t), rate)
    gate = np.where(t < kit.gate_s, 1.0, np.exp(-(t - kit.gate_s) / 0.015))
    rise = 1.0 - kit.brush * np.exp(-t / 0.018)
    bend = 0.6 * (1 - np.exp(-t / 0.02))
    body = np.sin(2 * np.pi * (kit.snare_hz * t + bend))
    # A head's second mode lies at about 1.6 times its first.
    body += 0.5 * np.sin(2 * np.pi * (1.59 * kit.snare_hz * t + bend)) * np.exp(-t / 0.05)
    rattle = 0.55 * kit.snap * noise * np.exp(-t / kit.snare_decay_s) * gate * rise
    drum = kit.snare_body * (1.0 - 0.7 * kit.brush) * body * np.exp(-t / 0.085)
    return np.asarray((rattle + drum) * 0.6)


def _rim(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    t = _time(0.08, rate)
    tone = np.sin(2 * np.pi * 1720 * t) + 0.6 * np.sin(2 * np.pi * 845 * t)
    return np.asarray((tone + 0.3 * rng.standard_normal(len(t))) * np.exp(-t / 0.011) * 0.4)


def _clap(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    t = _time(max(0.3, 4 * kit.clap_decay_s), rate)
    noise = _noise(rng, 750.0, 4200.0, len(t), rate)
    shape = np.zeros(len(t))
    for i, onset in enumerate((0.0, 0.011, 0.022, 0.031)):
        decay = kit.clap_decay_s if i == 3 else 0.008
        shape += np.where(t >= onset, np.exp(-np.maximum(0.0, t - onset) / decay), 0.0)
    return np.asarray(noise * shape * 0.7)


def _snap(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    """Two fingers: a short bright ring and a softer one behind it."""
    t = _time(0.22, rate)
    noise = _noise(rng, 1600.0, 5200.0, len(t), rate)
    shape = np.exp(-t / 0.012) + 0.35 * np.where(t > 0.014, np.exp(-(t - 0.014) / 0.035), 0.0)
    return np.asarray(noise * shape * 1.1)


def _cowbell(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    t = _time(0.3, rate)
    tones = np.zeros(len(t))
    for hz in COWBELL_HZ:
        for k in (1, 3, 5, 7):
            tones += np.sin(2 * np.pi * hz * k * t) / k
    return np.asarray(tones * (0.7 * np.exp(-t / 0.018) + 0.3 * np.exp(-t / 0.09)) * 0.3)


def _hat(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    return _metal(kit, rng, 6 * kit.hat_decay_s + 0.03, kit.hat_decay_s, kit.hat_low_hz, 0.36, rate)


def _open(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    return _metal(kit, rng, 4 * kit.open_decay_s, kit.open_decay_s, kit.hat_low_hz * 0.93, 0.33,
                  rate)  # fmt: skip


def _crash(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    return _metal(kit, rng, 2.2, 0.55, 3800.0, 0.34, rate)


def _ride(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    ping = ring(np.array([3150.0, 4420.0, 5710.0]), np.array([1.6, 1.1, 0.8]),
                np.array([0.10, 0.08, 0.06]), np.zeros(3), int(1.2 * rate), rate)  # fmt: skip
    return _metal(kit, rng, 1.2, 0.34, 5200.0, 0.26, rate) + ping


def _tambourine(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    return _metal(kit, rng, 0.24, 0.06, 6800.0, 0.32, rate)


def _metal(
    kit: Kit, rng: Random, seconds: float, decay_s: float, low_hz: float, level: float, rate: int
) -> Curve:
    """A cymbal: noise and a crowd of high partials that belong to no pitch."""
    samples = int(seconds * rate)
    t = _time(seconds, rate)[:samples]
    noise = _noise(rng, low_hz, None, samples, rate) * np.exp(-t / decay_s)
    partials = _partials(low_hz, decay_s, samples, rate)
    return np.asarray((0.55 * noise + kit.metal * partials) * level * kit.bright)


@lru_cache(maxsize=24)
def _partials(low_hz: float, decay_s: float, samples: int, rate: int) -> Signal:
    rng = np.random.default_rng(int(low_hz))
    count = 60
    hertz = np.exp(rng.uniform(np.log(low_hz * 0.7), np.log(15_000.0), count))
    # Damping of a cymbal grows with frequency.
    times = 6.9 * decay_s * (8000.0 / hertz) ** 0.5
    return ring(hertz, times, np.full(count, 0.16), rng.uniform(0, 1, count), samples, rate)


def _shaker(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    t = _time(0.12, rate)
    noise = _noise(rng, 5200.0, 12_000.0, len(t), rate)
    return np.asarray(noise * np.sin(np.pi * np.minimum(1.0, t / 0.09)) ** 2 * 0.22)


def _tom(kit: Kit, pitch: int, rng: Random, rate: int) -> Curve:
    t = _time(max(0.4, 3.0 * kit.tom_decay_s), rate)
    base = kit.tom_hz * 2.0 ** ((pitch - DRUMS["low_tom"]) / 7.0)
    body = np.sin(2 * np.pi * np.cumsum(base * (1 + 0.6 * np.exp(-t / 0.04))) / rate)
    skin = 0.15 * rng.standard_normal(len(t)) * np.exp(-t / 0.008)
    return np.asarray((body * np.exp(-t / kit.tom_decay_s) + skin) * 0.8)


def _tom_pan(pitch: int) -> float:
    return 0.35 if pitch >= DRUMS["high_tom"] else -0.35


Hit = Callable[[Kit, int, Random, int], Curve]
_HITS: dict[int, tuple[Hit, float]] = {
    DRUMS["kick"]: (_kick, 0.0),
    DRUMS["low_kick"]: (_low_kick, 0.0),
    DRUMS["snare"]: (_snare, 0.0),
    DRUMS["rim"]: (_rim, -0.1),
    DRUMS["clap"]: (_clap, 0.12),
    DRUMS["snap"]: (_snap, -0.15),
    DRUMS["cowbell"]: (_cowbell, 0.25),
    DRUMS["hat"]: (_hat, 0.22),
    DRUMS["open"]: (_open, 0.22),
    DRUMS["crash"]: (_crash, -0.25),
    DRUMS["ride"]: (_ride, 0.3),
    DRUMS["tambourine"]: (_tambourine, -0.25),
    DRUMS["shaker"]: (_shaker, -0.3),
}
