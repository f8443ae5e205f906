"""Package: tags, cover and disclosure into the finished files; draft the release."""

from __future__ import annotations

from domain.work import Credit, Work, WorkStatus
from graphs.context import RunContext
from graphs.cycle.revising import keeps
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from services.sound import pack_of
from services.works import Made
from tools.package_song import PackagedSong, PackageSong


async def package(state: CycleState, context: RunContext) -> Outcome:
    """Complete the work and draft the single that carries it; files that stay are not touched."""
    house = context.house
    version = await house.artists.profile(context.actor, context.artist_id)
    profile = version.profile
    disclosure = disclosure_of(await house.works.get(context.actor, state["work_id"]))
    done: PackagedSong | None = None
    if keeps(state, "lyrics", "audio", "cover"):
        await house.works.grow(context.actor, state["work_id"], WorkStatus.COMPLETE, Made())
    else:
        done = await context.toolbox.use(
            "package_song",
            PackageSong(
                work_id=state["work_id"],
                genre=pack_of(profile).name,
                disclosure=disclosure,
            ),
            PackagedSong,
        )
    work = await house.works.get(context.actor, state["work_id"])
    release = await house.catalogue.draft_single(
        context.actor,
        state["release_id"],
        work,
        credits_of(profile.stage_name, context.artist_id, words=bool(work.lyrics)),
        disclosure,
    )
    return Outcome(
        update={},
        says=f"“{release.title}” is packaged as a single, ready to be decided on.",
        facts=done.model_dump() if done else {"kept": True},
        child_cpu_s=done.cpu_s if done else 0.0,
    )


def credits_of(stage_name: str, artist_id: str, *, words: bool = True) -> tuple[Credit, ...]:
    """A solo artist made it all; the shares of composer and lyricist sum to 100 %."""
    lyricist = Credit(name=stage_name, role="Lyricist", artist_id=artist_id, share_percent=50.0)
    composed = 50.0 if words else 100.0
    return (
        Credit(name=stage_name, role="MainArtist", artist_id=artist_id),
        Credit(name=stage_name, role="Composer", artist_id=artist_id, share_percent=composed),
        *((lyricist,) if words else ()),
        Credit(name=stage_name, role="Producer", artist_id=artist_id),
        Credit(name=stage_name, role="Artwork", artist_id=artist_id),
    )


def disclosure_of(work: Work) -> str:
    """Say truthfully, from the work's provenance, what was generated and by what."""
    made = {p.part: p.kind for p in work.provenance}
    music = "generative model" if made.get("audio") == "trained_model" else "generative program"
    sung = "vocals" in made or (made.get("audio") == "trained_model" and bool(work.lyrics))
    voice = ", sung by a synthetic voice" if sung else ""
    words = "lyrics by a language model, " if work.lyrics else ""
    return (
        f"Made by an autonomous AI artist: {words}music by a {music}{voice}, "
        "artwork by a generative program. No human performance was recorded for it."
    )
