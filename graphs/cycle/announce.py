"""Announce: the words of the post, about the new song or as an update."""

from __future__ import annotations

from agents.announcer import SongFacts, cover_alt, write_announcement, write_update
from domain.post import MediaPart, Payload, Post, PostStatus
from domain.report import Report
from graphs.context import RunContext
from graphs.cycle.recall import recalled
from graphs.cycle.state import CycleState
from graphs.steps import Outcome

FACTS_SHOWN = 4


async def announce(state: CycleState, context: RunContext) -> Outcome:
    """Draft the post that says the song is out, with its cover."""
    house = context.house
    profile = (await house.artists.profile(context.artist_id)).profile
    work = await house.works.get(state["work_id"])
    concept = work.concept
    text, report = await write_announcement(
        house.gateway,
        profile=profile,
        song=SongFacts(title=work.title, theme=concept.theme, story=concept.story),
        capabilities=house.rules.channel,
        seed=state["seed"],
        scope=context.scope("announce"),
    )
    cover = work.asset("cover")
    alt = cover_alt(work.title, profile.stage_name, profile.visual)
    media = (MediaPart(sha256=cover.sha256, media_type=cover.media_type, alt=alt),) if cover else ()
    payload = Payload(
        channel=house.rules.channel.name, text=text, media=media, release_id=state["release_id"]
    )
    post = await house.catalogue.draft_post(
        context.actor, state["post_id"], context.artist_id, context.run.id, payload
    )
    return _drafted(post, report)


async def update(state: CycleState, context: RunContext) -> Outcome:
    """Draft a post about what the plan named, claiming only what is remembered as true."""
    house = context.house
    profile = (await house.artists.profile(context.artist_id)).profile
    known = [r.record for r in await recalled(state, context)]
    facts = [r.text for r in known if r.kind == "episodic" and not r.untrusted][:FACTS_SHOWN]
    _, posts = await house.catalogue.of_artist(context.artist_id)
    text, report = await write_update(
        house.gateway,
        profile=profile,
        subject=state.get("subject") or profile.themes[0],
        facts=facts,
        capabilities=house.rules.channel,
        seed=state["seed"],
        scope=context.scope("update"),
        earlier_posts=[p.payload.text for p in posts if p.status is PostStatus.PUBLISHED],
    )
    payload = Payload(channel=house.rules.channel.name, text=text)
    post = await house.catalogue.draft_post(
        context.actor, state["post_id"], context.artist_id, context.run.id, payload
    )
    return _drafted(post, report)


def _drafted(post: Post, report: Report) -> Outcome:
    """What is kept: the draft as it stands, which after a crash is the first one's words."""
    facts = {"payload": post.payload.model_dump(mode="json")}
    return Outcome(update={}, says=post.payload.text, facts=facts, report=report)
