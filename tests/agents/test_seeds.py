from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.seeds import derive_seed, rng_for


def test_a_seed_is_the_same_in_every_process() -> None:
    assert derive_seed(7, "lyrics.line/verse 1/0", 2) == 245879962


@given(st.integers(0, 2**63), st.text(max_size=30), st.integers(0, 10_000))
def test_a_seed_fits_what_endpoints_take(seed: int, step: str, index: int) -> None:
    assert 0 <= derive_seed(seed, step, index) < 2**31


def test_steps_indexes_and_runs_draw_different_seeds() -> None:
    seeds = {
        derive_seed(seed, step, index)
        for seed in range(5)
        for step in ("a", "b", "a/1")
        for index in range(5)
    }
    assert len(seeds) == 75


def test_a_later_try_draws_other_seeds_and_the_first_keeps_its_own() -> None:
    assert derive_seed(7, "lyrics.line/verse 1/0", 2, attempt=1) == 245879962
    tries = [derive_seed(7, "a", index, attempt) for index in range(4) for attempt in range(1, 6)]
    assert len(set(tries)) == len(tries)


def test_steps_do_not_disturb_each_other() -> None:
    assert rng_for(1, "a").random() != rng_for(1, "b").random()
    assert rng_for(1, "a").random() == rng_for(1, "a").random()
