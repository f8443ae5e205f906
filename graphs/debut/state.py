"""What a debut carries from step to step."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict


class DebutState(TypedDict, total=False):
    """The state of one debut; the profile is small text, so it may travel."""

    run_id: str
    seed: int
    profile: dict[str, Any]
