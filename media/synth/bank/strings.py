"""Plucked strings."""

from __future__ import annotations

import math

from media.synth.patch import Modal, Mode, Patch


def string(
    partials: int, place: float, ring_s: float, damping: float, stiffness: float = 0.0001
) -> tuple[Mode, ...]:
    """The partials of a string plucked at a share of its length.

    Those with a node under the finger are missing; `damping` says how much sooner each next
    partial dies.
    """
    return tuple(
        Mode(
            k * math.sqrt((1.0 + stiffness * k * k) / (1.0 + stiffness)),
            abs(math.sin(math.pi * k * place)) / k**0.85,
            ring_s / (1.0 + damping * (k - 1)),
        )
        for k in range(1, partials + 1)
    )


STRINGS: dict[str, Patch] = {
    "plucked_string": Modal(
        string(30, 0.12, 2.4, 0.16, 0.0002), bright=0.6, key_tracking=0.45, detune_cents=1.0,
        knock=0.35, level=0.26,
    ),
    "chime_guitar": Modal(
        string(26, 0.17, 4.0, 0.2), bright=0.6, key_tracking=0.5, release_s=0.5,
        detune_cents=3.5, knock=0.25, level=0.26,
    ),
    "tremolo_guitar": Modal(
        string(24, 0.1, 1.2, 0.12), bright=0.7, key_tracking=0.4, release_s=0.12,
        detune_cents=4.0, knock=0.6, level=0.26,
    ),
    "soft_harp": Modal(
        string(20, 0.3, 2.8, 0.4), bright=0.5, key_tracking=0.5, detune_cents=0.8, knock=0.15,
        level=0.3,
    ),
}  # fmt: skip
