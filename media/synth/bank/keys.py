"""Keyboards, mallets and bells."""

from __future__ import annotations

from media.synth.patch import Envelope, Fm, Modal, Mode, Pair, Patch

_PIANO = tuple(
    # Stiff strings are stretched, and their high partials die first.
    Mode(k * (1.0 + 0.0003 * k * k) ** 0.5, 0.9 ** (k - 1) / k**0.7, 5.0 / (1.0 + 0.32 * (k - 1)))
    for k in range(1, 25)
)
# Neighbouring drawbars lean to either side, a little apart.
_LEAN = (0.25, -0.25)
_DRAWBARS = ((0.5, 0.55), (1.0, 1.0), (1.5, 0.35), (2.0, 0.6), (3.0, 0.22), (4.0, 0.28), (6.0, 0.1))

KEYS: dict[str, Patch] = {
    "tine_piano": Fm(
        (
            Pair(1, 1, 0.9, 0.7, 0.1, level=0.75, cents=-2, pan=-0.4),
            Pair(1, 1, 0.7, 0.5, 0.1, level=0.75, cents=2, pan=0.4),
            Pair(1, 14, 0.5, 0.06, level=0.22, fade_s=0.35),
        ),
        Envelope(0.002, 1.3, 0.12, 0.25), level=0.36,
    ),
    "club_piano": Modal(
        _PIANO, bright=0.9, key_tracking=0.5, release_s=0.14, detune_cents=1.6, knock=0.5,
        level=0.14,
    ),
    "drawbar_organ": Fm(
        (
            *(
                Pair(ratio, 1, 0.0, level=level, pan=_LEAN[i % 2], cents=6 * _LEAN[i % 2])
                for i, (ratio, level) in enumerate(_DRAWBARS)
            ),
            Pair(2, 1, 0.0, level=0.5, fade_s=0.05),
        ),
        Envelope(0.004, 0.3, 0.9, 0.06), level=0.16,
    ),
    "fm_bell": Fm(
        (
            Pair(1, 3.5, 1.6, 0.35, level=1.0, pan=-0.15),
            Pair(1, 3.5, 1.2, 0.2, level=0.35, cents=5, pan=0.5),
        ),
        Envelope(0.002, 0.7, 0.06, 0.6), level=0.32,
    ),
    "glass_bell": Modal(
        (Mode(1, 1, 4.5), Mode(2.0, 0.32, 3.2), Mode(2.76, 0.22, 1.6), Mode(5.4, 0.14, 0.9),
         Mode(8.93, 0.06, 0.4)),
        bright=0.6, key_tracking=0.35, detune_cents=2.5, level=0.3,
    ),
    "dark_bell": Modal(
        (Mode(0.5, 0.35, 3.0), Mode(1, 1, 2.6), Mode(2.0, 0.5, 1.8), Mode(2.4, 0.22, 1.1),
         Mode(3.0, 0.2, 0.9), Mode(4.2, 0.14, 0.6), Mode(6.3, 0.06, 0.3)),
        bright=0.8, key_tracking=0.3, detune_cents=3.0, knock=0.25, level=0.26,
    ),
    "music_box": Modal(
        (Mode(1, 1, 2.0), Mode(2.01, 0.12, 1.2), Mode(5.8, 0.28, 0.5), Mode(6.3, 0.1, 0.3),
         Mode(11.2, 0.08, 0.12)),
        bright=0.4, key_tracking=0.3, detune_cents=1.2, knock=0.6, level=0.3,
    ),
    "kalimba": Modal(
        (Mode(1, 1, 1.5), Mode(2.0, 0.1, 0.7), Mode(5.4, 0.2, 0.22), Mode(9.1, 0.07, 0.1)),
        bright=0.5, key_tracking=0.3, detune_cents=0.8, knock=0.9, level=0.34,
    ),
    "marimba": Modal(
        (Mode(1, 1, 0.9), Mode(3.98, 0.3, 0.25), Mode(10.6, 0.1, 0.08)),
        bright=0.7, key_tracking=0.55, knock=0.5, level=0.4,
    ),
}  # fmt: skip
