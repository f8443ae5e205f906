"""What the singer hands to the mix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from media.sound import Sound

VocalPart = Literal["lead", "double_left", "double_right", "harmony", "vocoder"]


@dataclass(frozen=True)
class VocalStem:
    """One sung part, dry: a mono sound of shape (1, samples) on the song's own time line.

    `level_db` is relative to the lead; `pan` runs from -1 (left) to 1 (right).
    """

    part: VocalPart
    sound: Sound
    level_db: float
    pan: float
