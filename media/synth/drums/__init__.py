"""Synthesised drum kits: `KITS` and `render_hit`."""

from media.synth.drums.hits import render_hit
from media.synth.drums.kits import KITS, Kit

__all__ = ["KITS", "Kit", "render_hit"]
