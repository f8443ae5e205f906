from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.scoring import Parts, Weights, about_now, fused, recency, scaled, total

NOW = datetime(2026, 11, 20, tzinfo=UTC)
WEEK = timedelta(days=7)
unit = st.floats(0, 1)
scores = st.dictionaries(st.text(max_size=3), st.floats(-1e6, 1e6), max_size=8)


@pytest.mark.parametrize(
    ("age", "expected"), [(timedelta(0), 1.0), (WEEK, 0.5), (2 * WEEK, 0.25), (-WEEK, 1.0)]
)
def test_recency_halves_with_each_half_life(age: timedelta, expected: float) -> None:
    assert recency(NOW - age, NOW, WEEK) == pytest.approx(expected)


@pytest.mark.parametrize("query", ["What should I do now?", "latest release", "this week", " "])
def test_questions_about_now(query: str) -> None:
    assert about_now(query)


@pytest.mark.parametrize("query", ["Who played drums on Tidewater?", "I know nowhere", "snow"])
def test_questions_about_the_past(query: str) -> None:
    assert not about_now(query)


@given(scores)
def test_scaled_lies_between_0_and_1_and_keeps_the_order(values: dict[str, float]) -> None:
    result = scaled(values)
    assert result.keys() == values.keys()
    assert all(0 <= value <= 1 for value in result.values())
    ordered = sorted(values, key=lambda key: values[key])
    assert all(result[a] <= result[b] for a, b in pairwise(ordered))


def test_scaled_above_a_floor_keeps_the_weakest_above_zero() -> None:
    assert scaled({"a": 1.0, "b": 4.0}, floor=0.0) == {"a": 0.25, "b": 1.0}
    assert scaled({"a": 1.0, "b": 4.0}) == {"a": 0.0, "b": 1.0}
    assert scaled({"a": 2.0}, floor=0.0) == {"a": 1.0}
    assert scaled({"a": 0.0}, floor=0.0) == {"a": 0.0}
    assert scaled({"a": 0.3, "b": 0.3}) == {"a": 1.0, "b": 1.0}
    assert scaled({}) == {}


@given(scores, scores, unit)
def test_fused_scores_every_candidate_between_0_and_1(
    lexical: dict[str, float], similarity: dict[str, float], weight: float
) -> None:
    result = fused(lexical, similarity, weight)
    assert result.keys() == lexical.keys() | similarity.keys()
    assert all(0 <= value <= 1 + 1e-9 for value in result.values())


def test_fusion_prefers_what_both_find() -> None:
    result = fused({"both": 2.0, "words": 2.1}, {"both": 0.7, "words": 0.1, "vector": 0.75}, 0.5)
    assert max(result, key=lambda key: result[key]) == "both"


@given(unit, unit, unit, unit, unit)
def test_total_grows_with_every_part(
    relevance: float, age: float, importance: float, more: float, recency_weight: float
) -> None:
    low = Parts(relevance=relevance, recency=age, importance=importance)
    base = total(low, Weights(), recency_weight)
    assert 0 <= base <= 1 + 1e-9
    for part in ("relevance", "recency", "importance"):
        raised = low.model_copy(update={part: max(getattr(low, part), more)})
        assert total(raised, Weights(), recency_weight) >= base - 1e-12


def test_recency_cannot_outweigh_a_clearly_better_answer_about_the_past() -> None:
    weights = Weights()
    old = Parts(relevance=0.9, recency=0.0, importance=0.5)
    new = Parts(relevance=0.6, recency=1.0, importance=0.5)
    past, present = weights.recency_for("who sang it"), weights.recency_for("what now")
    assert total(old, weights, past) > total(new, weights, past)
    assert total(old, weights, present) < total(new, weights, present)
