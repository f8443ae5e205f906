"""Perceive: signals since the last cycle, the mood, what waits, and what is legal now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.plan import Action, LegalAction, Order
from domain.post import PostStatus
from domain.release import ReleaseStatus
from graphs.context import RunContext
from graphs.cycle.state import CycleState, Perceived
from graphs.steps import Outcome

NOTHING_DENIED: Mapping[Action, str] = {}


async def perceive(state: CycleState, context: RunContext) -> Outcome:
    """Collect everything the artist will see into one record of numbers and ids."""
    house = context.house
    events = await house.audience.take_in(context.actor, context.artist_id, context.run.id)
    counts = Counter(e.kind for e in events)
    waiting = await house.approvals.waiting(context.actor, context.artist_id)
    artist = await house.artists.find(context.actor, context.artist_id)
    released, posted = await _latest(context)
    orders = await house.directives.orders(context.actor, context.artist_id)
    full = await house.steering.day_is_full(context.artist_id)
    denied = denied_by(orders, full)
    legal = legal_actions(len(waiting), house.rules.approvals_waiting_max, denied)
    now = house.clock.now()
    perceived = Perceived(
        at=now.isoformat(),
        outcomes=await _outcomes(context),
        plays=counts["play"],
        likes=counts["like"] - counts["unlike"],
        comments=counts["comment"],
        days_since_release=_days(now, released),
        days_since_post=_days(now, posted),
        approvals_waiting=len(waiting),
        legal=[item.model_dump() for item in legal],
        orders=[order.model_dump(mode="json") for order in orders],
        denied={str(action): why for action, why in denied.items()},
    )
    mood = artist.mood.decayed(now)
    return Outcome(
        update={"perceived": perceived, "revision": 0},
        says=_says(perceived, mood.word()),
        facts={"perceived": dict(perceived), "mood": mood.model_dump(mode="json")},
    )


def denied_by(orders: Sequence[Order], full: str | None) -> dict[Action, str]:
    """What the label rules out now, with its words; a full day rules out all that goes out."""
    denied: dict[Action, str] = {}
    if full is not None:
        denied = {"write_and_release_song": full, "post_update": full}
    for order in orders:
        for action in order.forbids:
            denied.setdefault(action, f"my label said: {order.text}")
    return denied


def legal_actions(
    waiting: int, waiting_max: int, denied: Mapping[Action, str] = NOTHING_DENIED
) -> tuple[LegalAction, ...]:
    """What code allows: resting always; making new things while not too much waits.

    What the label has ruled out is not among it.
    """
    rest = LegalAction(action="rest", because="resting is always allowed")
    if waiting >= waiting_max:
        return (rest,)
    room = f"{waiting} of {waiting_max} approvals wait"
    making: tuple[Action, ...] = ("write_and_release_song", "post_update")
    allowed = [LegalAction(action=a, because=room) for a in making if a not in denied]
    return (*allowed, rest)


async def _latest(context: RunContext) -> tuple[datetime | None, datetime | None]:
    releases, posts = await context.house.catalogue.of_artist(context.actor, context.artist_id)
    live = [r.live_at for r in releases if r.status is ReleaseStatus.LIVE and r.live_at]
    out = [p.published_at for p in posts if p.status is PostStatus.PUBLISHED and p.published_at]
    return max(live, default=None), max(out, default=None)


async def _outcomes(context: RunContext) -> list[str]:
    """How the artist's last cycle ended, in sentences that code writes."""
    runs = await context.house.runs.page(context.actor, artist_id=context.artist_id, limit=5)
    last = next((r for r in runs if r.id < context.run.id and r.kind == "cycle"), None)
    approval = await context.house.approvals.standing_of(context.actor, last.id) if last else None
    if approval is None or approval.decision is None:
        return []
    song = next((s.id for s in approval.subjects if s.kind == "release"), None)
    title = (await context.house.catalogue.release(context.actor, song)).title if song else ""
    what = f"my song “{title}”" if song else "my post"
    if approval.decision.verdict == "approve":
        return [f"{what} was approved"]
    return [f"{what} was rejected because of {approval.decision.because}"]


def _days(now: datetime, then: datetime | None) -> float | None:
    return None if then is None else round((now - then).total_seconds() / 86400, 3)


def _says(perceived: Perceived, mood: str) -> str:
    heard = (
        f"{perceived['plays']} new plays, {perceived['likes']} likes, "
        f"{perceived['comments']} comments"
    )
    return f"I took in {heard}; my mood is {mood}."
