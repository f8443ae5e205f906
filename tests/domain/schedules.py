"""Schedules for tests, by hand and drawn."""

from __future__ import annotations

from datetime import time
from typing import Any

from hypothesis import strategies as st

from domain.rhythm import AnyRhythm, At, Cron, Every, Slots, Window
from domain.schedule import Schedule
from tests.domain.clocks import YEAR, ZONES

clock_times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
windows = st.builds(Window, start=clock_times, end=clock_times).filter(lambda w: w.minutes >= 30)
quiets = st.none() | windows.filter(lambda w: w.start != w.end)
days = st.sets(st.integers(0, 6), min_size=1).map(lambda found: tuple(sorted(found)))
exact = st.one_of(
    st.builds(
        At,
        times=st.sets(clock_times, min_size=1, max_size=4).map(lambda t: tuple(sorted(t))),
        weekdays=days,
    ),
    st.sampled_from(["30 2 * * *", "0 */3 * * *", "*/20 1-3 * * *", "0 12 * * 1"]).map(
        lambda text: Cron(expression=text)
    ),
    st.builds(Every, minutes=st.integers(10, 3 * 24 * 60)),
)
shares = st.builds(
    Slots,
    times=st.integers(1, 3),
    per=st.sampled_from(["day", "week"]),
    window=windows,
    weekdays=days,
)
zones = st.sampled_from(ZONES)


def schedule(rhythm: AnyRhythm, **changes: Any) -> Schedule:
    data = {
        "id": "schedule_01",
        "created_at": YEAR,
        "updated_at": YEAR,
        "artist_id": "artist_01",
        "rhythm": rhythm,
        "anchor_at": YEAR,
    }
    return Schedule.model_validate(data | changes)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    rhythm: AnyRhythm = draw(exact | shares)
    return schedule(
        rhythm,
        artist_id=draw(st.sampled_from(["artist_01", "artist_02"])),
        tz=draw(zones),
        quiet=draw(quiets),
        jitter_minutes=0 if isinstance(rhythm, Slots) else draw(st.sampled_from([0, 7, 90, 720])),
    )
