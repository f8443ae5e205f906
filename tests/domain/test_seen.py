from __future__ import annotations

import pytest

from domain.errors import PreconditionRequired, StaleVersion
from domain.seen import UNSAID, Seen


def test_the_version_that_was_seen_may_be_changed() -> None:
    Seen(versions=frozenset({2, 3})).check("profile", 3)
    Seen(anything=True).check("profile", 9)


@pytest.mark.parametrize(
    ("seen", "current"),
    [
        (Seen(versions=frozenset({2})), 3),
        (Seen(), 1),
        (Seen(nothing=True), 1),
        (Seen(anything=True), None),
        (Seen(versions=frozenset({1})), None),
    ],
)
def test_another_state_than_the_one_seen_is_refused(seen: Seen, current: int | None) -> None:
    with pytest.raises(StaleVersion) as caught:
        seen.check("profile", current)
    assert caught.value.facts["stored"] == current


def test_what_is_new_needs_no_word_and_what_is_there_does() -> None:
    UNSAID.check("schedule", None)
    Seen(nothing=True).check("schedule", None)
    with pytest.raises(PreconditionRequired) as caught:
        UNSAID.check("schedule", 1)
    assert caught.value.field == "If-Match"
