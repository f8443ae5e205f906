"""Risers, falls and impacts."""

from __future__ import annotations

from media.synth.patch import Patch, Sweep

SWEEPS: dict[str, Patch] = {
    "noise_riser": Sweep("rise", 300, 9500, level=0.25),
    "tonal_riser": Sweep("rise", 400, 7000, tone=1.0, level=0.25),
    "soft_swell": Sweep("swell", 500, 6500, level=0.25),
    "downlifter": Sweep("fall", 250, 8500, level=0.25),
    "impact": Sweep("impact", 120, 6000, level=0.3),
}
