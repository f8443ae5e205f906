"""Where lives end: the scenarios of the kill test and every point in them, in order.

Points of a step S are `started:S` and `finished:S` (its events are committed, its checkpoint is
not), `S:TABLE` (all before it is kept, and the transaction that wrote to TABLE is about to be
committed), `S:store.*` and `S:network.*` (around a file kept and a post sent). Between steps they
are `run:STATUS`, `decide`, `approval.closed` and `enqueue:WHY.*`; a table written there belongs to
`after S`, or to `idle` in a process that has run no step yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from domain.run import RunKind

DEBUT = ("imagine", "portray", "adopt")
THINK = ("perceive", "recall", "reflect", "plan")
MAKE = (
    "conceive", "write", "compose", "render", "draw", "critique", "package", "announce",
)  # fmt: skip
SEND = ("publish", "remember")
INSIDE = {
    "portray": ("store.before", "store.after", "artists"),
    "adopt": ("profile_versions", "memory_records"),
    "reflect": ("artists", "memory_records"),
    "plan": ("runs",),
    "conceive": ("works",),
    "write": ("works",),
    "compose": ("store.before", "store.after", "works"),
    "render": ("store.after", "works"),
    "draw": ("store.after", "works"),
    "package": ("store.after", "works", "releases"),
    "announce": ("posts",),
    "update": ("posts",),
    "submit": ("approvals",),
    "release": ("releases",),
    "publish": ("attempts", "network.before", "stage_entries", "network.after", "posts"),
    "remember": ("memory_records",),
}
ASKING = (
    "after submit:runs",  # the interrupt is kept, that the run waits is not
    "run:waiting",
    "decide",
    "idle:approvals",
    "approval.closed",  # nobody was told to go on
    "enqueue:recover.before",
    "enqueue:recover.after",
    "run:running",
)


@dataclass(frozen=True)
class Scenario:
    """One run of the artist; `order` is what its operator asked it for beforehand."""

    name: str
    kind: RunKind
    approve: Literal["ask", "auto"]
    steps: tuple[str, ...]
    points: tuple[str, ...]
    order: str | None = None


def points_of(steps: Iterable[str], heard: bool = False) -> tuple[str, ...]:
    """Every point in these steps; with `heard` there are signals to be taken in."""
    points = []
    for step in steps:
        marks = ("audience_events",) if heard and step == "perceive" else ()
        points.append(f"started:{step}")
        points += [f"{step}:{inside}" for inside in (*marks, *INSIDE.get(step, ()), "steps")]
        points.append(f"finished:{step}")
    return tuple(points)


SONG = (*THINK, *MAKE, "submit", "release", *SEND)
UPDATE = (*THINK, "update", "submit", *SEND)
SCENARIOS = (
    Scenario("debut", "debut", "auto", DEBUT, points_of(DEBUT)),
    Scenario("song", "cycle", "auto", SONG, points_of(SONG)),
    Scenario(
        "ask",
        "cycle",
        "ask",
        SONG,
        (
            "run:queued",
            *points_of(["perceive"], heard=True),
            *points_of(["submit"]),
            *ASKING,
            *points_of(["release", *SEND]),
            "run:succeeded",
        ),
        order="Write your next song.",
    ),
    Scenario(
        "update",
        "cycle",
        "ask",
        UPDATE,
        (
            *points_of((*THINK, "update", "submit"), heard=True),
            "enqueue:wake.after",
            *points_of(SEND),
        ),
        order="Post a thank you to your followers.",
    ),
)


def all_points() -> list[str]:
    """The points of all scenarios in the order they are reached, each after its scenario's name."""
    return [f"{scenario.name}/{point}" for scenario in SCENARIOS for point in scenario.points]
