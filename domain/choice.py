"""A creative choice, recorded so that learning can later ask what else was possible."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator


class CreativeChoice(BaseModel):
    """One decision among named options: what could have been, how likely, what was taken, why."""

    model_config = ConfigDict(frozen=True)

    name: str
    options: tuple[str, ...]
    probabilities: tuple[float, ...]
    chosen: str
    seed: int
    reason: str = ""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if len(self.options) != len(self.probabilities):
            raise ValueError("options and probabilities differ in number")
        if self.chosen not in self.options:
            raise ValueError(f"chosen {self.chosen!r} is not among the options")
        if abs(sum(self.probabilities) - 1.0) > 1e-6 or min(self.probabilities) < 0.0:
            raise ValueError("probabilities must be at least 0 and sum to 1")
        return self
