"""The overview: what every artist does now, what waits, what went wrong, and what it takes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.alerts_view import AlertLine, open_alerts
from api.web.charts import spark_path
from api.web.operator_views import Notice, RunLine, WaitingCard, run_line, waiting_card
from api.web.page import Fragment, Page
from domain.actor import Actor
from domain.run import RunStatus
from services.overview import AUDIENCE_DAYS, MONEY_DAYS, Doing, Numbers

DOING_SHOWN = 12
PAST_SHOWN = 6
SLOTS_SHOWN = 6
WAITING_SHOWN = 4
ALERTS_SHOWN = 4


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class NowLine(_Part):
    """What one artist does now."""

    handle: str
    stage_name: str
    portrait_url: str | None
    mood: str
    state: str = Field(description="Word of the badge.")
    words: str
    url: str
    fraction: float | None
    next_at: datetime | None


class SlotLine(_Part):
    """A slot that comes."""

    at: datetime
    handle: str
    stage_name: str
    rhythm: str


class Spender(_Part):
    """Who used how much, and the share of whoever used most."""

    name: str
    handle: str | None
    tokens: int
    cost_usd: float
    share: float


class NumbersCard(_Part):
    """Money, tokens and the audience as the overview shows them."""

    tokens_today: int
    cost_today: float
    tokens_month: int
    cost_month: float
    tokens_line: str
    spenders: tuple[Spender, ...]
    plays: int
    likes: int
    comments: int
    plays_line: str
    money_days: int = MONEY_DAYS
    audience_days: int = AUDIENCE_DAYS


class OperatorLive(Fragment):
    """The part of the overview that follows the event log."""

    template: ClassVar[str] = "operator_live.html"

    alerts: tuple[AlertLine, ...] = Field(description="Alerts that nobody has seen yet.")
    alerts_more: int = Field(description="How many more there are.")
    waiting: tuple[WaitingCard, ...] = Field(description="Approvals that wait, oldest first.")
    waiting_more: int = Field(description="How many more wait.")
    doing: tuple[NowLine, ...] = Field(description="What artists do now, busy ones first.")
    doing_more: int = Field(description="How many more artists there are.")
    stopped: tuple[RunLine, ...] = Field(description="Artists' newest runs that failed.")
    past: tuple[RunLine, ...] = Field(description="Runs that ended, newest first.")
    slots: tuple[SlotLine, ...] = Field(description="Slots that come, soonest first.")
    numbers: NumbersCard = Field(description="Money, tokens, audience.")


class OperatorHome(Page):
    """The operator's first page."""

    template: ClassVar[str] = "operator_home.html"

    live_html: OperatorLive = Field(description="The part that follows the event log.")
    notice: Notice | None = Field(description="What just happened, if anything.")
    last_event: int = Field(description="Event id from which the page follows.")


async def operator_live(context: ApiContext, operator: Actor) -> OperatorLive:
    """Read what the overview follows."""
    now = await context.overview.now(operator, DOING_SHOWN)
    alerts = [alert for alert in await open_alerts(context, operator) if not alert.seen]
    waiting = await context.inbox.waiting(operator, limit=WAITING_SHOWN)
    frame = await context.overview.frame(operator)
    slots = await context.schedules.upcoming(operator, SLOTS_SHOWN)
    numbers = await context.overview.numbers(operator)
    return OperatorLive(
        alerts=tuple(alerts[:ALERTS_SHOWN]),
        alerts_more=len(alerts[ALERTS_SHOWN:]),
        waiting=tuple(waiting_card(item) for item in waiting),
        waiting_more=max(frame.figures.approvals - len(waiting), 0),
        doing=tuple(now_line(doing) for doing in now.doing),
        doing_more=now.more,
        stopped=tuple(run_line(run, artist) for run, artist in now.stopped),
        past=tuple(run_line(run, artist) for run, artist in now.past[:PAST_SHOWN]),
        slots=tuple(
            SlotLine(
                at=slot.slot_at,
                handle=slot.artist.handle,
                stage_name=slot.artist.stage_name,
                rhythm=slot.schedule.name,
            )
            for slot in slots
        ),
        numbers=numbers_card(numbers, context.clock.now().date()),
    )


async def operator_home(
    context: ApiContext, operator: Actor, notice: Notice | None = None
) -> OperatorHome:
    """Read the first page."""
    last_event = await context.views.last_event()
    return OperatorHome(
        title="Greenroom · your label",
        live_html=await operator_live(context, operator),
        notice=notice,
        last_event=last_event,
    )


def now_line(doing: Doing) -> NowLine:
    """What an artist does, in words, with the way to it."""
    artist, run = doing.artist, doing.run
    state, words = _state(doing)
    picture = artist.portrait_sha256
    return NowLine(
        handle=artist.handle,
        stage_name=artist.stage_name,
        portrait_url=f"/operator/media/{picture}/portrait" if picture else None,
        mood=artist.mood.word(),
        state=state,
        words=words,
        url=f"/operator/runs/{run.id}" if run else f"/operator/artists/{artist.handle}",
        fraction=doing.fraction if state == "running" else None,
        next_at=doing.next_at,
    )


def _state(doing: Doing) -> tuple[str, str]:
    run, status = doing.run, doing.artist.status.value
    if run is None:
        resting = {
            "candidate": "has not made its debut yet",
            "paused": "is paused; nothing begins until you resume",
            "retired": "makes nothing new any more",
        }
        return ("resting" if status == "active" else status), resting.get(status, "is between runs")
    if run.status is RunStatus.WAITING:
        return "waiting", "waits for a decision"
    if run.status is RunStatus.QUEUED:
        return "queued", "is about to begin"
    step = (run.step or "begins").replace("_", " ")
    return "running", f"{step}: {doing.stage}" if doing.stage else step


def numbers_card(numbers: Numbers, today: date) -> NumbersCard:
    """Sum up the weeks; days on which nothing happened count as nothing."""
    tokens = {d.day: d.tokens for d in numbers.days}
    cost = {d.day: d.cost_usd for d in numbers.days}
    plays = {d.day: d.times for d in numbers.heard if d.kind == "play"}
    most = max([_weight(s.tokens, s.cost_usd) for s, _ in numbers.spenders] or [0.0]) or 1.0
    return NumbersCard(
        tokens_today=tokens.get(today, 0),
        cost_today=cost.get(today, 0.0),
        tokens_month=sum(tokens.values()),
        cost_month=sum(cost.values()),
        tokens_line=spark_path(_days(tokens, today, MONEY_DAYS)),
        spenders=tuple(
            Spender(
                name=artist.stage_name if artist else "The label itself",
                handle=artist.handle if artist else None,
                tokens=spent.tokens,
                cost_usd=spent.cost_usd,
                share=_weight(spent.tokens, spent.cost_usd) / most,
            )
            for spent, artist in numbers.spenders
        ),
        plays=_heard(numbers, "play"),
        likes=_heard(numbers, "like"),
        comments=_heard(numbers, "comment"),
        plays_line=spark_path(_days(plays, today, AUDIENCE_DAYS)),
    )


def _weight(tokens: int, cost_usd: float) -> float:
    """Money first; where nothing costs any, tokens."""
    return cost_usd * 1e9 + tokens


def _heard(numbers: Numbers, kind: str) -> int:
    return sum(d.times for d in numbers.heard if d.kind == kind)


def _days(values: dict[date, int], today: date, count: int) -> list[float]:
    first = today - timedelta(days=count - 1)
    return [float(values.get(first + timedelta(days=n), 0)) for n in range(count)]
