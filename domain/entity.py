"""What every stored noun has: an id, a row version and two times."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, PrivateAttr

Place = tuple[str | int, ...]


class Entity(BaseModel):
    """A stored noun. Values never change in place; `amend` gives the next state."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    row_version: int = 1
    created_at: AwareDatetime
    updated_at: AwareDatetime
    # What a newer release stored with this noun and this one does not know, by where it stands.
    _later: dict[Place, Any] = PrivateAttr(default_factory=dict)

    @property
    def later(self) -> dict[Place, Any]:
        """Values of a newer release, which are stored again as they were."""
        return self._later

    def carrying(self, later: dict[Place, Any]) -> Self:
        """Return a copy that carries values of a newer release."""
        copy = self.model_copy()
        copy._later = later
        return copy

    def amend(self, at: datetime, **changes: Any) -> Self:
        """Return a validated copy with `changes`, touched at `at`; the store bumps the version.

        A clock that was set back does not make the noun younger than it was.
        """
        data = {name: getattr(self, name) for name in type(self).model_fields}
        touched = {"updated_at": max(at, self.updated_at)}
        changed = type(self).model_validate(data | changes | touched)
        return changed.carrying(self._later) if self._later else changed
