"""Basses."""

from __future__ import annotations

from media.synth.patch import Envelope, Fm, Layer, Pair, Patch, Sub, Subtractive

BASSES: dict[str, Patch] = {
    "saw_bass": Subtractive(
        (Layer("saw", -4), Layer("saw", 5, level=0.7), Layer("sine", level=0.7)),
        Envelope(0.003, 0.25, 0.6, 0.06), 220, 2000, 0.12, 0.3, level=0.4,
    ),
    "square_bass": Subtractive(
        (Layer("square"), Layer("saw", 6, level=0.4), Layer("sine", level=0.6)),
        Envelope(0.003, 0.3, 0.55, 0.06), 200, 1500, 0.16, 0.4, level=0.4,
    ),
    "sub_bass": Subtractive(
        (Layer("sine"), Layer("triangle", level=0.6)),
        Envelope(0.008, 0.5, 0.75, 0.1), 300, 500, 0.2, level=0.5,
    ),
    "soft_sub": Subtractive(
        (Layer("sine"), Layer("triangle", 3, level=0.3)),
        Envelope(0.03, 1.2, 0.8, 0.35), 260, 180, 0.5, level=0.5,
    ),
    "house_bass": Subtractive(
        (Layer("saw", -3), Layer("square", 4, level=0.5), Layer("sine", level=0.9)),
        Envelope(0.003, 0.22, 0.45, 0.05), 160, 1100, 0.09, 0.45, level=0.42,
    ),
    "reese_bass": Subtractive(
        (Layer("saw", -11), Layer("saw", 11), Layer("saw", 0, level=0.5), Layer("sine", level=0.8)),
        Envelope(0.01, 0.6, 0.8, 0.1), 380, 500, 0.6, 0.2, level=0.34,
    ),
    "organ_bass": Fm(
        (
            Pair(1, 1, 0.5, 0.12, 0.2, level=1.0),
            Pair(2, 1, 0.8, 0.05, level=0.5, fade_s=0.16),
            Pair(3, 2, 0.0, level=0.16, fade_s=0.09),
        ),
        Envelope(0.002, 0.22, 0.6, 0.05), level=0.42,
    ),
    "fm_bass": Fm(
        (
            Pair(1, 1, 2.6, 0.11, 0.18, level=1.0),
            Pair(1, 3, 0.8, 0.04, level=0.3, fade_s=0.2, cents=4),
        ),
        Envelope(0.002, 0.3, 0.55, 0.06), level=0.42,
    ),
    "bass_808": Sub(9, 0.018, 1.7, 1.5, 0.07, 0.55),
    "hard_808": Sub(14, 0.012, 1.3, 3.2, 0.06, 0.48),
}  # fmt: skip
