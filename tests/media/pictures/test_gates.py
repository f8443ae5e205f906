"""Every gate has a control that must fail it, made by spoiling a good cover."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as PillowImage

from domain.art import Style
from media.pictures.cover import Cover, CoverSpec
from media.pictures.encode import to_jpeg
from media.pictures.gates import check_cover
from media.pictures.signature import PlateSignature, signature
from media.pictures.typeset import TextBox
from tests.media.pictures.samples import SIZE_PX, art, small_cover, spec

GOOD = spec(direction=art(Style.PAPER_LANDSCAPE))


@pytest.fixture(scope="module")
def good() -> Cover:
    return small_cover(GOOD, seed=4)


def failed(
    cover: Cover,
    cover_spec: CoverSpec = GOOD,
    earlier_plates: Sequence[PlateSignature] = (),
    jpeg: bytes | None = None,
) -> set[str]:
    report = check_cover(cover, cover_spec, earlier_plates, jpeg=jpeg, size_px=SIZE_PX)
    return {g.gate for g in report.failures}


def with_boxes(cover: Cover, change: Callable[[TextBox], TextBox], role: str = "title") -> Cover:
    boxes = tuple(change(b) if b.role == role else b for b in cover.boxes)
    return replace(cover, boxes=boxes)


def test_a_good_cover_fails_nothing(good: Cover) -> None:
    report = check_cover(good, GOOD, size_px=SIZE_PX)
    assert report.passed
    assert {g.gate for g in report.gates if g.verdict == "not_applicable"} == {
        "novel_shape",
        "novel_colour",
    }


def test_a_blank_picture(good: Cover) -> None:
    blank = np.full_like(good.image, 200)
    assert {"entropy", "structure", "lettering"} <= failed(replace(good, image=blank, plate=blank))


def test_mere_noise(good: Cover) -> None:
    noise = np.random.default_rng(0).integers(0, 256, good.plate.shape, dtype=np.uint8)
    assert "structure" in failed(replace(good, plate=noise))


@pytest.mark.parametrize("role", ["title", "artist"])
def test_low_contrast(good: Cover, role: str) -> None:
    def faint(box: TextBox) -> TextBox:
        behind = good.plate[int(box.top) : int(box.bottom), int(box.left) : int(box.right)]
        level = "".join(f"{int(v):02x}" for v in behind.reshape(-1, 3).mean(axis=0))
        return replace(box, colour="#" + level)

    assert failed(with_boxes(good, faint, role)) == {f"contrast_{role}"}


def test_text_clipped_by_the_edge(good: Cover) -> None:
    moved = with_boxes(good, lambda b: replace(b, left=b.left - SIZE_PX, right=b.right - SIZE_PX))
    assert "margin" in failed(moved)


def test_title_too_small(good: Cover) -> None:
    tiny = with_boxes(good, lambda b: replace(b, cap_height_px=SIZE_PX * 13 / 300))
    assert failed(tiny) == {"title_size"}


def test_overlapping_lines(good: Cover) -> None:
    title = next(b for b in good.boxes if b.role == "title")
    over = with_boxes(
        good,
        lambda b: replace(
            b, left=title.left, right=title.right, top=title.top, bottom=title.bottom
        ),
        "artist",
    )
    assert "overlap" in failed(over)


def test_letters_missing_from_the_picture(good: Cover) -> None:
    assert failed(replace(good, image=good.plate)) == {"lettering"}


def test_ink_outside_the_boxes(good: Cover) -> None:
    image = good.image.copy()
    image[-40:, -40:] = (255, 0, 0)
    assert "lettering" in failed(replace(good, image=image))


def test_the_same_plate_again(good: Cover) -> None:
    other = small_cover(GOOD, seed=5)
    plates = [signature(other.plate), signature(good.plate)]
    assert failed(good, earlier_plates=plates) == {"novel_shape", "novel_colour"}


def test_the_same_shapes_in_other_colours(good: Cover) -> None:
    shifted = np.ascontiguousarray(good.plate[..., ::-1])
    assert failed(good, earlier_plates=[signature(shifted)]) == {"novel_shape"}


def test_another_seed_is_novel(good: Cover) -> None:
    assert failed(good, earlier_plates=[signature(small_cover(GOOD, seed=9).plate)]) == set()


@pytest.mark.parametrize("spoilt", [{"title": "Paper Noons"}, {"artist": "Vesper Lun"}])
def test_words_that_differ_from_the_metadata(good: Cover, spoilt: dict[str, str]) -> None:
    assert failed(good, GOOD.model_copy(update=spoilt)) == {"words"}


@pytest.mark.parametrize(
    ("title", "gate"),
    [
        ("Visit moons.com", "no_url"),
        ("www paper https://x", "no_url"),
        ("Only $5", "no_price"),
        ("Now 3.99 EUR", "no_price"),
        ("Live on Spotify", "no_platform"),
        ("Sound Cloud Sessions", "no_platform"),
        ("Vinyl Edition", "no_physical_format"),
        ('The 7" Mix', "no_physical_format"),
        ("Twelve, 12 inch", "no_physical_format"),
    ],
)
def test_forbidden_words(title: str, gate: str) -> None:
    wanted = spec(title=title, direction=GOOD.art)
    assert failed(small_cover(wanted, seed=4), wanted) == {gate}


@pytest.mark.parametrize("title", ["Tidal Heart", "Fifty Ways", "St. Me", "Dust 7", "Alp"])
def test_innocent_titles_are_left_alone(title: str) -> None:
    wanted = spec(title=title, direction=GOOD.art)
    assert failed(small_cover(wanted, seed=4), wanted) == set()


def test_wrong_size(good: Cover) -> None:
    gates = {g.gate for g in check_cover(good, GOOD).failures}
    assert gates == {"width", "height"}


def test_wrong_mode_and_bytes(good: Cover) -> None:
    buffer = BytesIO()
    PillowImage.fromarray(good.image).convert("CMYK").save(buffer, "JPEG")
    assert failed(good, jpeg=buffer.getvalue()) == {"colour_mode"}
    padded = to_jpeg(good.image) + b"\0" * 10_000_000
    assert failed(good, jpeg=padded) == {"file_size"}
