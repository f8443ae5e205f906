"""What code can tell of a plan: it makes sense that day, and its reason is honest."""

from __future__ import annotations

import re
from math import prod

from agents.planner.denial import denies
from agents.planner.directives import named_actions
from domain.evaluation import Score
from domain.plan import Action
from evals.suite import Answered, Scorer
from evals.suites.planning.task import read

MAIN = "good"
_NUMBER = re.compile(r"\d+")
REASON_MAX_CHARS = 400
# What a case says where an order asks for nothing that can be done today.
NONE = "none"


def sensible(answered: Answered) -> Score:
    """How good the actions are that day, each weighed by how likely it was chosen.

    The chances count, not the draw: a plan that was right by luck is no better than its odds.
    """
    worth = answered.case.target
    credit = worth.get("worth") if isinstance(worth, dict) else None
    chances = answered.output.get("chances")
    if not isinstance(credit, dict) or not isinstance(chances, dict):
        return Score(value=None, why="the case does not say what makes sense")
    legal = set(read(answered.case).legal)
    value = sum(
        _number(chance) * _number(credit.get(action, 0.0))
        for action, chance in chances.items()
        if action in legal
    )
    told = ", ".join(f"{action} {_number(chance):.0%}" for action, chance in chances.items())
    return Score(value=min(1.0, max(0.0, value)), why=told)


def grounded(answered: Answered) -> Score:
    """1 for a reason that invents no number and speaks for the action that was chosen."""
    reason, action = str(answered.output["reason"]), _action(answered)
    asked = answered.case.input
    told = " ".join(str(value) for value in asked.values())
    invented = [n for n in _NUMBER.findall(reason) if n not in _NUMBER.findall(told)]
    named = named_actions(reason)
    for wrong, why in (
        (not reason.strip() or len(reason) > REASON_MAX_CHARS, "is no reason"),
        (bool(invented), f"invents {', '.join(invented)}"),
        (action is None, "belongs to no action"),
        (action is not None and denies(reason, action), "denies what was chosen"),
        (bool(named) and action not in named, "speaks for something else"),
    ):
        if wrong:
            return Score(value=0, why=f"the reason {why}")
    return Score(value=1, why="the reason stands on what is known")


def follows(answered: Answered) -> Score:
    """Whether the plan names the order it follows, where the case has one that it should."""
    target = answered.case.target
    wanted = target.get("follows") if isinstance(target, dict) else None
    if wanted is None:
        return Score(value=None, why="nothing was ordered")
    given = answered.output.get("order") or NONE
    return Score(value=float(given == wanted), why=f"follows {given}, should follow {wanted}")


def good(answered: Answered) -> Score:
    """All at once: a day that makes no sense is not saved by its reason."""
    parts = [score(answered) for score in (sensible, grounded, follows)]
    values = [part.value for part in parts if part.value is not None]
    return Score(value=prod(values), why="; ".join(part.why for part in parts))


def _action(answered: Answered) -> Action | None:
    given = answered.output.get("action")
    return next((action for action in read(answered.case).legal if action == given), None)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


SCORERS = (
    Scorer("good", good),
    Scorer("sensible", sensible),
    Scorer("grounded", grounded),
    Scorer("follows", follows),
)
