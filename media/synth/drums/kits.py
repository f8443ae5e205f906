"""How each kit is tuned."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kit:
    """The numbers of a kit; times in seconds, `gate_s` cuts the snare as old reverbs did.

    `kick_sweep_hz` is how far the kick falls and `kick_sweep_s` how fast; `brush` turns the
    snare's strike into a stroke; `room` adds the walls around the kit.
    """

    kick_hz: float = 48.0
    kick_decay_s: float = 0.14
    kick_sweep_hz: float = 140.0
    kick_sweep_s: float = 0.028
    kick_drive: float = 1.5
    click: float = 0.3
    snare_hz: float = 185.0
    snare_decay_s: float = 0.14
    snare_body: float = 0.7
    gate_s: float = 1.0
    snap: float = 1.0
    brush: float = 0.0
    clap_decay_s: float = 0.09
    hat_decay_s: float = 0.024
    open_decay_s: float = 0.13
    hat_low_hz: float = 7000.0
    metal: float = 0.5
    tom_hz: float = 95.0
    tom_decay_s: float = 0.16
    bright: float = 1.0
    room: float = 0.0


KITS: dict[str, Kit] = {
    "retro_kit": Kit(47, 0.13, click=0.35, gate_s=0.30, metal=0.4, bright=0.85),
    "gated_kit": Kit(
        44, 0.16, snare_hz=170, snare_decay_s=0.28, gate_s=0.26, snap=1.1, metal=0.35, bright=0.75,
        room=0.1,
    ),
    "dusty_kit": Kit(
        52, 0.11, click=0.15, snare_hz=195, snare_decay_s=0.09, gate_s=0.25, snap=0.7,
        hat_decay_s=0.02, metal=0.25, bright=0.6,
    ),
    "house_kit": Kit(
        49, 0.19, 180, 0.022, 2.2, 0.4, snare_hz=200, snare_decay_s=0.12, clap_decay_s=0.11,
        hat_decay_s=0.03, open_decay_s=0.16, hat_low_hz=7500, metal=0.7,
    ),
    "disco_kit": Kit(
        54, 0.13, 90, 0.03, 1.3, 0.3, snare_hz=210, snare_decay_s=0.16, hat_decay_s=0.022,
        open_decay_s=0.11, hat_low_hz=6500, metal=0.35, room=0.1, bright=0.9,
    ),
    "trap_kit": Kit(
        50, 0.11, 220, 0.014, 2.6, 0.55, snare_hz=220, snare_decay_s=0.15, snap=1.1,
        clap_decay_s=0.13, hat_decay_s=0.013, open_decay_s=0.2, hat_low_hz=8500, metal=0.9,
    ),
    "dark_kit": Kit(
        44, 0.15, 160, 0.02, 3.0, 0.3, snare_hz=180, snare_decay_s=0.2, clap_decay_s=0.16,
        hat_decay_s=0.016, hat_low_hz=7500, metal=0.6, bright=0.8, room=0.12,
    ),
    "soft_kit": Kit(
        58, 0.12, 60, 0.03, 1.1, 0.2, snare_hz=190, snare_decay_s=0.2, snare_body=0.8, snap=0.75,
        brush=0.35, hat_decay_s=0.03, open_decay_s=0.2, hat_low_hz=6000, metal=0.3, tom_hz=85,
        tom_decay_s=0.28, bright=0.75, room=0.2,
    ),
    "hush_kit": Kit(
        52, 0.22, 40, 0.04, 1.0, 0.05, snare_hz=170, snare_decay_s=0.25, snap=0.5, brush=1.0,
        hat_decay_s=0.04, hat_low_hz=5500, metal=0.2, tom_hz=70, tom_decay_s=0.4, bright=0.6,
        room=0.4,
    ),
    "rock_kit": Kit(
        60, 0.15, 80, 0.025, 1.6, 0.5, snare_hz=195, snare_decay_s=0.22, snare_body=0.9, snap=1.1,
        hat_decay_s=0.035, open_decay_s=0.24, hat_low_hz=5000, metal=0.35, tom_hz=82,
        tom_decay_s=0.3, bright=0.62, room=0.25,
    ),
}  # fmt: skip
