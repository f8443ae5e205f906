from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runtime.gateway.breaker import CircuitBreaker

Step = tuple[str, float]
STEPS = st.lists(
    st.tuples(st.sampled_from(["ok", "fail", "neutral"]), st.floats(0, 40)), max_size=40
)


def test_a_failed_trial_opens_again_and_a_good_one_closes() -> None:
    now = 0.0
    breaker = CircuitBreaker(threshold=2, cooldown_s=10, monotonic=lambda: now)
    breaker.failure()
    breaker.failure()
    assert not breaker.admit()
    now = 10.0
    assert breaker.admit()
    assert not breaker.admit(), "one trial at a time"
    breaker.failure()
    now = 19.0
    assert not breaker.admit()
    now = 20.0
    assert breaker.admit()
    breaker.success()
    assert breaker.state == "closed"


@given(steps=STEPS, threshold=st.integers(1, 6))
def test_no_call_goes_out_within_the_cooldown_after_enough_failures(
    steps: list[Step], threshold: int
) -> None:
    now = 0.0
    breaker = CircuitBreaker(threshold, cooldown_s=20, monotonic=lambda: now)
    failures_in_row, last_failure = 0, 0.0
    for outcome, passes_s in steps:
        now += passes_s
        admitted = breaker.admit()
        must_wait = failures_in_row >= threshold and now - last_failure < 20
        assert admitted != must_wait, "refuses exactly while it cools down"
        if not admitted:
            continue
        if outcome == "ok":
            breaker.success()
            failures_in_row = 0
        elif outcome == "fail":
            breaker.failure()
            failures_in_row, last_failure = failures_in_row + 1, now
        else:
            breaker.abandon()
