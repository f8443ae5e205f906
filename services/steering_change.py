"""What a person may change of an artist's steering, and whether that lets more go out by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.rhythm import Window
from domain.steering import VETO_MAX_HOURS, Budgets, Level, Steering


class SteeringChange(BaseModel):
    """What to set; what is left out stays as it is, and null takes a limit away."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: Level | None = None
    veto_hours: Annotated[float, Field(ge=0, le=VETO_MAX_HOURS, allow_inf_nan=False)] | None = None
    quiet: Window | Literal["none"] | None = None
    tz: str | None = None
    posts_day: Annotated[int, Field(ge=0, le=1000)] | None = None
    budgets: Budgets | None = None

    def applied(self, steering: Steering, at: datetime, by: str) -> Steering:
        """The steering as the change wants it."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        for name in ("veto_hours", "tz"):
            if given.get(name, "") is None:
                del given[name]
        if given.get("quiet") == "none":
            given["quiet"] = None
        if self.budgets is not None:
            own = {name: getattr(self.budgets, name) for name in self.budgets.model_fields_set}
            given["budgets"] = Budgets.model_validate(steering.budgets.model_dump() | own)
        elif "budgets" in given:
            given["budgets"] = Budgets()
        return steering.amend(at, by=by, **given)


def loosens(old: Steering, new: Steering) -> bool:
    """Whether more goes out by itself, or sooner, than before."""
    if new.level in ("manual", "supervised"):
        return False  # A person decides each time.
    if new.level != old.level:
        return True
    sooner = new.level == "autopilot" and new.veto_hours < old.veto_hours
    return sooner or _speaks_longer(old, new) or _posts_more(old.posts_day, new.posts_day)


def _speaks_longer(old: Steering, new: Steering) -> bool:
    """Whether some of the quiet hours may be quiet no more."""
    return old.quiet is not None and (new.quiet, new.tz) != (old.quiet, old.tz)


def _posts_more(old: int | None, new: int | None) -> bool:
    return old is not None and (new is None or new > old)
