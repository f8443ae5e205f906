"""Decides what becomes of a work from its quality reports: a pure function, no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agents.repairs import next_repair
from domain.quality import QualityReport

Part = Literal["lyrics", "score", "audio", "cover", "post"]
# A part rests on the parts before it, so the earliest one that fails is redone first.
ORDER: tuple[Part, ...] = ("lyrics", "score", "audio", "cover", "post")
Redo = Literal["lyrics", "score", "audio", "mix", "cover", "post"]
_MUSIC = frozenset({"lyrics", "score", "audio"})


class Verdict(BaseModel):
    """What to do, which part to redo, and why in words a musician reads."""

    model_config = ConfigDict(frozen=True)

    decision: Literal["accept", "revise", "give_up"]
    redo: Redo | None = None
    reasons: tuple[str, ...] = ()
    why: str = ""


def critique(
    reports: Sequence[QualityReport],
    *,
    revisions_done: int,
    revisions_allowed: int,
    tried: Sequence[str] | None = None,
) -> Verdict:
    """Accept when every report passes; else redo the earliest failing part while allowed.

    With `tried`, the repairs this work has had so far (`redo` of earlier verdicts, oldest first),
    the cheapest repair that may help is chosen: `mix`, then `score`, then `lyrics`; `why` says so
    in words. Without it the failing part itself is redone.
    """
    failing = sorted((r for r in reports if not r.passed), key=lambda r: ORDER.index(r.subject))
    reasons = tuple(
        f"{report.subject}, {gate.gate.replace('_', ' ')}: {gate.reason}"
        for report in failing
        for gate in report.failures
    ) or tuple(f"{report.subject}: nothing could be measured" for report in failing)
    if not reports:
        return Verdict(decision="give_up", reasons=("there is no report to judge by",))
    if not failing:
        return Verdict(decision="accept")
    redo, why = _repair(failing[0], tried)
    if revisions_done >= revisions_allowed:
        return Verdict(decision="give_up", redo=redo, reasons=reasons, why=why)
    return Verdict(decision="revise", redo=redo, reasons=reasons, why=why)


def _repair(report: QualityReport, tried: Sequence[str] | None) -> tuple[Redo, str]:
    if tried is None or report.subject not in _MUSIC:
        return report.subject, f"the {report.subject} is made anew"
    return next_repair(report.subject, report.failures, tried)
