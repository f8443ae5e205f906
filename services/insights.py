"""What changed in a week, how sure that is, and what to expect of the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.actor import Actor
from domain.artist import Artist
from learning.calibration import CoverageCurve as CoverageCurve
from learning.calibration import coverage_of_days, coverage_of_rates
from learning.forecast import Forecast as Forecast
from learning.forecast import NotEnough as NotEnough
from learning.forecast import RateForecast as RateForecast
from learning.forecast import forecast, forecast_rate
from learning.intervals import Interval as Interval
from learning.intervals import rate_interval
from learning.trends import Trend as Trend
from learning.trends import trends
from services.base import Service
from store.repositories.outcomes import DayArtistHeard, DayOutcomes
from store.repositories.overview import DayHeard, DaySpent

FigureName = Literal["plays", "answers", "cost"]
RateName = Literal["approvals", "failures"]
WEEK = 7
# Four months: a forecast needs fifty days, and its record some more.
LOOKED_BACK = timedelta(days=120)
# What listeners do besides listening, and without what they take back.
ANSWERS = ("like", "comment", "repost", "follow")
# Paths of a forecast are drawn; the same past gives the same forecast.
SEED = 7


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class FigureInsight(_Part):
    """A daily figure: its last days, its growth, and the days ahead."""

    name: FigureName
    days: tuple[float | None, ...] = Field(
        description="Each full day looked at, oldest first; none before anything was seen."
    )
    week: float = Field(description="The last seven full days together.")
    week_before: float
    growth: Trend | NotEnough
    ahead: Forecast | NotEnough = Field(description="The next seven days, today first.")
    record: CoverageCurve | NotEnough = Field(
        description="How often earlier forecasts of this figure held what they promised."
    )


class RateInsight(_Part):
    """A share: of the last week, of the time before, and of the trials to come."""

    name: RateName
    good: int
    trials: int
    week: Interval | None = Field(description="The week's share; none without a trial.")
    before: Interval | None = Field(description="The share of all the days before that week.")
    ahead: RateForecast | NotEnough
    record: CoverageCurve | NotEnough

    @property
    def changed(self) -> bool:
        """Whether the two intervals lie apart, which is more than a test at their level asks."""
        if self.week is None or self.before is None:
            return False
        return self.week.low > self.before.high or self.week.high < self.before.low


class ArtistInsight(_Part):
    """An artist whose plays rise or fall against its own past."""

    artist_id: str
    handle: str
    stage_name: str
    growth: Trend


class Insights(_Part):
    """The seven full days before today, in UTC, against those before."""

    since: date
    until: date = Field(description="The last full day.")
    figures: tuple[FigureInsight, ...]
    rates: tuple[RateInsight, ...]
    artists: tuple[ArtistInsight, ...] = Field(description="Who rises or falls, rising first.")
    compared: int = Field(description="Artists with enough days to be looked at.")


class InsightService(Service):
    """Reads the past by day; writes nothing."""

    async def week(self, actor: Actor, artist: str | None = None) -> Insights:
        """The last week of one artist, or of all that the actor sees."""
        actor.must_read()
        today = self.clock.now().astimezone(UTC).date()
        first = datetime.combine(today, time(), UTC) - LOOKED_BACK
        async with self.database.unit() as unit:
            only = actor.artists
            if artist is not None:
                found = await unit.artists.find(artist)
                actor.must_see(found.id)
                only = frozenset((found.id,))
            heard = await unit.overview.heard_by_day(first, only)
            spent = await unit.overview.spent_by_day(first, only)
            approved = await unit.outcomes.approved(first, only)
            failed = await unit.outcomes.failed(first, only)
            played = await unit.outcomes.played(first, only)
            known = await unit.artists.many({day.artist_id for day in played})
        days = [first.date() + timedelta(days=n) for n in range(LOOKED_BACK.days)]
        rising, compared = _artists(played, known, days)
        return Insights(
            since=days[-WEEK],
            until=days[-1],
            figures=tuple(_figure(*each) for each in _series(heard, spent, days)),
            rates=(_rate("approvals", approved, days), _rate("failures", failed, days)),
            artists=rising,
            compared=compared,
        )


def _series(
    heard: Sequence[DayHeard], spent: Sequence[DaySpent], days: Sequence[date]
) -> Iterable[tuple[FigureName, list[float | None]]]:
    yield "plays", _daily(((d.day, d.times) for d in heard if d.kind == "play"), days)
    yield "answers", _daily(((d.day, d.times) for d in heard if d.kind in ANSWERS), days)
    yield "cost", _daily(((d.day, d.cost_usd) for d in spent), days)


def _daily(found: Iterable[tuple[date, float]], days: Sequence[date]) -> list[float | None]:
    """Zero where nothing was counted; nothing at all before the first day that counted any."""
    totals: dict[date, float] = {}
    for day, value in found:
        totals[day] = totals.get(day, 0.0) + value
    began = min(totals, default=date.max)
    return [totals.get(day, 0.0) if day >= began else None for day in days]


def _figure(name: FigureName, days: list[float | None]) -> FigureInsight:
    scored, short = trends({name: days})
    last, before = days[-WEEK:], days[-2 * WEEK : -WEEK]
    return FigureInsight(
        name=name,
        days=tuple(days),
        week=_sum(last),
        week_before=_sum(before),
        growth=scored[0] if scored else short[name],
        ahead=forecast(days, days=WEEK, scale="log", seed=SEED),
        record=coverage_of_days(days, scale="log"),
    )


def _rate(name: RateName, found: Sequence[DayOutcomes], days: Sequence[date]) -> RateInsight:
    by_day = {each.day: (each.good, each.trials) for each in found}
    counts = [by_day.get(day, (0, 0)) for day in days]
    good, trials = _total(counts[-WEEK:])
    return RateInsight(
        name=name,
        good=good,
        trials=trials,
        week=_share(good, trials),
        before=_share(*_total(counts[:-WEEK])),
        # As many trials as the week had: what the next one is likely to bring.
        ahead=forecast_rate(counts, trials=max(trials, 1)),
        record=coverage_of_rates(counts),
    )


def _artists(
    played: Sequence[DayArtistHeard], known: Mapping[str, Artist], days: Sequence[date]
) -> tuple[tuple[ArtistInsight, ...], int]:
    """Those that rise or fall after heeding how many were looked at, and that number."""
    series = {
        artist_id: _daily(((d.day, d.times) for d in played if d.artist_id == artist_id), days)
        for artist_id in known
    }
    scored, _ = trends(series)
    told = tuple(
        ArtistInsight(
            artist_id=one.name,
            handle=known[one.name].handle,
            stage_name=known[one.name].stage_name,
            growth=one,
        )
        for one in scored
        if one.way != "steady"
    )
    return told, len(scored)


def _sum(values: Sequence[float | None]) -> float:
    return sum(value for value in values if value is not None)


def _total(counts: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(good for good, _ in counts), sum(trials for _, trials in counts)


def _share(good: int, trials: int) -> Interval | None:
    return rate_interval(good, trials) if trials else None
