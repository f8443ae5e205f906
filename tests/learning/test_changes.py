from __future__ import annotations

import numpy as np
import pytest

from domain.errors import InvalidInput
from learning.changes import Calibration, Watch, calibrate, first_alarm
from learning.intervals import FloatArray

WEEKEND = np.tile([0.0, 0.0, 0.0, 0.0, 1.0, 3.0, 2.0], 60)
PAST = 56


def _series(days: int, seed: int, *, phi: float = 0.0) -> FloatArray:
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=days)
    for day in range(1, days):
        noise[day] = phi * noise[day - 1] + np.sqrt(1 - phi**2) * noise[day]
    return np.asarray(10.0 + noise + WEEKEND[:days])


def _watch(calibration: Calibration, values: FloatArray) -> Watch:
    watch = Watch(calibration=calibration)
    for value in values.tolist():
        watch = watch.see(value)
    return watch


@pytest.mark.parametrize("phi", [0.0, 0.4])
def test_false_alarms_and_delays_are_as_stated(phi: float) -> None:
    alarms, delays, stated = 0, [], []
    for seed in range(100):
        series = _series(PAST + 90, seed, phi=phi)
        known = calibrate(series[:PAST].tolist(), seed=seed)
        alarms += _watch(known, series[PAST:]).alarm is not None
        shifted = _watch(known, series[PAST:] - 2.0).alarm
        delays.append(shifted.alarmed_day if shifted else 999)
        stated.append(known.late_delay or 999)
    assert alarms <= 14
    # A shift of two deviations, larger than the one planned for, is found within the stated delay.
    assert np.quantile(delays, 0.9) <= np.median(stated)


def test_a_week_is_no_change() -> None:
    series = _series(PAST + 90, 3)
    known = calibrate(series[:PAST].tolist(), seed=1)
    assert known.normal[5] > known.normal[0] + 2.0
    assert known.deviation == pytest.approx(1.0, abs=0.25)


def test_the_alarm_tells_direction_beginning_and_size() -> None:
    series = _series(PAST + 60, 5)
    series[PAST + 20 :] -= 2.5
    known = calibrate(series[:PAST].tolist(), seed=1)
    alarm = _watch(known, series[PAST:]).alarm
    assert alarm is not None
    assert alarm.direction == "down"
    assert 18 <= alarm.began_day <= 23
    assert alarm.alarmed_day <= 20 + (known.late_delay or 0)
    assert alarm.shift < -1.0
    assert "below its normal course" in alarm.reason


def test_after_a_reversal_it_starts_anew_and_finds_the_next_change() -> None:
    found = [_two_changes(seed) for seed in range(20)]
    assert all(first for first, _, _ in found)
    assert sum(between for _, between, _ in found) <= 3
    assert all(last for _, _, last in found)


def _two_changes(seed: int) -> tuple[bool, bool, bool]:
    """Whether it alarmed at a change, after that was reversed, and at the next one."""
    series = _series(PAST + 90, seed)
    series[PAST + 10 : PAST + 25] -= 3.0
    series[PAST + 60 :] -= 3.0
    watch = Watch(calibration=calibrate(series[:PAST].tolist(), seed=1))
    alarmed = []
    for start, end in ((0, 25), (25, 60), (60, 90)):
        watch = watch.reset()
        assert watch.alarm is None
        for value in series[PAST + start : PAST + end].tolist():
            watch = watch.see(value)
        alarmed.append(watch.alarm is not None)
    return alarmed[0], alarmed[1], alarmed[2]


def test_one_odd_day_raises_no_alarm() -> None:
    series = _series(PAST + 20, 8)
    series[PAST + 5] += 50.0
    known = calibrate(series[:PAST].tolist(), seed=1)
    assert _watch(known, series[PAST:]).alarm is None


def test_an_outlier_in_the_past_does_not_blunt_the_alarm() -> None:
    series = _series(PAST + 30, 9)
    clean = calibrate(series[:PAST].tolist(), seed=1)
    series[20] += 50.0
    spoilt = calibrate(series[:PAST].tolist(), seed=1)
    assert spoilt.deviation < 1.8 * clean.deviation


def test_a_missing_day_changes_nothing_but_the_day() -> None:
    series = _series(PAST, 2)
    known = calibrate([*series[:-3].tolist(), None, None, None], seed=1)
    watch = Watch(calibration=known).see(13.0)
    after = watch.see(None)
    assert after.day == watch.day + 1
    assert (after.up, after.down) == (watch.up, watch.down)


def test_only_the_wanted_direction_alarms() -> None:
    series = _series(PAST + 40, 4)
    known = calibrate(series[:PAST].tolist(), direction="down", seed=1)
    assert _watch(known, series[PAST:] + 4.0).alarm is None
    assert _watch(known, series[PAST:] - 4.0).alarm is not None


def test_counts_are_watched_on_a_log_scale() -> None:
    rng = np.random.default_rng(1)
    plays = rng.poisson(np.exp(3.0 + WEEKEND[: PAST + 40] / 3.0)).astype(float)
    plays[PAST + 10 :] = np.floor(plays[PAST + 10 :] / 2)
    known = calibrate(plays[:PAST].tolist(), scale="log", seed=1)
    assert _watch(known, plays[PAST:]).alarm is not None
    with pytest.raises(InvalidInput):
        calibrate((plays[:PAST] - 50).tolist(), scale="log", seed=1)


@pytest.mark.parametrize("past", [[1.0, 2.0] * 10, [1.0] * 60, [None] * 60])
def test_a_past_that_teaches_nothing_is_refused(past: list[float | None]) -> None:
    with pytest.raises(InvalidInput) as refused:
        calibrate(past, seed=1)
    assert refused.value.field == "past"


def test_state_is_kept_as_json_and_the_promise_ends_with_its_horizon() -> None:
    known = calibrate(_series(PAST, 2).tolist(), horizon=10, seed=1)
    watch = _watch(known, _series(9, 3))
    assert Watch.model_validate_json(watch.model_dump_json()) == watch
    assert not watch.stale
    assert watch.see(10.0).stale


def test_a_whole_series_is_watched_and_calibrated_anew_while_nothing_happens() -> None:
    rng = np.random.default_rng(4)
    steady = rng.normal(size=(60, 250))
    alarms = [first_alarm(row.tolist(), direction="down", seed=1) is not None for row in steady]
    # Two windows of ninety days, each with five false alarms in a hundred.
    assert sum(alarms) <= 12
    fallen = steady.copy()
    fallen[:, 200:] -= 2.0
    found = [first_alarm(row.tolist(), direction="down", seed=1) for row in fallen]
    late = [alarm for alarm in found if alarm is not None and alarm.alarmed_day > 200]
    assert len(late) >= 40
    assert np.quantile([alarm.alarmed_day - 200 for alarm in late], 0.9) <= 20
    assert all(190 <= alarm.began_day <= alarm.alarmed_day for alarm in late[:5])


def test_a_short_or_constant_series_has_no_alarm() -> None:
    assert first_alarm([1.0, 0.0] * 10, seed=1) is None
    assert first_alarm([1.0] * 60, seed=1) is None


def test_days_with_gaps_between_all_of_them_are_watched_too() -> None:
    rng = np.random.default_rng(2)
    sparse: list[float | None] = []
    for day in range(60):
        sparse += [float(rng.normal(0.0 if day < 45 else -3.0)), None]
    alarm = first_alarm(sparse, direction="down", seed=1)
    assert alarm is not None
    assert alarm.alarmed_day > 88
