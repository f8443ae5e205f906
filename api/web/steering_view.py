"""What the steering page shows, and how its forms are read."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.context import ApiContext
from api.web.artist_views import ArtistHead, head_of
from api.web.operator_views import Notice
from api.web.page import Page
from domain.actor import Actor
from domain.clock_words import parse_window, window_words
from domain.directive import Directive, Measure, Target
from domain.errors import InvalidInput
from domain.local_time import at, zone
from domain.plan import Action
from domain.steering import LEVEL_WORDS, LEVELS, Budgets, Level, Steering
from services.directives import Shown
from services.steering import SteeringView
from services.steering_change import SteeringChange

RULED_OUT: dict[Action, str] = {
    "write_and_release_song": "new songs",
    "post_update": "posts that are no announcement",
    "rest": "resting",
}
LEVEL_TITLES: dict[Level, str] = {
    "manual": "Manual",
    "supervised": "Supervised",
    "autopilot": "Autopilot",
}
MEASURES: tuple[Measure, ...] = get_args(Measure)
LISTED = 100


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class LevelChoice(_Part):
    """One of the three levels, explained."""

    level: Level
    title: str
    words: str


class Bar(_Part):
    """How much of a limit is used; `own` where the artist has a limit of its own."""

    label: str
    used: float
    limit: float
    words: str
    own: bool

    @property
    def share(self) -> float:
        """Of the limit, at most all of it."""
        return min(self.used / self.limit, 1.0) if self.limit else 1.0


class DirectiveLine(_Part):
    """A directive with what one may want to know and do about it."""

    directive: Directive
    progress: str = ""
    done: int = 0
    of: int = 0
    rules_out: tuple[str, ...] = ()
    until_day: str = ""


class SteeringForm(_Part):
    """The form as it stands, or as it was typed."""

    level: str = "supervised"
    veto_hours: str = ""
    quiet: str = ""
    tz: str = "UTC"
    posts_day: str = ""
    tokens_day: str = ""
    usd_day: str = ""
    tokens_run: str = ""
    usd_run: str = ""
    version: int = 0
    field: str = ""
    error: str = ""

    def change(self) -> SteeringChange:
        """What the form asks for; raises `InvalidInput` naming the field."""
        budgets = {
            name: _number(name, getattr(self, name), whole=name.startswith("tokens"))
            for name in Budgets.model_fields
        }
        given = {
            "level": self.level,
            "veto_hours": _number("veto_hours", self.veto_hours or "0"),
            "quiet": parse_window(self.quiet, "quiet") if self.quiet.strip() else "none",
            "tz": self.tz.strip() or "UTC",
            "posts_day": _number("posts_day", self.posts_day, whole=True),
            "budgets": budgets,
        }
        try:
            return SteeringChange.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise InvalidInput(
                f"{first['loc'][-1]}: {first['msg']}".replace("_", " "),
                field=str(first["loc"][-1]),
                remedy="Correct it and save again.",
            ) from error


class NewDirectiveForm(_Part):
    """The form for a new directive or goal, as typed."""

    kind: Literal["directive", "goal"] = "directive"
    text: str = ""
    count: str = ""
    measure: Measure = "songs"
    until: str = ""
    lasting: Literal["", "once", "lasting"] = ""
    error: str = ""

    @property
    def target(self) -> Target | None:
        """The goal's number, if one was typed; raises `InvalidInput`."""
        number = _number("target", self.count, whole=True)
        if number is None or self.kind != "goal":
            return None
        if not 1 <= number <= 1_000_000:
            raise InvalidInput("a goal counts from 1 on", field="target", remedy="Correct it.")
        return Target(measure=self.measure, count=int(number))


class SteeringPage(Page):
    """An artist's directives, goals, level, limits, and the way to stop it."""

    template: ClassVar[str] = "steering.html"

    head: ArtistHead = Field(description="The top of the artist's pages.")
    view: SteeringView = Field(description="How it is steered, and how near its limits it is.")
    form: SteeringForm = Field(description="The form of level and limits.")
    new: NewDirectiveForm = Field(description="The form of a new directive or goal.")
    levels: tuple[LevelChoice, ...] = Field(description="The three levels, explained.")
    bars: tuple[Bar, ...] = Field(description="What is used of each limit.")
    directives: tuple[DirectiveLine, ...] = Field(description="Standing directives.")
    goals: tuple[DirectiveLine, ...] = Field(description="Standing goals.")
    ended: tuple[DirectiveLine, ...] = Field(description="Those that have ended, newest first.")
    measures: tuple[Measure, ...] = Field(description="What goals can count.")
    notice: Notice | None = Field(description="The outcome, or what went wrong.")


async def steering_page(
    context: ApiContext,
    actor: Actor,
    handle: str,
    *,
    notice: Notice | None = None,
    form: SteeringForm | None = None,
    new: NewDirectiveForm | None = None,
) -> SteeringPage:
    """The page, with forms as typed where something was wrong."""
    artist = await context.artists.find(actor, handle)
    view = await context.steering.view(actor, artist.id)
    found = await context.directives.page(actor, artist.id, limit=LISTED)
    lines = [_line(each, view.steering.tz) for each in found]
    standing = [line for line in lines if line.directive.standing]
    return SteeringPage(
        title=f"Steering {artist.stage_name} · Greenroom",
        head=head_of(context, artist),
        view=view,
        form=form or form_of(view.steering),
        new=new or NewDirectiveForm(),
        levels=tuple(
            LevelChoice(level=level, title=LEVEL_TITLES[level], words=LEVEL_WORDS[level])
            for level in LEVELS
        ),
        bars=bars_of(view),
        directives=tuple(line for line in standing if line.directive.kind == "directive"),
        goals=tuple(line for line in standing if line.directive.kind == "goal"),
        ended=tuple(line for line in lines if not line.directive.standing),
        measures=MEASURES,
        notice=notice,
    )


def form_of(steering: Steering) -> SteeringForm:
    """The form as the artist is steered."""
    own = steering.budgets
    return SteeringForm(
        level=steering.in_force,
        veto_hours=f"{steering.veto_hours:g}",
        quiet=window_words(steering.quiet) if steering.quiet else "",
        tz=steering.tz,
        posts_day=_shown(steering.posts_day),
        tokens_day=_shown(own.tokens_day),
        usd_day=_shown(own.usd_day),
        tokens_run=_shown(own.tokens_run),
        usd_run=_shown(own.usd_run),
        version=steering.row_version,
    )


def bars_of(view: SteeringView) -> tuple[Bar, ...]:
    """Tokens and money of the last 24 hours, and the posts of today."""
    own, limits, spent = view.steering.budgets, view.limits, view.spent_day
    bars = []
    if limits.tokens_day is not None:
        words = f"{spent.tokens:,} of {limits.tokens_day:,}"
        mine = own.tokens_day is not None
        bars.append(_bar("Tokens, 24 hours", spent.tokens, limits.tokens_day, words, mine))
    if limits.usd_day is not None:
        words = f"${spent.cost_usd:.2f} of ${limits.usd_day:.2f}"
        mine = own.usd_day is not None
        bars.append(_bar("US dollars, 24 hours", spent.cost_usd, limits.usd_day, words, mine))
    if (most := view.steering.posts_day) is not None:
        words = f"{view.posted_today} of {most}"
        bars.append(_bar("Posts today", view.posted_today, most, words, True))
    return tuple(bars)


def until_of(text: str, tz: str, now: datetime) -> datetime | None:
    """The end of a day of the artist's zone; None for nothing typed."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
        return at(day + timedelta(days=1), time(0), zone(tz)) - timedelta(minutes=1)
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{text!r} is no day", field="until", remedy="Write it as 2030-05-10."
        ) from None


def _bar(label: str, used: float, limit: float, words: str, own: bool) -> Bar:
    return Bar(label=label, used=used, limit=limit, words=words, own=own)


def _line(shown: Shown, tz: str) -> DirectiveLine:
    directive, progress = shown.directive, shown.progress
    until = directive.until
    return DirectiveLine(
        directive=directive,
        progress=progress.words if progress else "",
        done=progress.done if progress else 0,
        of=progress.of if progress else 0,
        rules_out=tuple(RULED_OUT[action] for action in directive.forbids),
        until_day=until.astimezone(zone(tz)).strftime("%Y-%m-%d") if until else "",
    )


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _number(name: str, text: str, *, whole: bool = False) -> float | None:
    plain = text.strip().replace(",", "")
    if not plain:
        return None
    try:
        return int(plain) if whole else float(plain)
    except ValueError:
        raise InvalidInput(
            f"“{text[:40]}” is no {'whole ' if whole else ''}number",
            field=name,
            remedy="Write a number, or nothing for no limit.",
        ) from None
