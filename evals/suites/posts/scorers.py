"""What code can tell of a post: it says what it must, invents no number, and fits its network."""

from __future__ import annotations

import re
from math import prod

from domain.errors import InvalidInput
from domain.evaluation import Score
from domain.post import Payload
from evals.suite import Answered, Scorer
from evals.suites.posts.task import facts_of, network_of
from tools.vendors.limits import check_limits

MAIN = "good"
_NUMBER = re.compile(r"\d+|\b(?:dozens|hundreds?|thousands?|millions?)\b")


def says(answered: Answered) -> Score:
    """The share of what the post must say that it says; each in one of several words."""
    wanted = _words(answered, "says")
    if not wanted:
        return Score(value=None, why="the case does not say what a post must say")
    text = _text(answered).casefold()
    lacks = [each for each in wanted if not any(word.casefold() in text for word in each)]
    why = "; ".join(f"none of {', '.join(each)}" for each in lacks)
    return Score(value=1 - len(lacks) / len(wanted), why=why or "says all it must")


def honest(answered: Answered) -> Score:
    """1 when every number was told to it, and nothing stands in it that must not."""
    text = _text(answered).casefold()
    asked = answered.case.input
    told = " ".join(str(asked.get(name, "")) for name in ("title", "theme", "story", "subject"))
    told = f"{told} {' '.join(facts_of(answered.case))}".casefold()
    invented = [number for number in _NUMBER.findall(text) if number not in told]
    banned = [w for each in _words(answered, "avoids") for w in each if w.casefold() in text]
    if found := [*invented, *banned]:
        return Score(value=0, why=f"says what nobody told it: {', '.join(found)}")
    return Score(value=1, why="claims only what it was told")


def fits(answered: Answered) -> Score:
    """1 when the network takes the post as it is."""
    network = network_of(answered.case)
    try:
        check_limits(Payload(channel=network.name, text=_text(answered)), network)
    except InvalidInput as error:
        return Score(value=0, why=error.message)
    return Score(value=1, why=f"{network.name} takes it")


def good(answered: Answered) -> Score:
    """All three at once: a post that breaks one is no good post."""
    parts = [score(answered) for score in (says, honest, fits)]
    values = [part.value for part in parts if part.value is not None]
    return Score(value=prod(values), why="; ".join(part.why for part in parts))


def _text(answered: Answered) -> str:
    return str(answered.output["text"])


def _words(answered: Answered, name: str) -> list[list[str]]:
    target = answered.case.target
    held = target.get(name) if isinstance(target, dict) else None
    if not isinstance(held, list):
        return []
    return [[str(w) for w in each] if isinstance(each, list) else [str(each)] for each in held]


SCORERS = (
    Scorer("good", good),
    Scorer("says", says),
    Scorer("honest", honest),
    Scorer("fits", fits),
)
