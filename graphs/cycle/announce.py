"""Announce: the words of the post, about the new song or as an update."""

from __future__ import annotations

from agents.announcer import (
    WORKING,
    SongFacts,
    cover_alt,
    opening_of,
    write_again,
    write_announcement,
    write_update,
)
from domain.post import Draft, MediaPart, Post, PostStatus
from domain.profile import Profile
from domain.report import Report
from domain.work import Work
from graphs.context import RunContext
from graphs.cycle.recall import recalled
from graphs.cycle.revising import keeps, revised_by, same_words
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from services.revisions import Revised

FACTS_SHOWN = 4


async def announce(state: CycleState, context: RunContext) -> Outcome:
    """Draft the post that says the song is out, with its cover."""
    house = context.house
    profile = (await house.artists.profile(context.actor, context.artist_id)).profile
    work = await house.works.get(context.actor, state["work_id"])
    revised = await revised_by(context)
    text, report = await _announcement(state, context, profile, work, revised)
    cover = work.asset("cover")
    alt = cover_alt(work.title, profile.stage_name, profile.visual)
    media = (MediaPart(sha256=cover.sha256, media_type=cover.media_type, alt=alt),) if cover else ()
    draft = Draft(
        text=text,
        media=media,
        link_title=f"{work.title} – {profile.stage_name}",
        release_id=state["release_id"],
        langs=profile.languages[:1],
    )
    return await _drafted(state, context, draft, report, revised)


async def _announcement(
    state: CycleState, context: RunContext, profile: Profile, work: Work, revised: Revised | None
) -> tuple[str, Report | None]:
    """The words about the song: those it had, those again as they were asked for, or new ones."""
    if revised is not None and keeps(state, "post"):
        return revised.posts[0].payload.text, None
    if revised is not None and work.revises is not None:
        about = f"your new song, called “{work.title}”, about {work.concept.theme}. "
        return await _again(
            state, context, revised, about + work.concept.story, opening_of(work.title)
        )
    return await write_announcement(
        context.house.gateway,
        profile=profile,
        song=SongFacts(title=work.title, theme=work.concept.theme, story=work.concept.story),
        capabilities=context.house.rules.channel,
        seed=state["seed"],
        scope=context.scope("announce"),
    )


async def _again(
    state: CycleState, context: RunContext, revised: Revised, about: str, opening: str = ""
) -> tuple[str, Report]:
    """The label's own post in other words, as it was asked for."""
    house = context.house
    return await write_again(
        house.gateway,
        profile=(await house.artists.profile(context.actor, context.artist_id)).profile,
        about=about,
        before=revised.posts[0].payload.text,
        asked=revised.said,
        capabilities=house.rules.channel,
        seed=state["seed"],
        scope=context.scope("announce"),
        opening=opening,
    )


async def update(state: CycleState, context: RunContext) -> Outcome:
    """Draft a post about what the plan named, claiming only what is remembered as true."""
    house = context.house
    profile = (await house.artists.profile(context.actor, context.artist_id)).profile
    known = [r.record for r in await recalled(state, context)]
    facts = [r.text for r in known if r.kind == "episodic" and not r.untrusted][:FACTS_SHOWN]
    _, posts = await house.catalogue.of_artist(context.actor, context.artist_id)
    subject = state.get("subject") or profile.themes[0]
    revised = await revised_by(context)
    if revised is not None:
        about = f"{subject}. True: {'; '.join(facts) or WORKING}"
        text, told = await _again(state, context, revised, about)
        draft = Draft(text=text, link_title=profile.stage_name, langs=profile.languages[:1])
        return await _drafted(state, context, draft, told, revised)
    text, report = await write_update(
        house.gateway,
        profile=profile,
        subject=subject,
        facts=facts,
        capabilities=house.rules.channel,
        seed=state["seed"],
        scope=context.scope("update"),
        earlier_posts=[p.payload.text for p in posts if p.status is PostStatus.PUBLISHED],
    )
    draft = Draft(text=text, link_title=profile.stage_name, langs=profile.languages[:1])
    return await _drafted(state, context, draft, report)


async def _drafted(
    state: CycleState,
    context: RunContext,
    draft: Draft,
    report: Report | None,
    revised: Revised | None = None,
) -> Outcome:
    """Draft one post a channel; what is kept after a crash is the first one's words.

    Words that nobody minded stay as each channel had them.
    """
    house, run = context.house, context.run
    for payload in await house.channels.render(context.artist_id, draft):
        if revised is not None and keeps(state, "post"):
            payload = await same_words(context, payload, revised.posts)
        post_id = post_id_of(state["post_id"], payload.channel, house.rules.channel.name)
        await house.catalogue.draft_post(context.actor, post_id, context.artist_id, run.id, payload)
    posts = await house.catalogue.posts_of_run(context.actor, run.id)
    first = next(post for post in posts if post.id == state["post_id"])
    return Outcome(
        update={"post_ids": [post.id for post in _first_first(posts, first)]},
        says=first.payload.text,
        facts={
            "payload": first.payload.model_dump(mode="json"),
            "channels": [post.payload.channel for post in posts],
        },
        report=report,
    )


def post_id_of(first_id: str, channel: str, first_channel: str) -> str:
    """The id of a channel's post, made from the one that the plan minted."""
    return first_id if channel == first_channel else f"{first_id}_{channel}"


def _first_first(posts: list[Post], first: Post) -> list[Post]:
    return [first, *(post for post in posts if post.id != first.id)]
