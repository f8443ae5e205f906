"""State machines as tables of legal steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from domain.errors import IllegalTransition

State = TypeVar("State", bound=StrEnum)


class StateMachine(Generic[State]):
    """The legal steps of one noun."""

    def __init__(self, noun: str, steps: Mapping[State, Iterable[State]]) -> None:
        self.noun = noun
        self.steps = {state: frozenset(after) for state, after in steps.items()}

    def may(self, current: State, target: State) -> bool:
        """Tell whether the step is legal."""
        return target in self.steps[current]

    def check(self, current: State, target: State) -> State:
        """Return `target`, or raise `IllegalTransition` naming what would be legal."""
        if not self.may(current, target):
            legal = ", ".join(sorted(self.steps[current])) or "nothing: this state is final"
            raise IllegalTransition(
                f"{self.noun} cannot go from {current} to {target}",
                field="status",
                remedy=f"From {current} it may go to: {legal}.",
            )
        return target

    def final(self, state: State) -> bool:
        """Tell whether nothing comes after `state`."""
        return not self.steps[state]
