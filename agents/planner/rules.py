"""How much each action suggests itself: time since the last one, mood, and who listened."""

from __future__ import annotations

from domain.plan import Action, Order, PlanFacts

RELEASE_EVERY_DAYS = 7.0
POST_EVERY_DAYS = 2.0
# How much a goal that is not reached yet speaks for what brings it nearer.
GOAL = 1.0
PLAIN_WORDS: dict[Action, str] = {
    "write_and_release_song": "write and release a song",
    "post_update": "post an update",
    "rest": "rest",
}


def suggested(facts: PlanFacts) -> dict[Action, float]:
    """A score for each action; only differences matter."""
    scores: dict[Action, float] = {
        "write_and_release_song": _song(facts),
        "post_update": _post(facts),
        "rest": _rest(facts),
    }
    for order in facts.orders:
        if order.wants is not None:
            scores[order.wants] += GOAL
    return scores


def goal_for(action: Action, facts: PlanFacts) -> Order | None:
    """The goal that an action brings nearer, the one that is due first."""
    wanted = [order for order in facts.orders if order.wants == action]
    return min(wanted, key=lambda o: (o.until is None, o.until or o.since), default=None)


def reasons(facts: PlanFacts) -> list[str]:
    """The facts in sentences, for the model to word and the report to keep."""
    release, post = facts.days_since_release, facts.days_since_post
    return [
        "there is no song yet" if release is None else f"the last song is {_days(release)} old",
        "nothing was posted yet" if post is None else f"the last post is {_days(post)} old",
        f"{facts.approvals_waiting} works wait for approval",
        f"{facts.new_plays} new plays, {facts.new_likes} likes, {facts.new_comments} comments",
    ]


def telling(action: Action, facts: PlanFacts) -> list[str]:
    """The one or two facts that speak for an action: a small model muddles more of them."""
    release, post, waiting, heard = reasons(facts)
    if action == "write_and_release_song":
        return [release]
    if action == "post_update":
        return [post, heard] if facts.new_plays or facts.new_comments else [post]
    return [waiting] if facts.approvals_waiting else [f"the mood is {facts.mood.word()}"]


def _song(facts: PlanFacts) -> float:
    if facts.days_since_release is None:
        return 3.0  # An artist without a song is not one yet.
    due = min(2.0, facts.days_since_release / RELEASE_EVERY_DAYS)
    return due + 0.4 * facts.mood.arousal - 0.4 * facts.approvals_waiting


def _post(facts: PlanFacts) -> float:
    if facts.days_since_release is None:
        return 0.0
    silent = facts.days_since_release if facts.days_since_post is None else facts.days_since_post
    heard = 0.3 * bool(facts.new_comments) + 0.2 * bool(facts.new_plays)
    return min(1.2, silent / POST_EVERY_DAYS) * 0.8 + heard


def _rest(facts: PlanFacts) -> float:
    return 0.3 - 0.5 * facts.mood.arousal - 0.2 * facts.mood.valence + 0.3 * facts.approvals_waiting


def _days(days: float) -> str:
    return "less than a day" if days < 1 else "one day" if days < 2 else f"{int(days)} days"
