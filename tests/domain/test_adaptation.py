from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from domain.adaptation import (
    REST,
    REST_AFTER_REVERSAL,
    Adaptation,
    AdaptationStatus,
    Change,
    Effect,
    Evidence,
    Proposal,
    Scope,
    check_before,
    check_proposal,
    check_reversal,
    effective_value,
    live_value,
    moved,
    opened,
    with_effect,
)
from domain.errors import Conflict, IllegalTransition, InvalidInput, StaleVersion

AT = datetime(2026, 1, 1, tzinfo=UTC)
EFFECT = Effect(measure="engagement", estimate=0.1, low=0.0, high=0.2)
ANNA, BELA = Scope(artist_id="anna", genre="lofi"), Scope(artist_id="bela", genre="house")
LOFI, LABEL = Scope(genre="lofi"), Scope()
S = AdaptationStatus
SCOPES = (ANNA, BELA, LOFI, LABEL)


def proposal(
    before: JsonValue = None, after: JsonValue = 1, scope: Scope = ANNA, owner: str = "bandit"
) -> Proposal:
    return Proposal(
        hypothesis="Short forms are heard to the end.",
        change=Change(parameter="choice.form", before=before, after=after),
        scope=scope,
        evidence=(Evidence(kind="estimate", says="no harm"),),
        expected=EFFECT,
        owner=owner,
    )


def entry(number: int = 1, at: datetime = AT, **wanted: object) -> Adaptation:
    return opened(f"adaptation_{number:03}", proposal(**wanted), "system:system", at)  # type: ignore[arg-type]


def through(start: Adaptation, *steps: AdaptationStatus, at: datetime = AT) -> Adaptation:
    for step in steps:
        start = moved(start, step, "system:system", at, "because")
    return start


def test_an_open_entry_holds_its_parameter_against_every_tuner() -> None:
    for held in (entry(), through(entry(), S.ACTIVE)):
        for owner in ("bandit", "evolution"):
            with pytest.raises(Conflict, match=r"held by bandit"):
                check_proposal([held], proposal(owner=owner), AT + 30 * REST_AFTER_REVERSAL)
    check_proposal([through(entry(), S.REJECTED)], proposal(), AT)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [(ANNA, LABEL, True), (ANNA, LOFI, True), (LOFI, LABEL, True), (ANNA, BELA, False),
     (BELA, LOFI, False), (ANNA, ANNA, True)],
)  # fmt: skip
def test_locks_reach_as_far_as_scopes_overlap(one: Scope, other: Scope, both: bool) -> None:
    assert one.overlaps(other) is other.overlaps(one) is both
    if both:
        with pytest.raises(Conflict):
            check_proposal([entry(scope=one)], proposal(scope=other), AT)
    else:
        check_proposal([entry(scope=one)], proposal(scope=other), AT)


@pytest.mark.parametrize(
    ("steps", "rest", "before"),
    [((S.ACTIVE, S.CONFIRMED), REST, 1), ((S.ACTIVE, S.REVERTED), REST_AFTER_REVERSAL, None)],
)
def test_a_parameter_rests_after_a_change_and_longer_after_a_reversal(
    steps: tuple[AdaptationStatus, ...], rest: timedelta, before: JsonValue
) -> None:
    done = through(entry(), *steps)
    again = proposal(before=before, after=2)
    with pytest.raises(Conflict, match="rests until"):
        check_proposal([done], again, AT + rest - timedelta(seconds=1))
    check_proposal([done], again, AT + rest)


def test_looking_at_an_effect_does_not_prolong_the_rest() -> None:
    done = through(entry(), S.ACTIVE, S.CONFIRMED)
    seen = with_effect(done, EFFECT, "system:system", AT + REST / 2)
    check_proposal([seen], proposal(before=1, after=2), AT + REST)
    assert seen.history[:-1] == done.history
    assert seen.observed == EFFECT


def test_what_starts_from_another_value_is_refused() -> None:
    done = through(entry(), S.ACTIVE, S.CONFIRMED)
    with pytest.raises(StaleVersion):
        check_proposal([done], proposal(before=None, after=2), AT + REST)
    waiting = entry(2, before=1, after=2)
    check_before([done, waiting], waiting.proposal)
    undone = through(done, S.REVERTED)
    with pytest.raises(StaleVersion):
        check_before([undone, waiting], waiting.proposal)


def test_only_the_newest_in_force_can_be_reverted() -> None:
    old, new = through(entry(), S.ACTIVE, S.CONFIRMED), entry(2, before=1, after=2)
    new = through(new, S.ACTIVE)
    with pytest.raises(Conflict, match="after this one"):
        check_reversal([old, new], old)
    check_reversal([old, new], new)


def test_what_was_never_in_force_has_no_effect_and_nothing_to_revert() -> None:
    with pytest.raises(Conflict):
        with_effect(entry(), EFFECT, "system:system", AT)
    with pytest.raises(IllegalTransition):
        through(entry(), S.REVERTED)
    with pytest.raises(InvalidInput, match="reason"):
        moved(through(entry(), S.ACTIVE), S.REVERTED, "system:system", AT, " ")


def test_the_narrowest_value_counts() -> None:
    label = through(entry(1, scope=LABEL, after="label"), S.ACTIVE)
    genre = through(entry(2, scope=LOFI, after="genre"), S.ACTIVE)
    own = through(entry(3, after="own"), S.ACTIVE)
    entries = [own, label, genre]
    assert effective_value(entries, "choice.form", ANNA) == "own"
    assert effective_value([label, genre], "choice.form", ANNA) == "genre"
    assert effective_value(entries, "choice.form", BELA) == "label"
    assert effective_value(entries, "another", BELA) is None


def test_a_change_changes_something() -> None:
    with pytest.raises(ValidationError, match="the same"):
        proposal(before=1, after=1)


Deed = tuple[str, Scope, int]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["propose", "apply", "confirm", "revert", "reject"]),
            st.sampled_from(SCOPES),
            st.integers(1, 9),
        ),
        max_size=40,
    )
)
def test_whatever_is_tried_one_is_open_and_a_reversal_restores_exactly(deeds: list[Deed]) -> None:
    entries: dict[str, Adaptation] = {}
    now = AT
    for deed, scope, value in deeds:
        now += timedelta(days=value)
        known = list(entries.values())
        try:
            if deed == "propose":
                before = live_value(known, "choice.form", scope)
                wanted = proposal(before=before, after=[value], scope=scope)
                check_proposal(known, wanted, now)
                fresh = opened(f"adaptation_{len(entries):03}", wanted, "system:system", now)
                entries[fresh.id] = fresh
                continue
            mine = [e for e in known if e.scope == scope]
            if not mine:
                continue
            chosen = mine[value % len(mine)]
            entries[chosen.id] = _tried(deed, known, chosen, now)
        except (Conflict, InvalidInput, ValidationError):
            continue
        finally:
            _check_locks(entries.values())
        if deed == "revert":
            now_held = live_value(entries.values(), "choice.form", scope)
            assert now_held == chosen.change.before
        assert entries[chosen.id].history[: len(chosen.history)] == chosen.history


def _tried(deed: str, known: list[Adaptation], chosen: Adaptation, now: datetime) -> Adaptation:
    target = {"apply": S.ACTIVE, "confirm": S.CONFIRMED, "revert": S.REVERTED}
    if deed == "revert":
        check_reversal(known, chosen)
    if deed == "apply":
        check_before(known, chosen.proposal)
    return moved(chosen, target.get(deed, S.REJECTED), "system:system", now, "why")


def _check_locks(entries: object) -> None:
    held = [e for e in entries if e.status in (S.PROPOSED, S.ACTIVE)]  # type: ignore[attr-defined]
    for one in held:
        assert not any(one.scope.overlaps(e.scope) for e in held if e.id != one.id)
