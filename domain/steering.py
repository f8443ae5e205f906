"""How freely an artist acts: its level of autonomy, quiet hours, and what it may spend and post."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.entity import Entity
from domain.errors import InvalidInput
from domain.local_time import DAY, at, wall, zone
from domain.quiet import quiet_until
from domain.rhythm import Window
from domain.run import RunCause, RunKind

Level = Literal["manual", "supervised", "autopilot"]
# A run's or a schedule's own word on publication; None: it says nothing.
Standing = Literal["ask", "auto"]
LEVELS: tuple[Level, ...] = ("manual", "supervised", "autopilot")
LEVEL_WORDS: dict[Level, str] = {
    "manual": "Nothing begins by itself. A run starts when a person starts one, and nothing goes "
    "out before a person has approved it.",
    "supervised": "Runs begin by the artist's rhythm. Nothing goes out before a person has "
    "approved it.",
    "autopilot": "Runs begin by the artist's rhythm. What passes the gates goes out by itself, "
    "after a while in which a person may stop it.",
}
VETO_MAX_HOURS = 14 * 24.0
DEFAULT_VETO_HOURS = 6.0


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Budgets(_Value):
    """What the artist may use; each lowers the label's own limit, and None leaves that alone."""

    tokens_day: Annotated[int, Field(ge=0)] | None = None
    usd_day: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    tokens_run: Annotated[int, Field(ge=0)] | None = None
    usd_run: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


class Steering(Entity):
    """An artist's steering, one row an artist; without a row these values stand.

    While nobody has chosen a `level` the artist is supervised, but a rhythm or a run that was told
    to publish by itself still does.
    """

    artist_id: str
    level: Level | None = None
    veto_hours: Annotated[float, Field(ge=0, le=VETO_MAX_HOURS, allow_inf_nan=False)] = (
        DEFAULT_VETO_HOURS
    )
    quiet: Window | None = None
    tz: str = "UTC"
    posts_day: Annotated[int, Field(ge=0, le=1000)] | None = None
    budgets: Budgets = Budgets()
    by: str = ""

    @property
    def in_force(self) -> Level:
        """The level that counts."""
        return self.level or "supervised"

    def hushed_until(self, moment: datetime) -> datetime | None:
        """The end of the quiet hours around `moment`, or None."""
        return quiet_until(moment, self.quiet, zone(self.tz)) if self.quiet else None

    def day_began(self, moment: datetime) -> datetime:
        """When the artist's local day began."""
        where = zone(self.tz)
        return at(wall(moment, where).date(), time(0), where)

    def may_go_out(self, moment: datetime, posted_today: int) -> datetime:
        """The first moment from `moment` on at which something of the artist may become public.

        `posted_today` counts what went out since `day_began(moment)`.
        """
        if self.posts_day is not None and posted_today >= self.posts_day:
            where = zone(self.tz)
            moment = max(moment, at(wall(moment, where).date() + DAY, time(0), where))
        return self.hushed_until(moment) or moment


class Ruling(_Value):
    """Whether a person is asked, or how long one may object before it goes out by itself."""

    asked: bool
    why: str
    veto: timedelta = timedelta(0)


def ruling(steering: Steering, own: Standing | None) -> Ruling:
    """How level and standing order combine: the stricter wins. The one place that decides it.

    `own` is what the run was told, by whoever started it or by its schedule.
    """
    level = steering.level
    if level is None:
        auto = own == "auto"
        why = "the run was told to publish by itself" if auto else "nobody said otherwise"
        return Ruling(asked=not auto, why=why)
    if level != "autopilot":
        return Ruling(asked=True, why=f"the artist is {_LEVEL_IS[level]}")
    if own == "ask":
        return Ruling(asked=True, why="the run was told to ask")
    veto = timedelta(hours=steering.veto_hours)
    return Ruling(asked=False, why="the artist is on autopilot", veto=veto)


def may_begin(steering: Steering, cause: RunCause, kind: RunKind) -> str | None:
    """Why a run may not begin; None when it may. A debut was asked for with the artist."""
    if steering.level == "manual" and cause != "operator" and kind != "debut":
        return "it is steered by hand: a person starts its runs"
    return None


def check_steering(steering: Steering) -> None:
    """Raise `InvalidInput` naming the field that can never be kept to."""
    zone(steering.tz)
    quiet = steering.quiet
    if quiet is not None and quiet.start == quiet.end:
        raise InvalidInput(
            "quiet hours must begin and end at different times",
            field="quiet",
            remedy="Give two different local times, such as 22:00-8:00, or none.",
        )


_LEVEL_IS: dict[Level, str] = {
    "manual": "steered by hand",
    "supervised": "supervised",
    "autopilot": "on autopilot",
}
