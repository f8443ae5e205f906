"""Encoded pictures: sRGB, full chroma, within their byte limit."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageCms

from domain.errors import InvalidInput
from media.pictures.encode import resize, to_jpeg

NOISE = np.random.default_rng(1).integers(0, 256, (200, 200, 3), dtype=np.uint8)


def opened(data: bytes) -> PillowImage.Image:
    return PillowImage.open(BytesIO(data))


def test_jpeg_is_rgb_with_full_chroma_and_a_profile() -> None:
    picture = opened(to_jpeg(NOISE))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (200, 200))
    profile = ImageCms.ImageCmsProfile(BytesIO(picture.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    # Without subsampling every component is sampled once a pixel.
    assert [layer[1:3] for layer in picture.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]


def test_jpeg_lowers_the_quality_to_fit() -> None:
    free = to_jpeg(NOISE)
    limit = int(len(free) * 0.8)
    assert len(to_jpeg(NOISE, max_bytes=limit)) <= limit


def test_jpeg_refuses_what_cannot_fit() -> None:
    with pytest.raises(InvalidInput) as caught:
        to_jpeg(NOISE, max_bytes=2_000)
    assert caught.value.field == "max_bytes"


def test_files_carry_no_moment_of_creation() -> None:
    assert opened(to_jpeg(NOISE)).info["icc_profile"][24:28] == b"\x07\xd0\x00\x01"


def test_resize_keeps_mean_and_shape() -> None:
    small = resize(NOISE[:100], 50)
    assert small.shape == (25, 50, 3)
    assert abs(float(small.mean()) - float(NOISE[:100].mean())) < 1


@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3))]
)
def test_only_eight_bit_rgb_is_taken(wrong: np.ndarray) -> None:
    with pytest.raises(InvalidInput) as caught:
        to_jpeg(wrong)
    assert caught.value.field == "image"
