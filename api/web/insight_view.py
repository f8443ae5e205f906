"""What the page of insights shows: each change with its interval, and where its evidence lies."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.web.charts import Outlook, outlook
from api.web.page import Page
from services.insights import (
    CoverageCurve,
    FigureInsight,
    FigureName,
    Forecast,
    Insights,
    Interval,
    NotEnough,
    RateForecast,
    RateInsight,
    RateName,
    Trend,
)

SHOWN_DAYS = 28
# The level at which forecasts are drawn.
PROMISED = 0.8
FIGURES: dict[FigureName, tuple[str, str, str]] = {
    "plays": ("Plays", "/operator/catalogue", "What was played"),
    "answers": ("Likes, comments, reposts, follows", "/operator/catalogue", "What moved people"),
    "cost": ("Spending", "/operator", "Who spent it"),
}
RATES: dict[RateName, tuple[str, str, str, str]] = {
    "approvals": ("Approved", "decisions", "/operator/approvals", "What waits and was decided"),
    "failures": ("Runs that failed", "runs", "/operator/runs", "The runs"),
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class InsightCard(_Part):
    """One thing that is watched; `way` is rising, falling, steady, or unknown."""

    id: str
    title: str
    value: str
    note: str
    way: str
    verdict: str
    ahead: str
    record: str
    path: str
    evidence: str
    chart: Outlook | None = None


class ArtistLine(_Part):
    """An artist whose plays rise or fall."""

    handle: str
    stage_name: str
    way: str
    growth: str


class InsightsPage(Page):
    """The last full week against the time before."""

    template: ClassVar[str] = "insights.html"

    since: date = Field(description="First day of the week.")
    until: date = Field(description="Last day of it.")
    cards: tuple[InsightCard, ...] = Field(description="What is watched.")
    artists: tuple[ArtistLine, ...] = Field(description="Who rises or falls.")
    compared: int = Field(description="Artists with enough days to be looked at.")
    anything: bool = Field(description="Whether anything was seen at all.")


def insights_page(found: Insights) -> InsightsPage:
    """The page of what was found."""
    return InsightsPage(
        title="Insights",
        since=found.since,
        until=found.until,
        cards=(*map(_figure, found.figures), *map(_rate, found.rates)),
        artists=tuple(
            ArtistLine(
                handle=one.handle,
                stage_name=one.stage_name,
                way=one.growth.way,
                growth=_times(one.growth.growth),
            )
            for one in found.artists
        ),
        compared=found.compared,
        anything=any(any(f.days) for f in found.figures) or any(r.trials for r in found.rates),
    )


def _figure(one: FigureInsight) -> InsightCard:
    title, path, evidence = FIGURES[one.name]
    seen = any(day is not None for day in one.days)
    days = [day or 0.0 for day in one.days[-SHOWN_DAYS:]]
    coming = one.ahead.days if isinstance(one.ahead, Forecast) else ()
    return InsightCard(
        id=one.name,
        title=title,
        value=_amount(one.name, one.week),
        note=f"{_amount(one.name, one.week_before)} the week before",
        way=one.growth.way if isinstance(one.growth, Trend) else "unknown",
        verdict=_verdict(one.growth),
        ahead=_coming(one.name, coming[0]) if coming else _short(one.ahead),
        record=_record(one.record),
        path=path,
        evidence=evidence,
        chart=outlook(days, [(each.low, each.estimate, each.high) for each in coming])
        if seen
        else None,
    )


def _rate(one: RateInsight) -> InsightCard:
    title, trials, path, evidence = RATES[one.name]
    way = "unknown" if one.week is None or one.before is None else "steady"
    if one.changed and one.week is not None and one.before is not None:
        way = "rising" if one.week.estimate > one.before.estimate else "falling"
    return InsightCard(
        id=one.name,
        title=title,
        value=f"{one.week.estimate:.0%}" if one.week else "None",
        note=f"{one.good} of {one.trials} {trials} in the week",
        way=way,
        verdict=_share_verdict(one),
        ahead=f"Next week {_percent(one.ahead.share)} of as many {trials}"
        if isinstance(one.ahead, RateForecast)
        else _short(one.ahead),
        record=_record(one.record),
        path=path,
        evidence=evidence,
    )


def _amount(name: FigureName, value: float) -> str:
    return f"${value:,.2f}" if name == "cost" else f"{value:,.0f}"


def _coming(name: FigureName, day: Interval) -> str:
    low, high = (_amount(name, value) for value in (day.low, day.high))
    return f"Today {low} to {high} ({PROMISED:.0%} of such days)"


def _verdict(growth: Trend | NotEnough) -> str:
    if isinstance(growth, NotEnough):
        return _short(growth)
    words = {"rising": "Rises", "falling": "Falls", "steady": "No change shown"}[growth.way]
    return f"{words}: {_times(growth.growth)} of the four weeks before"


def _share_verdict(one: RateInsight) -> str:
    if one.week is None or one.before is None:
        return "Nothing to compare with yet"
    words = "Differs from" if one.changed else "No difference shown from"
    return f"{_percent(one.week)}. {words} before: {_percent(one.before)}"


def _times(growth: Interval) -> str:
    return f"× {growth.estimate:.2f} ({growth.low:.2f} to {growth.high:.2f})"


def _percent(share: Interval) -> str:
    return f"{share.low:.0%} to {share.high:.0%}"


def _record(record: CoverageCurve | NotEnough) -> str:
    if isinstance(record, NotEnough):
        return "No record of earlier forecasts yet"
    point = next(each for each in record.points if each.nominal == PROMISED)
    kept = f"{point.observed.estimate:.0%} of {record.forecasts} earlier forecasts held"
    return f"{kept}, {PROMISED:.0%} were promised"


def _short(missing: Forecast | RateForecast | NotEnough) -> str:
    if not isinstance(missing, NotEnough):
        return ""
    return f"{missing.reason[:1].upper()}{missing.reason[1:]}"
