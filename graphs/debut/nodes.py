"""The steps of a debut: imagine the artist, draw its mark, adopt the profile."""

from __future__ import annotations

from agents.profiler import write_profile
from agents.seeds import derive_seed
from domain.profile import Profile
from graphs.context import RunContext
from graphs.debut.state import DebutState
from graphs.memories import remember_text
from graphs.steps import Outcome
from packs import load_pack
from tools.draw_portrait import DrawnPortrait, DrawPortrait


async def imagine(state: DebutState, context: RunContext) -> Outcome:
    """Write the whole profile from the brief."""
    house = context.house
    artist = await house.artists.find(context.actor, context.artist_id)
    others = await house.artists.page(context.actor, limit=500)
    profile, report = await write_profile(
        house.gateway,
        house.embedder,
        brief=artist.brief,
        pack=load_pack(artist.genre_pack),
        seed=artist.seed,
        scope=context.scope("imagine"),
        taken_names=tuple(a.stage_name for a in others if a.id != artist.id),
    )
    return Outcome(
        update={"profile": profile.model_dump(mode="json", by_alias=True)},
        says=f"I am {profile.stage_name}. {profile.biography}",
        report=report,
    )


async def portray(state: DebutState, context: RunContext) -> Outcome:
    """Draw the artist's mark and the banner of its page."""
    profile = Profile.model_validate(state["profile"])
    drawn = await context.toolbox.use(
        "draw_portrait",
        DrawPortrait(
            stage_name=profile.stage_name,
            art=profile.visual,
            seed=derive_seed(state["seed"], "portrait"),
        ),
        DrawnPortrait,
    )
    return Outcome(
        update={},
        says="My mark and my banner are drawn.",
        facts=drawn.model_dump(),
        child_cpu_s=drawn.cpu_s,
    )


async def adopt(state: DebutState, context: RunContext) -> Outcome:
    """Put the profile in force; from here the artist is active and has a page."""
    house = context.house
    profile = Profile.model_validate(state["profile"])
    version = await house.artists.adopt_profile(
        context.actor, context.artist_id, profile, reason="debut", evidence=("brief",)
    )
    artist = await house.artists.find(context.actor, context.artist_id)
    await remember_text(
        context,
        "semantic",
        f"I am {profile.stage_name}. {profile.biography}",
        at=version.created_at,
        importance=1.0,
    )
    return Outcome(
        update={},
        says=f"The page @{artist.handle} is open.",
        facts={"handle": artist.handle, "profile": version.id},
    )
