"""What a cover must satisfy before anyone sees it; every check measures the finished pixels."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from io import BytesIO
from itertools import combinations

import numpy as np
from PIL import Image as PillowImage

from domain.quality import GateResult, QualityReport, not_applicable, within
from media.pictures.colour import contrast, from_hex, luminance
from media.pictures.cover import Cover, CoverSpec
from media.pictures.encode import MAX_JPEG_BYTES, to_jpeg
from media.pictures.finish import Image
from media.pictures.forbidden import FORBIDDEN, forbidden_in
from media.pictures.signature import PlateSignature, colour_distance, hash_distance, signature
from media.pictures.typeset import TextBox

STORE_SIZE_PX = 3000
MIN_CONTRAST = {"title": 3.0, "artist": 4.5}
MIN_MARGIN_PERCENT = 4.0
MIN_CAP_AT_300_PX = 14.0
MIN_ENTROPY_BITS = 4.0
MIN_HASH_DISTANCE = 60
MIN_COLOUR_DISTANCE = 8.0
MAX_TEXTURE_SHARE = 0.35


def check_cover(
    cover: Cover,
    spec: CoverSpec,
    earlier_plates: Sequence[PlateSignature] = (),
    *,
    jpeg: bytes | None = None,
    size_px: int = STORE_SIZE_PX,
) -> QualityReport:
    """Judge a cover; pass the JPEG that will be delivered, or it is encoded here."""
    data = to_jpeg(cover.image) if jpeg is None else jpeg
    gates = [
        *_file_gates(data, size_px),
        *(_contrast_gate(cover, role) for role in ("title", "artist")),
        _margin_gate(cover),
        _cap_gate(cover),
        _overlap_gate(cover),
        _ink_gate(cover),
        _entropy_gate(cover.image),
        _noise_gate(cover.plate),
        *_novelty_gates(cover.plate, earlier_plates),
        _words_gate(cover, spec),
        *_forbidden_gates(cover, spec),
    ]
    return QualityReport(subject="cover", gates=tuple(gates))


def _file_gates(data: bytes, size_px: int) -> list[GateResult]:
    with PillowImage.open(BytesIO(data)) as picture:
        (width, height), mode, kind = picture.size, picture.mode, picture.format
    return [
        within("width", width, low=size_px, high=size_px, unit="px", what="the cover's width"),
        within("height", height, low=size_px, high=size_px, unit="px", what="the cover's height"),
        _verdict("colour_mode", mode == "RGB" and kind == "JPEG", f"the file is {kind} in {mode}"),
        within("file_size", len(data), high=MAX_JPEG_BYTES, unit="bytes", what="the file's size"),
    ]


def _verdict(gate: str, passed: bool, reason: str) -> GateResult:
    return GateResult(gate=gate, verdict="pass" if passed else "fail", reason=reason)


def _slice(box: TextBox, image: Image) -> tuple[slice, slice]:
    height, width = image.shape[:2]
    rows = slice(max(0, int(box.top)), min(height, max(int(box.top) + 1, int(box.bottom))))
    columns = slice(max(0, int(box.left)), min(width, max(int(box.left) + 1, int(box.right))))
    return rows, columns


def _contrast_gate(cover: Cover, role: str) -> GateResult:
    """The 10th percentile of contrast between the ink and the plate, in the worst line."""
    values = []
    for box in cover.boxes:
        behind = cover.plate[_slice(box, cover.plate)]
        if box.role != role or behind.size == 0:
            continue
        light = luminance(behind.astype(np.float32) / 255)
        values.append(np.percentile(contrast(light, luminance(from_hex(box.colour))), 10))
    worst = float(min(values, default=np.nan))
    return within(f"contrast_{role}", worst, low=MIN_CONTRAST[role], what=f"{role} contrast")


def _margin_gate(cover: Cover) -> GateResult:
    height, width = cover.image.shape[:2]
    edges = [
        min(box.left / width, box.top / height, 1 - box.right / width, 1 - box.bottom / height)
        for box in cover.boxes
    ]
    percent = 100 * min(edges, default=np.nan)
    return within(
        "margin", percent, low=MIN_MARGIN_PERCENT, unit="%", what="the narrowest margin of text"
    )


def _cap_gate(cover: Cover) -> GateResult:
    caps = [box.cap_height_px for box in cover.boxes if box.role == "title"]
    at_300 = min(caps, default=np.nan) * 300 / cover.image.shape[0]
    return within(
        "title_size", at_300, low=MIN_CAP_AT_300_PX, unit="px",
        what="the title's capital height on a 300 px thumbnail",
    )  # fmt: skip


def _overlap_gate(cover: Cover) -> GateResult:
    count = sum(
        min(a.right, b.right) > max(a.left, b.left) and min(a.bottom, b.bottom) > max(a.top, b.top)
        for a, b in combinations(cover.boxes, 2)
    )
    return within("overlap", count, high=0, what="the number of overlapping lines")


def _ink_gate(cover: Cover) -> GateResult:
    """Letters must be where the boxes say: all of each line's ink, and none elsewhere."""
    changed = np.any(cover.image != cover.plate, axis=-1)
    total = max(int(changed.sum()), 1)
    inside = np.zeros_like(changed)
    starved = []
    for box in cover.boxes:
        place = _slice(box, cover.image)
        inside[place] = True
        if changed[place].mean() < 0.04:
            starved.append(box.text)
    stray = int((changed & ~inside).sum()) / total
    if starved or not cover.boxes:
        return _verdict("lettering", False, f"no letters are drawn for {starved or 'this cover'}")
    return within("lettering", 100 * stray, high=0.5, unit="%", what="ink outside the text boxes")


def _entropy_gate(image: Image) -> GateResult:
    grey = (image @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.uint8)
    share = np.bincount(grey.ravel(), minlength=256) / grey.size
    bits = float(-(share[share > 0] * np.log2(share[share > 0])).sum())
    return within("entropy", bits, low=MIN_ENTROPY_BITS, unit="bits", what="the tonal entropy")


def _noise_gate(plate: Image) -> GateResult:
    """Pictures have neighbours alike; the share of variance lost by a slight blur tells noise."""
    grey = plate.mean(axis=-1, dtype=np.float32)
    step = max(1, plate.shape[0] // 300)
    side = plate.shape[0] // step * step
    blocks = grey[:side, :side].reshape(side // step, step, side // step, step).mean(axis=(1, 3))
    inner = blocks[1:-1, 1:-1]
    around = (blocks[:-2, 1:-1] + blocks[2:, 1:-1] + blocks[1:-1, :-2] + blocks[1:-1, 2:]) / 4
    total = float(inner.var())
    share = float((inner - around).var()) / total if total > 1e-6 else np.nan
    return within("structure", share, high=MAX_TEXTURE_SHARE, what="the share of mere noise")


def _novelty_gates(plate: Image, earlier: Sequence[PlateSignature]) -> list[GateResult]:
    if not earlier:
        reason = "this artist has no earlier cover"
        return [not_applicable("novel_shape", reason), not_applicable("novel_colour", reason)]
    own = signature(plate)
    shape = min(hash_distance(own, other) for other in earlier)
    colour = min(colour_distance(own, other) for other in earlier)
    return [
        within(
            "novel_shape", shape, low=MIN_HASH_DISTANCE, unit="bits",
            what="the hash distance to the most similar earlier plate",
        ),
        within(
            "novel_colour", colour, low=MIN_COLOUR_DISTANCE, unit="ΔE",
            what="the colour distance to the most similar earlier plate",
        ),
    ]  # fmt: skip


def _folded(text: str) -> str:
    """Capitals without spaces: a line may be set in capitals and broken anywhere."""
    return "".join(unicodedata.normalize("NFC", text).upper().split())


def _words_gate(cover: Cover, spec: CoverSpec) -> GateResult:
    wrong = []
    for role, wanted in (("title", spec.title), ("artist", spec.artist)):
        shown = _folded("".join(box.text for box in cover.boxes if box.role == role))
        if shown != _folded(wanted):
            wrong.append(f"{role} reads {shown!r}, the metadata says {wanted!r}")
    return _verdict("words", not wrong, "; ".join(wrong) or "the cover says what the metadata says")


def _forbidden_gates(cover: Cover, spec: CoverSpec) -> list[GateResult]:
    text = " ".join((spec.title, spec.artist, *(box.text for box in cover.boxes)))
    found = forbidden_in(text)
    return [
        _verdict(
            gate,
            gate not in found,
            f"{what} is on the cover: {found[gate]!r}" if gate in found else f"no sign of {what}",
        )
        for gate, what in FORBIDDEN.items()
    ]
