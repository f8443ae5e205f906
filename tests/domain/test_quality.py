from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.quality import GateResult, QualityReport, not_applicable, spelled, within

numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(value=numbers, low=st.none() | numbers, high=st.none() | numbers)
def test_a_value_passes_exactly_inside_the_closed_range(
    value: float, low: float | None, high: float | None
) -> None:
    inside = (low is None or low <= value) and (high is None or value <= high)
    assert (within("g", value, low=low, high=high, what="x").verdict == "pass") == inside


@pytest.mark.parametrize(("low", "high"), [(None, None), (0.0, None), (None, 0.0), (-1.0, 1.0)])
def test_nothing_measured_fails_whatever_was_wanted(low: float | None, high: float | None) -> None:
    found = within("g", math.nan, low=low, high=high, what="stereo width")
    assert found.verdict == "fail"
    assert found.value is None
    assert found.reason.startswith("stereo width could not be measured")


@pytest.mark.parametrize(("value", "verdict"), [(math.inf, "fail"), (-math.inf, "pass")])
def test_infinity_is_outside_a_bound(value: float, verdict: str) -> None:
    found = within("g", value, high=3.0, what="x")
    assert found.verdict == verdict
    assert found.value is None
    assert GateResult.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1923.4, "1923"),
        (-14.02, "-14"),
        (-13.97, "-14"),
        (0.6559, "0.656"),
        (0.0000868, "0.000087"),
        (12.0, "12"),
        (0.0, "0"),
        (math.inf, "inf"),
    ],
)
def test_numbers_are_spelled_without_exponents(value: float, text: str) -> None:
    assert spelled(value) == text


def test_the_reason_says_what_was_found_and_wanted() -> None:
    found = within("loudness", -9.123, low=-14.3, high=-13.7, unit="LUFS", what="loudness")
    assert found.reason == ("loudness is -9.12 LUFS; wanted at least -14.3 and at most -13.7 LUFS")


def test_a_report_passes_only_when_something_was_measured_and_nothing_failed() -> None:
    good, bad = within("a", 1.0, low=0.0, what="a"), within("b", -1.0, low=0.0, what="b")
    skipped = not_applicable("c", "nobody sings")

    def report(*gates: object) -> QualityReport:
        return QualityReport.model_validate({"subject": "audio", "gates": gates})

    assert report(good, skipped).passed
    assert not report(good, bad).passed
    assert report(good, bad).failures == (bad,)
    assert not report(skipped).passed
    assert not report().passed
