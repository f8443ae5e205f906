"""The operator's hold: while it stands, nothing begins and what runs stops at a safe point."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.entity import Entity

HOLD = "hold"


class Switch(Entity):
    """A switch of the whole label, by its name; `why` and `by` tell who set it last and what for.

    `updated_at` is when.
    """

    name: str
    on: bool = False
    why: str = ""
    by: str = ""


class Hold(BaseModel):
    """A hold that stands."""

    model_config = ConfigDict(frozen=True)

    why: str
    by: str
    since: AwareDatetime
