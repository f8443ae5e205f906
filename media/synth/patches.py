"""Patches: the numbers that make one oscillator stack a bass and another a pad."""

from __future__ import annotations

from dataclasses import dataclass, field

from media.synth.wavetable import Wave


@dataclass(frozen=True)
class Layer:
    """One oscillator of a patch."""

    wave: Wave = "saw"
    cents: float = 0.0
    octave: int = 0
    level: float = 1.0
    pan: float = 0.0


@dataclass(frozen=True)
class Envelope:
    """Attack, decay, sustain, release; seconds and a level."""

    attack_s: float = 0.005
    decay_s: float = 0.2
    sustain: float = 0.7
    release_s: float = 0.15


@dataclass(frozen=True)
class Patch:
    """A synth sound: layers, loudness envelope, and a filter that velocity opens."""

    layers: tuple[Layer, ...]
    envelope: Envelope = field(default_factory=Envelope)
    cutoff_hz: float = 1200.0
    cutoff_sweep_hz: float = 2000.0
    sweep_s: float = 0.2
    resonance: float = 0.0
    vibrato_cents: float = 0.0
    fm_ratio: float = 0.0
    fm_index: float = 0.0
    level: float = 0.3


def _spread(
    wave: Wave, cents: tuple[float, ...], width: float, octave: int = 0
) -> tuple[Layer, ...]:
    last = max(1, len(cents) - 1)
    return tuple(
        Layer(wave, c, octave, 1.0 / len(cents) ** 0.5, width * (2.0 * i / last - 1.0))
        for i, c in enumerate(cents)
    )


PATCHES: dict[str, Patch] = {
    "saw_bass": Patch(
        (Layer("saw", -4), Layer("saw", 5, level=0.7), Layer("sine", level=0.7)),
        Envelope(0.003, 0.25, 0.6, 0.06), 220, 2000, 0.12, 0.3, level=0.4,
    ),
    "square_bass": Patch(
        (Layer("square"), Layer("saw", 6, level=0.4), Layer("sine", level=0.6)),
        Envelope(0.003, 0.3, 0.55, 0.06), 200, 1500, 0.16, 0.4, level=0.4,
    ),
    "sub_bass": Patch(
        (Layer("sine"), Layer("triangle", level=0.6)),
        Envelope(0.008, 0.5, 0.75, 0.1), 300, 500, 0.2, level=0.5,
    ),
    "warm_pad": Patch(
        _spread("saw", (-9, -3, 4, 10), 0.85),
        Envelope(0.35, 1.5, 0.8, 0.9), 700, 900, -1.2, level=0.2,
    ),
    "glass_pad": Patch(
        (*_spread("triangle", (-6, 5), 0.8), *_spread("pulse", (-3, 4), 0.5, octave=1)),
        Envelope(0.25, 2.0, 0.7, 1.0), 1000, 1600, -0.9, level=0.2,
    ),
    "string_machine": Patch(
        (*_spread("saw", (-7, 0, 8), 0.8), Layer("saw", 3, 1, 0.4)),
        Envelope(0.18, 1.0, 0.85, 0.6), 1400, 1200, -0.8, level=0.18,
    ),
    "pluck": Patch(
        _spread("saw", (-4, 4), 0.5),
        Envelope(0.002, 0.16, 0.12, 0.25), 450, 3600, 0.07, 0.4, level=0.3,
    ),
    "pulse_arp": Patch(
        _spread("pulse", (-3, 3), 0.4),
        Envelope(0.002, 0.2, 0.2, 0.18), 600, 3200, 0.1, 0.25, level=0.3,
    ),
    "fm_bell": Patch(
        (Layer("sine"),),
        Envelope(0.002, 0.7, 0.06, 0.6), 16000, 0, fm_ratio=3.5, fm_index=1.6, level=0.35,
    ),
    "brass_stab": Patch(
        _spread("saw", (-8, -2, 3, 8), 0.7),
        Envelope(0.006, 0.25, 0.4, 0.2), 800, 4200, 0.2, 0.15, level=0.25,
    ),
    "saw_lead": Patch(
        _spread("saw", (-6, 0, 6), 0.4),
        Envelope(0.012, 0.4, 0.75, 0.18), 1700, 2800, 0.4, 0.2, 9, level=0.3,
    ),
    "square_lead": Patch(
        (*_spread("square", (-4, 4), 0.3), Layer("sine", 0, -1, 0.3)),
        Envelope(0.015, 0.4, 0.75, 0.16), 1300, 2400, 0.35, 0.2, 10, level=0.3,
    ),
    "soft_lead": Patch(
        (*_spread("triangle", (-4, 4), 0.3), Layer("saw", 0, 0, 0.25)),
        Envelope(0.03, 0.5, 0.8, 0.25), 1200, 1600, 0.5, 0.0, 11, level=0.35,
    ),
}  # fmt: skip
