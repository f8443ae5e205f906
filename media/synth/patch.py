"""What a patch is: one class per kind of synthesis, all of them plain numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from media.synth.wavetable import Wave


@dataclass(frozen=True)
class Envelope:
    """Attack, decay, sustain, release; seconds and a level."""

    attack_s: float = 0.005
    decay_s: float = 0.2
    sustain: float = 0.7
    release_s: float = 0.15


@dataclass(frozen=True)
class Layer:
    """One oscillator of a subtractive patch."""

    wave: Wave = "saw"
    cents: float = 0.0
    octave: int = 0
    level: float = 1.0
    pan: float = 0.0


@dataclass(frozen=True)
class Subtractive:
    """Oscillators through a filter that velocity opens.

    A negative `sweep_s` opens the filter over that time instead of closing it. `breath` adds
    the noise of air, relative to the tone.
    """

    layers: tuple[Layer, ...]
    envelope: Envelope = field(default_factory=Envelope)
    cutoff_hz: float = 1200.0
    cutoff_sweep_hz: float = 2000.0
    sweep_s: float = 0.2
    resonance: float = 0.0
    vibrato_cents: float = 0.0
    breath: float = 0.0
    level: float = 0.3


@dataclass(frozen=True)
class Pair:
    """A carrier and its modulator in ratios of the pitch; the index falls with `fall_s`."""

    carrier: float = 1.0
    modulator: float = 1.0
    index: float = 1.0
    fall_s: float = 0.4
    floor: float = 0.0
    level: float = 1.0
    fade_s: float = 0.0
    cents: float = 0.0
    pan: float = 0.0


@dataclass(frozen=True)
class Fm:
    """Frequency modulation: pairs of sines; a `fade_s` lets a pair die on its own."""

    pairs: tuple[Pair, ...]
    envelope: Envelope = field(default_factory=Envelope)
    level: float = 0.3


@dataclass(frozen=True)
class Mode:
    """A partial that rings: ratio to the pitch, level, and seconds until it has fallen 60 dB."""

    ratio: float
    level: float
    ring_s: float


@dataclass(frozen=True)
class Modal:
    """Something struck or plucked: the sum of its ringing partials.

    `bright` is how much harder notes gain in high partials; `key_tracking` how much shorter
    high notes ring; `release_s` how soon a lifted key damps the sound (0: never); `detune_cents`
    spreads two copies over the stereo image; `knock` is the noise of the strike.
    """

    modes: tuple[Mode, ...]
    bright: float = 0.5
    key_tracking: float = 0.4
    release_s: float = 0.0
    detune_cents: float = 0.0
    knock: float = 0.0
    attack_s: float = 0.0015
    level: float = 0.3


@dataclass(frozen=True)
class Formant:
    """A resonance of a body or a mouth."""

    hz: float
    width_hz: float
    gain: float


@dataclass(frozen=True)
class Ensemble:
    """Many players at once: harmonics with a width, as in additive "PAD" synthesis.

    Harmonic k has the level k**-slope times the formants; its width is `width_cents`, growing
    with `spread` power of k. `opening_s` is how long the sound takes from dark to bright.
    """

    slope: float = 1.0
    harmonics: tuple[int, ...] = ()
    width_cents: float = 30.0
    spread: float = 1.0
    formants: tuple[Formant, ...] = ()
    dark_hz: float = 900.0
    bright_hz: float = 5000.0
    opening_s: float = 1.0
    stereo: float = 0.8
    envelope: Envelope = field(default_factory=lambda: Envelope(0.3, 1.0, 0.85, 0.8))
    level: float = 0.3


@dataclass(frozen=True)
class Sub:
    """A tuned drum as bass: a sine that drops into its pitch, glides between notes and rings."""

    drop_semitones: float = 9.0
    drop_s: float = 0.018
    ring_s: float = 1.6
    drive: float = 1.4
    glide_s: float = 0.07
    level: float = 0.6


@dataclass(frozen=True)
class Sweep:
    """Filtered noise that moves: a riser, a fall, an impact or a swell, as long as its note."""

    kind: Literal["rise", "fall", "impact", "swell"]
    low_hz: float = 250.0
    high_hz: float = 9000.0
    tone: float = 0.0
    level: float = 0.3


Patch = Subtractive | Fm | Modal | Ensemble | Sub | Sweep


def unison(
    wave: Wave, cents: tuple[float, ...], width: float, octave: int = 0, level: float = 1.0
) -> tuple[Layer, ...]:
    """The same wave several times, detuned and spread over the stereo image."""
    last = max(1, len(cents) - 1)
    return tuple(
        Layer(wave, c, octave, level / len(cents) ** 0.5, width * (2.0 * i / last - 1.0))
        for i, c in enumerate(cents)
    )
