"""Draws two covers of one art direction, the second after the first, as releases would."""

from __future__ import annotations

from asyncio import to_thread
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

from PIL import Image
from pydantic import BaseModel, ConfigDict, ValidationError

from domain.art import ArtDirection
from domain.errors import InvalidInput
from domain.evaluation import Case, Output
from domain.ports.providers import Generated
from domain.requests import CoverRequest
from domain.score import MoodPoint
from evals.suite import Desk
from tools.vendors.embedded.pictures import make_cover

SIZE_PX = 480
# What a report shows; pixels enough for colours, small enough to be kept with every sample.
SHOWN_PX = 240


class Asked(BaseModel):
    """A case as it is written: whose covers, for which two titles."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    artist: str
    titles: tuple[str, str]
    art: ArtDirection
    mood: MoodPoint = MoodPoint()


async def run(case: Case, desk: Desk) -> Output:
    """Verdicts and a small picture of each cover; a named artist's look replaces the case's."""
    asked = read(case)
    if desk.profile is not None:
        look = {"artist": desk.profile.stage_name, "art": desk.profile.visual}
        asked = asked.model_copy(update=look)
    # Each case has pictures of its own: equal seeds would draw equal scenes.
    return await to_thread(_drawn, asked, crc32(f"{case.id} {desk.seed}".encode()))


def read(case: Case) -> Asked:
    """What the case asks; raises `InvalidInput` for what no cover has."""
    try:
        return Asked.model_validate(case.input)
    except ValidationError as error:
        raise InvalidInput(
            f"the case {case.id} asks for no cover: {error}",
            field="input",
            remedy="Write it like those in evals/suites/covers/cases.yaml.",
        ) from error


def told(made: Generated, jpeg: bytes) -> Output:
    """A cover as it is kept: its gates, and the picture made small."""
    gates = [gate for report in made.reports for gate in report.gates]
    return {
        "gates": {gate.gate: gate.model_dump(mode="json") for gate in gates},
        "picture": f"data:image/jpeg;base64,{b64encode(_small(jpeg)).decode()}",
    }


def _drawn(asked: Asked, seed: int) -> Output:
    covers: list[Output] = []
    earlier: tuple[Path, ...] = ()
    with TemporaryDirectory() as scratch:
        for number, title in enumerate(asked.titles):
            folder = Path(scratch) / str(number)
            folder.mkdir()
            request = CoverRequest(
                title=title, artist=asked.artist, art=asked.art, mood=asked.mood,
                seed=seed + number, size_px=SIZE_PX, earlier=earlier,
            )  # fmt: skip
            made = make_cover(request, folder, lambda stage, share: None)
            earlier = (*earlier, folder / "plate.json")
            covers.append(told(made, (folder / "cover.jpg").read_bytes()))
    return {"covers": [dict(cover) for cover in covers]}


def _small(jpeg: bytes) -> bytes:
    with Image.open(BytesIO(jpeg)) as picture:
        small = picture.convert("RGB").resize((SHOWN_PX, SHOWN_PX), Image.Resampling.LANCZOS)
    held = BytesIO()
    small.save(held, "JPEG", quality=82)
    return held.getvalue()
