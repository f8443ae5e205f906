from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from learning.splits import part_of, split

ITEMS = {f"case-{n}": f"artist-{n % 60}" for n in range(300)}


def test_every_item_is_in_one_part_and_no_group_is_torn() -> None:
    parts = split(ITEMS, seed=7)
    assert sorted((*parts.training, *parts.validation, *parts.test)) == sorted(ITEMS)
    groups = [{ITEMS[item] for item in part} for part in (parts.training, parts.validation)]
    assert not groups[0] & groups[1]
    assert not groups[0] & {ITEMS[item] for item in parts.test}


@given(st.sets(st.text(min_size=1), min_size=1, max_size=30), st.integers(0, 9))
def test_new_cases_never_move_old_ones(groups: set[str], seed: int) -> None:
    before = split(ITEMS, seed=seed)
    more = split({**ITEMS, **{f"new-{g}": f"new-{g}" for g in groups}}, seed=seed)
    assert set(before.test) <= set(more.test)
    assert set(before.training) <= set(more.training)


def test_shares_are_met_on_average() -> None:
    parts = [part_of(f"group-{n}", seed=1) for n in range(4000)]
    assert parts.count("training") / 4000 == pytest.approx(0.5, abs=0.03)
    assert parts.count("test") / 4000 == pytest.approx(0.25, abs=0.03)


def test_another_seed_splits_otherwise() -> None:
    assert split(ITEMS, seed=1) != split(ITEMS, seed=2)


def test_an_empty_part_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        split({"a": "one", "b": "one"}, seed=1)
    assert refused.value.field == "groups"


@pytest.mark.parametrize("shares", [(0.5, 0.5, 0.5), (1.0, 0.0, 0.0)])
def test_shares_must_add_up(shares: tuple[float, float, float]) -> None:
    with pytest.raises(InvalidInput):
        part_of("a", seed=1, shares=shares)
