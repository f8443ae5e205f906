"""The tool that makes a work ready to leave the house."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from domain.errors import ProviderInputInvalid
from domain.quality import QualityReport
from domain.requests import PackageRequest
from domain.work import AssetRole, Work, WorkStatus
from services.naming import file_stem
from services.works import Made
from tools.context import ToolContext
from tools.jobs import files_of, generate, number
from tools.tool import Tool


class PackageSong(BaseModel):
    """Which work to package, under which genre name and AI disclosure."""

    model_config = ConfigDict(frozen=True)

    work_id: str
    genre: str
    disclosure: str


class PackagedSong(BaseModel):
    """What became of it."""

    model_config = ConfigDict(frozen=True)

    work_id: str
    passed: bool
    cpu_s: float


async def package_song(context: ToolContext, arguments: PackageSong) -> PackagedSong:
    """Write title, credits, lyrics, cover and AI disclosure into the finished audio files.

    The files are copies; the tags are read back and judged. The work is complete after this.
    """
    work = await context.works.get(context.actor, arguments.work_id)
    context.must_own(work.artist_id)
    version = await context.artists.profile(context.actor, work.artist_id)
    request = PackageRequest(
        flac=await _path(context, work, "flac"),
        mp3=await _path(context, work, "mp3"),
        # Works made before Ogg files were have none.
        ogg=await _path(context, work, "ogg") if work.asset("ogg") else None,
        cover=await _path(context, work, "cover"),
        title=work.title,
        artist=version.profile.stage_name,
        album=work.title,
        genre=arguments.genre,
        tempo_bpm=work.tempo_bpm or 0.0,
        key=work.key or "",
        mode=work.mode or "ionian",
        lyrics=lyric_sheet(work),
        disclosure=arguments.disclosure,
    )
    key = f"{work.id}-package-{work.revision}"
    made = await generate(context, context.studio.packager, request, key)
    added = Made(
        files=files_of(made, file_stem(work.title)), reports=_with_tags(work, made.reports)
    )
    await context.works.grow(context.actor, work.id, WorkStatus.COMPLETE, added)
    return PackagedSong(
        work_id=work.id,
        passed=all(r.passed for r in made.reports),
        cpu_s=number(made, "cpu_s"),
    )


def lyric_sheet(work: Work) -> str:
    """The words with section names, as people read them."""
    return "\n\n".join("\n".join((f"[{s.section.capitalize()}]", *s.lines)) for s in work.lyrics)


def _with_tags(work: Work, packaged: tuple[QualityReport, ...]) -> tuple[QualityReport, ...]:
    """The audio report as it stood, with what was found about the tags in place of the gap."""
    new = {g.gate: g for report in packaged for g in report.gates}
    return tuple(
        r.model_copy(update={"gates": tuple(new.get(g.gate, g) for g in r.gates)})
        for r in work.reports
        if r.subject == "audio"
    )


async def _path(context: ToolContext, work: Work, role: AssetRole) -> Path:
    asset = work.asset(role)
    if asset is None:
        raise ProviderInputInvalid(f"the work has no {role} yet", field="work_id")
    return await context.works.path(asset)


PACKAGE_SONG = Tool("package_song", PackageSong, package_song, "make")
