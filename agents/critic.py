"""Decides what becomes of a work from its quality reports: a pure function, no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.quality import QualityReport

Part = Literal["lyrics", "score", "audio", "cover", "post"]
# A part rests on the parts before it, so the earliest one that fails is redone first.
ORDER: tuple[Part, ...] = ("lyrics", "score", "audio", "cover", "post")


class Verdict(BaseModel):
    """What to do, which part to redo, and why in words a musician reads."""

    model_config = ConfigDict(frozen=True)

    decision: Literal["accept", "revise", "give_up"]
    redo: Part | None = None
    reasons: tuple[str, ...] = ()


def critique(
    reports: Sequence[QualityReport], *, revisions_done: int, revisions_allowed: int
) -> Verdict:
    """Accept when every report passes; else redo the earliest failing part while allowed."""
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
    if revisions_done >= revisions_allowed:
        return Verdict(decision="give_up", redo=failing[0].subject, reasons=reasons)
    return Verdict(decision="revise", redo=failing[0].subject, reasons=reasons)
