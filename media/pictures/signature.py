"""A small fingerprint of a plate, to tell new covers from earlier ones."""

from __future__ import annotations

import base64

import cv2
import imagehash
import numpy as np
from PIL import Image as PillowImage
from pydantic import BaseModel, ConfigDict, Field

from media.pictures.colour import Array
from media.pictures.finish import Image

HASH_SIDE = 16
LAB_SIDE = 24


class PlateSignature(BaseModel):
    """A perceptual hash (256 bits in hex) and the plate at 24×24 in CIELAB (base64 bytes)."""

    model_config = ConfigDict(frozen=True)

    phash: str = Field(pattern=r"^[0-9a-f]{64}$")
    lab24: str = Field(min_length=2304, max_length=2304)

    def lab(self) -> Array:
        """L 0..100, a and b around 0, as (576, 3)."""
        raw = np.frombuffer(base64.b64decode(self.lab24), np.uint8).reshape(-1, 3)
        return (raw.astype(np.float32) - (0, 128, 128)) * np.array([100 / 255, 1, 1], np.float32)


def signature(plate: Image) -> PlateSignature:
    """Fingerprint a text-free plate."""
    small = cv2.resize(plate, (256, 256), interpolation=cv2.INTER_AREA)
    tiny = cv2.resize(plate, (LAB_SIDE, LAB_SIDE), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(tiny.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    levels = np.clip(np.rint(lab * (2.55, 1, 1) + (0, 128, 128)), 0, 255).astype(np.uint8)
    return PlateSignature(
        phash=str(imagehash.phash(PillowImage.fromarray(small), hash_size=HASH_SIDE)),
        lab24=base64.b64encode(levels.tobytes()).decode(),
    )


def hash_distance(one: PlateSignature, other: PlateSignature) -> int:
    """Differing bits of the perceptual hashes, 0 to 256; unrelated pictures are near 128."""
    return (int(one.phash, 16) ^ int(other.phash, 16)).bit_count()


def colour_distance(one: PlateSignature, other: PlateSignature) -> float:
    """Mean CIE76 difference of the 24×24 pictures."""
    return float(np.linalg.norm(one.lab() - other.lab(), axis=1).mean())
