"""All patches by name."""

from media.synth.bank.basses import BASSES
from media.synth.bank.keys import KEYS
from media.synth.bank.leads import LEADS
from media.synth.bank.pads import PADS
from media.synth.bank.strings import STRINGS
from media.synth.bank.sweeps import SWEEPS
from media.synth.patch import Patch

PATCHES: dict[str, Patch] = {**BASSES, **KEYS, **LEADS, **PADS, **STRINGS, **SWEEPS}

__all__ = ["PATCHES"]
