"""Pads, drones and walls."""

from __future__ import annotations

from media.synth.patch import Ensemble, Envelope, Formant, Patch, Subtractive, unison

_AH = (Formant(650, 180, 1.0), Formant(1080, 220, 0.6), Formant(2650, 350, 0.22),
       Formant(3300, 500, 0.12))  # fmt: skip
_VIOLIN = (Formant(300, 250, 0.6), Formant(1000, 600, 0.8), Formant(2600, 900, 0.6),
           Formant(4500, 1500, 0.35))  # fmt: skip

PADS: dict[str, Patch] = {
    "warm_pad": Subtractive(
        unison("saw", (-9, -3, 4, 10), 0.85),
        Envelope(0.35, 1.5, 0.8, 0.9), 700, 900, -1.2, level=0.2,
    ),
    "glass_pad": Subtractive(
        (*unison("triangle", (-6, 5), 0.8), *unison("pulse", (-3, 4), 0.5, octave=1)),
        Envelope(0.25, 2.0, 0.7, 1.0), 1000, 1600, -0.9, level=0.2,
    ),
    "dark_pad": Subtractive(
        (*unison("saw", (-12, -4, 5, 12), 0.9), *unison("square", (2,), 0.0, -1, 0.4)),
        Envelope(0.4, 1.5, 0.8, 0.8), 420, 380, -1.5, 0.15, level=0.24,
    ),
    "string_machine": Subtractive(
        (*unison("saw", (-7, 0, 8), 0.8), *unison("saw", (3,), 0.0, 1, 0.4)),
        Envelope(0.18, 1.0, 0.85, 0.6), 1400, 1200, -0.8, level=0.18,
    ),
    "string_ensemble": Ensemble(
        0.9, width_cents=22, formants=_VIOLIN, dark_hz=1400, bright_hz=5200, opening_s=0.9,
        envelope=Envelope(0.22, 1.2, 0.88, 0.7), level=0.3,
    ),
    "choir_pad": Ensemble(
        0.75, width_cents=34, formants=_AH, dark_hz=900, bright_hz=3600, opening_s=1.4,
        envelope=Envelope(0.35, 1.5, 0.9, 0.9), level=0.3,
    ),
    "air_pad": Ensemble(
        1.0, width_cents=55, spread=1.1, dark_hz=1200, bright_hz=6500, opening_s=2.2,
        stereo=1.0, envelope=Envelope(0.9, 2.0, 0.9, 1.6), level=0.3,
    ),
    "shimmer_pad": Ensemble(
        0.6, harmonics=(1, 2, 4, 8), width_cents=26, dark_hz=2500, bright_hz=7000, opening_s=1.5,
        stereo=1.0, envelope=Envelope(1.2, 2.0, 0.9, 2.0), level=0.26,
    ),
    "deep_drone": Ensemble(
        1.5, harmonics=(1, 2, 3, 4, 5, 6, 8, 10, 12), width_cents=9, dark_hz=300, bright_hz=900,
        opening_s=3.0, stereo=0.5, envelope=Envelope(1.2, 2.0, 0.95, 1.8), level=0.34,
    ),
    "bowed_drone": Ensemble(
        0.85, width_cents=14, formants=_VIOLIN, dark_hz=500, bright_hz=2400, opening_s=2.5,
        stereo=0.6, envelope=Envelope(0.9, 2.0, 0.9, 1.4), level=0.32,
    ),
    "guitar_wall": Ensemble(
        0.7, width_cents=12, spread=0.8,
        formants=(Formant(450, 350, 0.8), Formant(1500, 900, 1.0), Formant(3000, 1200, 0.35)),
        dark_hz=1300, bright_hz=3800, opening_s=0.25, stereo=1.0,
        envelope=Envelope(0.012, 1.5, 0.9, 0.35), level=0.32,
    ),
}  # fmt: skip
