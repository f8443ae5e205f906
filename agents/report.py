"""Collects what a role did while it works, and closes it into a `Report`."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import JsonValue

from domain.choice import CreativeChoice
from domain.ports.model import Completion
from domain.report import Candidate, Consideration, ModelCall, Report

__all__ = ["Candidate", "Consideration", "Notebook", "Report"]


class Notebook:
    """One role's notes: model calls, candidates with scores, choices, repairs."""

    def __init__(self, role: str, snapshot: dict[str, JsonValue]) -> None:
        self._role = role
        self._snapshot = snapshot
        self._calls: list[ModelCall] = []
        self._considered: list[Consideration] = []
        self._choices: list[CreativeChoice] = []
        self._notes: list[str] = []

    def called(self, prompt: str, completions: Iterable[Completion]) -> None:
        """Write down completions of one prompt."""
        self._calls += [
            ModelCall(
                prompt=prompt,
                model=c.model,
                prompt_tokens=c.usage.prompt_tokens,
                completion_tokens=c.usage.completion_tokens,
                cost_usd=c.cost_usd,
                cached=c.cached,
                latency_s=c.latency_s,
            )
            for c in completions
        ]

    @property
    def spent(self) -> tuple[int, int]:
        """How many completions were asked for so far, and how many tokens they took."""
        tokens = sum(c.prompt_tokens + c.completion_tokens for c in self._calls if not c.cached)
        return len(self._calls), tokens

    def considered(self, what: str, candidates: Iterable[Candidate]) -> None:
        """Write down the candidates for one thing."""
        self._considered.append(Consideration(what=what, candidates=tuple(candidates)))

    def parts_of(self, text: str) -> dict[str, float]:
        """How the best of some candidates was scored, by its text; empty if it was none."""
        taken = (c for what in self._considered for c in what.candidates if c.chosen)
        return next((c.parts for c in taken if c.text == text), {})

    def chose(self, choice: CreativeChoice) -> str:
        """Write down a choice and return what was chosen."""
        self._choices.append(choice)
        return choice.chosen

    def note(self, text: str) -> None:
        """Write down something code decided or mended."""
        self._notes.append(text)

    def close(self) -> Report:
        """The finished record."""
        return Report(
            role=self._role,
            calls=tuple(self._calls),
            considered=tuple(self._considered),
            choices=tuple(self._choices),
            notes=tuple(self._notes),
            snapshot=self._snapshot,
        )
