"""Quality gates: one result a check, one report a work; reasons in words a musician reads."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict

Verdict = Literal["pass", "fail", "not_applicable"]


class GateResult(BaseModel):
    """What one objective check measured, what it wanted, and why it judged so."""

    model_config = ConfigDict(frozen=True)

    gate: str
    verdict: Verdict
    value: float | None = None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    reason: str


class QualityReport(BaseModel):
    """All gate results for one thing; it passes when no gate fails."""

    model_config = ConfigDict(frozen=True)

    subject: Literal["lyrics", "score", "audio", "cover", "post"]
    gates: tuple[GateResult, ...]

    @property
    def passed(self) -> bool:
        """True when at least one gate applied and none failed."""
        return any(g.verdict == "pass" for g in self.gates) and not self.failures

    @property
    def failures(self) -> tuple[GateResult, ...]:
        """The gates that failed, in the order they ran."""
        return tuple(g for g in self.gates if g.verdict == "fail")


def within(
    gate: str,
    value: float,
    *,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    what: str,
) -> GateResult:
    """Judge `value` against a closed range; NaN fails, for nothing was measured.

    A result never holds NaN or infinity, which JSON cannot carry: its value is None instead.
    """
    measured = not math.isnan(value)
    ok = measured and (low is None or value >= low) and (high is None or value <= high)
    suffix = f" {unit}" if unit else ""
    found = f"is {spelled(value)}{suffix}" if measured else "could not be measured"
    return GateResult(
        gate=gate,
        verdict="pass" if ok else "fail",
        value=value if math.isfinite(value) else None,
        unit=unit,
        low=low,
        high=high,
        reason=f"{what} {found}{_wanted(low, high, suffix)}",
    )


def spelled(value: float) -> str:
    """A measured number as people write it: three digits, and no exponents."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{min(digits, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _wanted(low: float | None, high: float | None, suffix: str) -> str:
    bounds = []
    if low is not None:
        bounds.append(f"at least {low:g}")
    if high is not None:
        bounds.append(f"at most {high:g}")
    return f"; wanted {' and '.join(bounds)}{suffix}" if bounds else ""


def not_applicable(gate: str, reason: str) -> GateResult:
    """Record that a check does not apply here, and why."""
    return GateResult(gate=gate, verdict="not_applicable", reason=reason)
