"""The tool that draws a cover."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from domain.requests import CoverRequest
from domain.score import MoodPoint
from domain.work import Work
from services.naming import file_stem
from services.works import Made
from tools.context import ToolContext
from tools.jobs import CATALOGUE, files_of, generate, number, provenance_of
from tools.tool import Tool


class DrawCover(BaseModel):
    """Which work gets a cover, in which mood, and from which seed."""

    model_config = ConfigDict(frozen=True)

    work_id: str
    mood: MoodPoint
    seed: int
    size_px: int
    unlike_work_id: str | None = Field(
        default=None, description="A rejected version whose cover it may not look like."
    )


class DrawnCover(BaseModel):
    """What became of it."""

    model_config = ConfigDict(frozen=True)

    work_id: str
    passed: bool
    choices: dict[str, str]
    cpu_s: float


async def draw_cover(context: ToolContext, arguments: DrawCover) -> DrawnCover:
    """Draw the work's cover in the artist's art direction and judge the picture.

    Keeps the cover, its text-free plate's signature and the quality report with the work.
    """
    work = await context.works.get(context.actor, arguments.work_id)
    context.must_own(work.artist_id)
    version = await context.artists.profile(context.actor, work.artist_id)
    request = CoverRequest(
        title=work.title,
        artist=version.profile.stage_name,
        art=version.profile.visual,
        mood=arguments.mood,
        seed=arguments.seed,
        size_px=arguments.size_px,
        earlier=await _earlier_plates(context, work, arguments.unlike_work_id),
    )
    covers = context.studio.covers
    made = await generate(context, covers, request, f"{work.id}-cover-{arguments.seed}")
    added = Made(
        files=files_of(made, file_stem(work.title)),
        reports=made.reports,
        provenance=(provenance_of(context, "cover", covers.capabilities, {"profile": version.id}),),
        choices=made.choices,
    )
    await context.works.grow(context.actor, work.id, work.status, added)
    return DrawnCover(
        work_id=work.id,
        passed=all(r.passed for r in made.reports),
        choices={c.name: c.chosen for c in made.choices},
        cpu_s=number(made, "cpu_s"),
    )


async def _earlier_plates(
    context: ToolContext, work: Work, unlike_work_id: str | None
) -> tuple[Path, ...]:
    others = await context.works.of_artist(context.actor, work.artist_id, CATALOGUE)
    if unlike_work_id is not None:
        rejected = await context.works.get(context.actor, unlike_work_id)
        context.must_own(rejected.artist_id)
        others.append(rejected)
    plates = [w.asset("plate") for w in others if w.id != work.id]
    return tuple([await context.works.path(p) for p in plates if p is not None])


DRAW_COVER = Tool("draw_cover", DrawCover, draw_cover, "make")
