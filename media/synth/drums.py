"""Synthesised drum kits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfilt

from domain.genre import DRUMS
from media.sound import Curve, Sound, panned

_METAL_HZ = (317.0, 465.0, 541.0, 712.0, 1047.0, 1320.0)


@dataclass(frozen=True)
class Kit:
    """How a kit is tuned."""

    kick_hz: float
    kick_decay_s: float
    click: float
    snare_hz: float
    snare_decay_s: float
    gate_s: float
    snap: float
    bright: float


KITS: dict[str, Kit] = {
    "retro_kit": Kit(47, 0.13, 0.35, 185, 0.13, 0.30, 1.0, 1.0),
    "gated_kit": Kit(44, 0.16, 0.3, 170, 0.28, 0.26, 1.2, 0.9),
    "dusty_kit": Kit(52, 0.11, 0.15, 195, 0.09, 0.25, 0.7, 0.6),
}


def render_hit(kit: Kit, pitch: int, strength: float, take: int, sample_rate_hz: int) -> Sound:
    """One hit in stereo; `take` varies the noise so that repeated hits are not identical."""
    hit = _HITS.get(pitch, _tom)
    # Harder hits are brighter as well as louder, as on a real drum.
    mono, pan = hit(kit, pitch, np.random.default_rng(pitch * 31 + take), sample_rate_hz)
    return panned((mono * strength**1.5).astype(np.float32), pan)


Hit = tuple[Curve, float]


def _time(seconds: float, rate: int) -> Curve:
    return np.arange(int(seconds * rate)) / rate


def _band(noise: Curve, low: float, high: float | None, rate: int) -> Curve:
    if high is None:
        sections = butter(2, low, "highpass", fs=rate, output="sos")
    else:
        sections = butter(2, (low, high), "bandpass", fs=rate, output="sos")
    return np.asarray(sosfilt(sections, noise))


def _fade(curve: Curve, rate: int) -> Curve:
    """Take the last milliseconds to zero, so that no cut clicks."""
    count = min(len(curve), int(0.004 * rate))
    curve[-count:] *= np.linspace(1.0, 0.0, count)
    return curve


def _kick(kit: Kit, pitch: int, rng: np.random.Generator, rate: int) -> Hit:
    t = _time(0.4, rate)
    sweep = kit.kick_hz + 140.0 * np.exp(-t / 0.028) + 260.0 * np.exp(-t / 0.006)
    body = np.sin(2 * np.pi * np.cumsum(sweep) / rate) * np.exp(-t / kit.kick_decay_s)
    click = kit.click * rng.standard_normal(len(t)) * np.exp(-t / 0.0025)
    return _fade(np.tanh(1.5 * body + click) * 0.85, rate), 0.0


def _snare(kit: Kit, pitch: int, rng: np.random.Generator, rate: int) -> Hit:
    t = _time(0.5, rate)
    noise = _band(rng.standard_normal(len(t)), 900.0, 9500.0 * kit.bright + 1500.0, rate)
    gate = np.where(t < kit.gate_s, 1.0, np.exp(-(t - kit.gate_s) / 0.015))
    body = np.sin(2 * np.pi * (kit.snare_hz * t + 3.0 * (1 - np.exp(-t / 0.02)) * 0.2))
    rattle = 0.55 * kit.snap * noise * np.exp(-t / kit.snare_decay_s) * gate
    return _fade((rattle + 0.7 * body * np.exp(-t / 0.085)) * 0.62, rate), 0.0


def _rim(kit: Kit, pitch: int, rng: np.random.Generator, rate: int) -> Hit:
    t = _time(0.08, rate)
    tone = np.sin(2 * np.pi * 1720 * t) + 0.6 * np.sin(2 * np.pi * 845 * t)
    return _fade((tone + 0.3 * rng.standard_normal(len(t))) * np.exp(-t / 0.011) * 0.4, rate), -0.1


def _clap(kit: Kit, pitch: int, rng: np.random.Generator, rate: int) -> Hit:
    t = _time(0.3, rate)
    noise = _band(rng.standard_normal(len(t)), 700.0, 3800.0, rate)
    shape = np.zeros(len(t))
    for i, onset in enumerate((0.0, 0.011, 0.022, 0.031)):
        decay = 0.09 if i == 3 else 0.008
        shape += np.where(t >= onset, np.exp(-np.maximum(0.0, t - onset) / decay), 0.0)
    return _fade(noise * shape * 0.7, rate), 0.12


def _cymbal(
    seconds: float, decay: float, low_hz: float, level: float, pan: float
) -> Callable[..., Hit]:
    def hit(kit: Kit, pitch: int, rng: np.random.Generator, rate: int) -> Hit:
        t = _time(seconds, rate)
        noise = _band(rng.standard_normal(len(t)), low_hz, None, rate)
        tones = [np.sin(2 * np.pi * f * 7.3 * t + rng.uniform(0, 6)) for f in _METAL_HZ]
        metal = np.where(np.sum(tones, axis=0) > 0, 1.0, -1.0) * 0.35
        metal = _band(metal, max(6000.0, low_hz), 14_500.0, rate)
        return _fade(
            (noise * 0.5 + metal * 0.4) * np.exp(-t / decay) * level * kit.bright, rate
        ), pan

    return hit


def _shaker(kit: Kit, pitch: int, rng: np.random.Generator, rate: int) -> Hit:
    t = _time(0.12, rate)
    noise = _band(rng.standard_normal(len(t)), 5200.0, 12_000.0, rate)
    return _fade(noise * np.sin(np.pi * np.minimum(1.0, t / 0.09)) ** 2 * 0.35, rate), -0.3


def _tom(kit: Kit, pitch: int, rng: np.random.Generator, rate: int) -> Hit:
    t = _time(0.4, rate)
    base = 95.0 * 2.0 ** ((pitch - DRUMS["low_tom"]) / 7.0)
    body = np.sin(2 * np.pi * np.cumsum(base * (1 + 0.6 * np.exp(-t / 0.04))) / rate)
    skin = 0.15 * rng.standard_normal(len(t)) * np.exp(-t / 0.008)
    pan = 0.35 if pitch >= DRUMS["high_tom"] else -0.35
    return _fade((body * np.exp(-t / 0.16) + skin) * 0.8, rate), pan


_HITS: dict[int, Callable[..., Hit]] = {
    DRUMS["kick"]: _kick,
    DRUMS["snare"]: _snare,
    DRUMS["rim"]: _rim,
    DRUMS["clap"]: _clap,
    DRUMS["hat"]: _cymbal(0.12, 0.024, 7000.0, 0.5, 0.22),
    DRUMS["open"]: _cymbal(0.5, 0.13, 6500.0, 0.45, 0.22),
    DRUMS["crash"]: _cymbal(1.8, 0.5, 4200.0, 0.55, -0.25),
    DRUMS["ride"]: _cymbal(1.0, 0.32, 5500.0, 0.32, 0.3),
    DRUMS["tambourine"]: _cymbal(0.22, 0.06, 6800.0, 0.4, -0.25),
    DRUMS["shaker"]: _shaker,
}
