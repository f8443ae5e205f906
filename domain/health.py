"""What the doctor finds out about this machine, one line a part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

HealthVerdict = Literal["ok", "warning", "broken"]


class HealthCheck(BaseModel):
    """One part, how it is, and how to mend it; a warning does not stop the work."""

    model_config = ConfigDict(frozen=True)

    name: str
    verdict: HealthVerdict
    message: str
    remedy: str | None = None


def healthy(checks: Sequence[HealthCheck]) -> bool:
    """True when nothing is broken."""
    return all(check.verdict != "broken" for check in checks)
