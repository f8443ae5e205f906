"""What every stored noun has: an id, a row version and two times."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Entity(BaseModel):
    """A stored noun. Values never change in place; `amend` gives the next state."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    row_version: int = 1
    created_at: AwareDatetime
    updated_at: AwareDatetime

    def amend(self, at: datetime, **changes: Any) -> Self:
        """Return a validated copy with `changes`, touched at `at`; the store bumps the version.

        A clock that was set back does not make the noun younger than it was.
        """
        data = {name: getattr(self, name) for name in type(self).model_fields}
        touched = {"updated_at": max(at, self.updated_at)}
        return type(self).model_validate(data | changes | touched)
