from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import (
    IllegalTransition,
    PolicyRejected,
    ProviderAuth,
    ProviderError,
    ProviderInputInvalid,
    ProviderNoCredit,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
)
from domain.generation import (
    GENERATION_STATES,
    LONGEST_COOL_DOWN,
    LONGEST_TRIAL,
    GenerationJob,
    GenerationStatus,
    JobFailure,
    ProviderHealth,
    RouteChoice,
    failure_of,
    may_have_paid,
    out_of_question,
    pause_s,
    spent_on,
    suggested_style,
)
from domain.ports.providers import Quote

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
S = GenerationStatus


def job(provider: str = "alpha", status: GenerationStatus = S.SENDING, **c: Any) -> GenerationJob:
    return GenerationJob.model_validate(
        {
            "id": "generation_1",
            "created_at": NOW,
            "updated_at": NOW,
            "key": "k",
            "song_key": "song",
            "provider": provider,
            "status": status,
            "request_sha256": "0" * 64,
            "quote": Quote(cost_usd=0.25),
            "route": RouteChoice(provider=provider, why="the only one"),
            **c,
        }
    )


def failed(code: str, suggestion: str | None = None, **changes: Any) -> GenerationJob:
    failure = JobFailure(code=code, message=f"it said {code}", suggestion=suggestion)
    return job(status=S.FAILED, failure=failure, **changes)


def fresh() -> ProviderHealth:
    return ProviderHealth(id="p", created_at=NOW, updated_at=NOW, provider="alpha")


def test_a_job_goes_from_sending_to_its_end() -> None:
    sent = job().move_to(S.SUBMITTED, NOW).move_to(S.RUNNING, NOW).move_to(S.DONE, NOW)
    assert sent.move_to(S.REJECTED_BY_GATES, NOW).status is S.REJECTED_BY_GATES


@pytest.mark.parametrize("status", [S.FAILED, S.CANCELLED, S.REJECTED_BY_GATES])
def test_an_ended_job_begins_no_more(status: GenerationStatus) -> None:
    assert GENERATION_STATES.final(status)
    with pytest.raises(IllegalTransition):
        job(status=status).move_to(S.SENDING, NOW)


def test_an_unknown_job_is_never_sent_again_and_can_be_settled() -> None:
    unknown = job(status=S.OUTCOME_UNKNOWN)
    with pytest.raises(IllegalTransition):
        unknown.move_to(S.SENDING, NOW)
    assert unknown.move_to(S.DONE, NOW).status is S.DONE
    assert unknown.move_to(S.FAILED, NOW).status is S.FAILED


def test_three_silences_open_the_circuit() -> None:
    health = fresh()
    for _ in range(2):
        health = health.ill(NOW, ProviderUnavailable("down"))
        assert health.closed(NOW) == ""
    health = health.ill(NOW, ProviderTimeout("silent"))
    assert "silent" in health.closed(NOW)
    assert health.closed(NOW + timedelta(seconds=61)) == ""


@given(st.integers(min_value=3, max_value=60))
def test_each_rest_is_longer_up_to_an_hour(failures: int) -> None:
    health, now = fresh(), NOW
    rests = []
    for _ in range(failures):
        health = health.ill(now, ProviderUnavailable("down"))
        rests.append((health.pause_until or now) - now)
        now = health.pause_until or now
    assert rests == sorted(rests)
    assert rests[2] == timedelta(minutes=1)
    assert rests[-1] <= LONGEST_COOL_DOWN


def test_failures_of_songs_sent_before_it_opened_lengthen_nothing() -> None:
    health = fresh()
    for _ in range(20):
        health = health.ill(NOW, ProviderUnavailable("down"))
    assert health.pause_until == NOW + timedelta(minutes=1)
    assert health.failures == 3


def test_after_a_rest_one_song_goes_alone() -> None:
    health = fresh()
    assert health.on_trial(NOW) == health, "a healthy provider needs none"
    for _ in range(3):
        health = health.ill(NOW, ProviderUnavailable("down"))
    later = NOW + timedelta(seconds=61)
    assert health.closed(later) == ""
    tried = health.on_trial(later)
    assert "tried" in tried.closed(later)
    assert tried.well(later).closed(later) == ""
    failed = tried.ill(later, ProviderUnavailable("down"))
    assert failed.failures == 4
    assert failed.pause_until == later + timedelta(minutes=2), "a failed trial rests longer"
    assert tried.closed(later + LONGEST_TRIAL) == "", "its worker died; the next may try"


def test_a_short_rate_limit_does_not_end_a_longer_one() -> None:
    health = fresh().ill(NOW, ProviderRateLimited("slow down", retry_after_s=90))
    health = health.ill(NOW, ProviderRateLimited("slow down", retry_after_s=1))
    assert health.closed(NOW + timedelta(seconds=80)) != ""
    health = health.ill(NOW, ProviderUnavailable("down"))
    assert health.closed(NOW + timedelta(seconds=80)) != ""


def test_one_good_answer_forgets_all() -> None:
    health = fresh()
    for _ in range(9):
        health = health.ill(NOW, ProviderUnavailable("down"))
    health = health.ill(NOW, ProviderAuth("no")).well(NOW, "fine")
    assert (health.failures, health.word(NOW), health.closed(NOW)) == (0, "healthy", "")
    assert health.last_error is None


@pytest.mark.parametrize("error", [ProviderAuth("no key"), ProviderNoCredit("no credit")])
def test_key_and_credit_wait_for_a_person_however_long(error: ProviderError) -> None:
    health = fresh().ill(NOW, error)
    assert health.word(NOW) == "stopped"
    assert error.message in health.closed(NOW + timedelta(days=400))


@pytest.mark.parametrize("error", [PolicyRejected("no"), ProviderInputInvalid("too long")])
def test_a_refused_song_is_no_illness(error: ProviderError) -> None:
    health = fresh().ill(NOW, ProviderUnavailable("down")).ill(NOW, error)
    assert health.word(NOW) == "healthy"


def test_a_rate_limit_rests_as_long_as_asked() -> None:
    health = fresh().ill(NOW, ProviderRateLimited("slow down", retry_after_s=90))
    assert health.word(NOW) == "failing"
    assert health.closed(NOW + timedelta(seconds=89)) != ""
    assert health.closed(NOW + timedelta(seconds=90)) == ""
    assert health.word(NOW + timedelta(seconds=90)) == "unknown"


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [(None, 30.0), ("soon", 30.0), (-5, 0.0), (7, 7.0), (1e12, 86_400.0), (float("nan"), 30.0)],
)
def test_an_odd_wish_for_patience_is_bounded(asked: object, wanted: float) -> None:
    assert pause_s(ProviderRateLimited("slow down", retry_after_s=asked)) == wanted


def test_an_error_leaves_its_words() -> None:
    failure = failure_of(PolicyRejected("a name", remedy="Leave it out.", suggestion="warm"))
    assert failure == JobFailure(
        code="policy_rejected", message="a name", remedy="Leave it out.", suggestion="warm"
    )


@pytest.mark.parametrize(
    ("jobs", "says"),
    [
        ([failed("provider_unavailable")], "it said provider_unavailable"),
        ([failed("policy_rejected")], "it said policy_rejected"),
        ([job(status=S.OUTCOME_UNKNOWN)], "pay twice"),
        ([job(status=S.CANCELLED)], "cancelled"),
        ([job(status=S.DONE)], "paid for"),
        ([job(status=S.REJECTED_BY_GATES, gate_reasons=("too loud",))], "too loud"),
        ([failed("provider_rate_limited")] * 3, "rate_limited"),
        ([failed("policy_rejected", "warm"), failed("policy_rejected", "w", suggested=True)], "it"),
    ],
)
def test_who_is_out_of_question_for_a_song(jobs: list[GenerationJob], says: str) -> None:
    assert says in out_of_question(jobs)["alpha"]


@pytest.mark.parametrize(
    "jobs",
    [
        [],
        [job(status=S.RUNNING)],
        [failed("provider_rate_limited")] * 2,
        [failed("policy_rejected", "warm synths")],
        [failed("provider_unavailable", embedded=True)],
    ],
)
def test_who_may_be_asked_again(jobs: list[GenerationJob]) -> None:
    assert out_of_question(jobs) == {}


def test_suggestions_may_be_out_of_question_altogether() -> None:
    jobs = [failed("policy_rejected", "warm synths")]
    assert "alpha" in out_of_question(jobs, take_suggestions=False)


def test_a_suggestion_is_its_own_providers() -> None:
    jobs = [failed("policy_rejected", "warm synths")]
    assert suggested_style(jobs, "alpha") == "warm synths"
    assert suggested_style(jobs, "beta") is None
    assert suggested_style([job()], "alpha") is None


def test_what_a_song_may_have_cost() -> None:
    jobs = [job(cost_usd=0.25), job(status=S.OUTCOME_UNKNOWN, cost_usd=0.5)]
    assert spent_on(jobs) == 0.75
    assert may_have_paid(jobs)
    assert not may_have_paid(jobs[:1])
    assert not may_have_paid([job(status=S.OUTCOME_UNKNOWN, cost_usd=0.0)])
