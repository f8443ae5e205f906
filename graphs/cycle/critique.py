"""Critique: code judges by the gates; revise until they hold or the revisions are spent."""

from __future__ import annotations

from agents.critic import critique as judge
from domain.errors import QualityRejected
from domain.revision import redone
from domain.work import Work
from graphs.context import RunContext
from graphs.cycle.state import CycleState
from graphs.steps import Outcome

REDO = {
    "lyrics": "write",
    "score": "compose",
    "audio": "compose",
    "mix": "render",
    "cover": "draw",
}


async def critique(state: CycleState, context: RunContext) -> Outcome:
    """Accept, revise the earliest failing part, or give up with the reasons in words."""
    house = context.house
    work = await house.works.get(context.actor, state["work_id"])
    verdict = judge(
        work.reports,
        revisions_done=state["revision"],
        revisions_allowed=house.rules.revisions,
        tried=state.get("tried", []),
    )
    if verdict.decision == "accept":
        return Outcome(
            update={},
            says="Every gate that applies is passed.",
            goto="package",
            facts=verdict.model_dump(),
        )
    why = "; ".join(verdict.reasons)
    if verdict.decision == "give_up" or verdict.redo is None:
        raise QualityRejected(
            f"“{work.title}” does not pass its gates: {why}",
            remedy="Raise GREENROOM_REVISIONS and resume the run, or start a new cycle.",
        )
    revision = state["revision"] + 1
    await house.works.revise(context.actor, work.id, revision)
    update: dict[str, object] = {
        "revision": revision,
        "tried": [*state.get("tried", []), verdict.redo],
    }
    if state.get("keeps"):
        update["keeps"] = redone(state["keeps"], verdict.redo)
    if verdict.redo == "mix":
        update |= {"mix": state.get("mix", 0) + 1, "repair": failing_sounds(work)}
    return Outcome(
        update=update,
        says=f"Revision {revision}: {why}. {_sentence(verdict.why)}",
        goto=REDO[verdict.redo],
        facts=verdict.model_dump(),
        result="revise",
    )


def failing_sounds(work: Work) -> list[str]:
    """The gates of the sound that a re-mix has to mend."""
    return [g.gate for r in work.reports if r.subject == "audio" for g in r.failures]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
