"""Pictures as files: JPEG and PNG bytes with an sRGB profile, and smaller sizes."""

from __future__ import annotations

import struct
from functools import lru_cache
from io import BytesIO

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import ImageCms

from domain.errors import InvalidInput
from media.pictures.finish import Image

MAX_JPEG_BYTES = 10_000_000
_LOWEST_QUALITY = 60


@lru_cache(maxsize=1)
def _srgb_profile() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # Bytes 24 to 35 hold the moment of creation; the same picture must give the same file.
    return profile[:24] + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + profile[36:]


def to_jpeg(image: Image, max_bytes: int = MAX_JPEG_BYTES, quality: int = 94) -> bytes:
    """Encode RGB as 4:4:4 sRGB JPEG, lowering the quality until it fits `max_bytes`."""
    picture = PillowImage.fromarray(_rgb(image))
    for step in range(quality, _LOWEST_QUALITY - 1, -4):
        buffer = BytesIO()
        picture.save(
            buffer,
            "JPEG",
            quality=step,
            subsampling="4:4:4",
            dpi=(300, 300),
            icc_profile=_srgb_profile(),
        )
        if buffer.tell() <= max_bytes:
            return buffer.getvalue()
    raise InvalidInput(
        f"the picture does not fit into {max_bytes} bytes at a quality worth showing",
        field="max_bytes",
        remedy="allow more bytes or resize the picture first",
    )


def resize(image: Image, width_px: int, height_px: int | None = None) -> Image:
    """Scale down by area averaging, or up by cubic interpolation; keeps the shape unless told."""
    height = height_px or round(image.shape[0] * width_px / image.shape[1])
    shrinks = width_px <= image.shape[1] and height <= image.shape[0]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(_rgb(image), (width_px, height), interpolation=way), np.uint8)


def _rgb(image: Image) -> Image:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise InvalidInput(
            f"expected 8-bit RGB (height, width, 3), got {image.dtype} {image.shape}",
            field="image",
            remedy="convert the picture to 8-bit RGB first",
        )
    return np.ascontiguousarray(image)
