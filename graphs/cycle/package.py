"""Package: tags, cover and disclosure into the finished files; draft the release."""

from __future__ import annotations

from domain.work import Credit
from graphs.context import RunContext
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from packs import load_pack
from tools.package_song import PackagedSong, PackageSong

DISCLOSURE = (
    "Made by an autonomous AI artist: lyrics by a language model, music and artwork by "
    "generative programs. No human performance was recorded."
)


async def package(state: CycleState, context: RunContext) -> Outcome:
    """Complete the work and draft the single that carries it."""
    house = context.house
    version = await house.artists.profile(context.artist_id)
    profile = version.profile
    done = await context.toolbox.use(
        "package_song",
        PackageSong(
            work_id=state["work_id"],
            genre=load_pack(profile.genre_pack).name,
            disclosure=DISCLOSURE,
        ),
        PackagedSong,
    )
    work = await house.works.get(state["work_id"])
    release = await house.catalogue.draft_single(
        context.actor,
        state["release_id"],
        work,
        credits_of(profile.stage_name, context.artist_id),
        DISCLOSURE,
    )
    return Outcome(
        update={},
        says=f"“{release.title}” is packaged as a single, ready to be decided on.",
        facts=done.model_dump(),
        child_cpu_s=done.cpu_s,
    )


def credits_of(stage_name: str, artist_id: str) -> tuple[Credit, ...]:
    """A solo artist made it all; the shares of composer and lyricist sum to 100 %."""
    return (
        Credit(name=stage_name, role="MainArtist", artist_id=artist_id),
        Credit(name=stage_name, role="Composer", artist_id=artist_id, share_percent=50.0),
        Credit(name=stage_name, role="Lyricist", artist_id=artist_id, share_percent=50.0),
        Credit(name=stage_name, role="Producer", artist_id=artist_id),
        Credit(name=stage_name, role="Artwork", artist_id=artist_id),
    )
