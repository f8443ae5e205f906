"""Leads, plucks and stabs."""

from __future__ import annotations

from media.synth.patch import Envelope, Layer, Patch, Subtractive, unison

LEADS: dict[str, Patch] = {
    "pluck": Subtractive(
        unison("saw", (-4, 4), 0.5),
        Envelope(0.002, 0.16, 0.12, 0.25), 450, 3600, 0.07, 0.4, level=0.3,
    ),
    "dark_pluck": Subtractive(
        (*unison("triangle", (-5, 5), 0.5), Layer("pulse", 0, 0, 0.4)),
        Envelope(0.002, 0.3, 0.1, 0.35), 350, 1900, 0.1, 0.3, level=0.4,
    ),
    "pulse_arp": Subtractive(
        unison("pulse", (-3, 3), 0.4),
        Envelope(0.002, 0.2, 0.2, 0.18), 600, 3200, 0.1, 0.25, level=0.3,
    ),
    "brass_stab": Subtractive(
        unison("saw", (-8, -2, 3, 8), 0.7),
        Envelope(0.006, 0.25, 0.4, 0.2), 800, 4200, 0.2, 0.15, level=0.25,
    ),
    "deep_stab": Subtractive(
        (*unison("saw", (-7, 7), 0.6), *unison("square", (-3, 3), 0.3, level=0.5)),
        Envelope(0.003, 0.16, 0.15, 0.12), 420, 2400, 0.08, 0.35, level=0.3,
    ),
    "super_saw": Subtractive(
        unison("saw", (-16, -9, -4, 0, 4, 9, 16), 0.9),
        Envelope(0.006, 0.5, 0.75, 0.18), 2200, 5200, 0.35, 0.05, level=0.24,
    ),
    "saw_lead": Subtractive(
        unison("saw", (-6, 0, 6), 0.4),
        Envelope(0.012, 0.4, 0.75, 0.18), 1700, 2800, 0.4, 0.2, 9, level=0.3,
    ),
    "square_lead": Subtractive(
        (*unison("square", (-4, 4), 0.3), Layer("sine", 0, -1, 0.3)),
        Envelope(0.015, 0.4, 0.75, 0.16), 1300, 2400, 0.35, 0.2, 10, level=0.3,
    ),
    "soft_lead": Subtractive(
        (*unison("triangle", (-4, 4), 0.3), Layer("saw", 0, 0, 0.25)),
        Envelope(0.03, 0.5, 0.8, 0.25), 1200, 1600, 0.5, 0.0, 11, level=0.35,
    ),
    "sine_lead": Subtractive(
        (Layer("sine"), Layer("triangle", 3, 0, 0.25, 0.3), Layer("sine", -4, 1, 0.12, -0.4)),
        Envelope(0.02, 0.6, 0.8, 0.2), 1800, 1200, 0.4, 0.0, 13, level=0.4,
    ),
    "hollow_lead": Subtractive(
        (*unison("square", (-3, 3), 0.35), Layer("sine", 0, 0, 0.4)),
        Envelope(0.02, 0.5, 0.7, 0.2), 900, 1300, 0.3, 0.1, 8, level=0.32,
    ),
    "breath_lead": Subtractive(
        (Layer("triangle"), Layer("sine", 6, 1, 0.2, 0.4), Layer("pulse", -5, 0, 0.12, -0.4)),
        Envelope(0.07, 0.7, 0.85, 0.3), 1400, 1200, -0.3, 0.0, 14, breath=0.09, level=0.36,
    ),
}  # fmt: skip
