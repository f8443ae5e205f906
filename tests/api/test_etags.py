from __future__ import annotations

import pytest

from api.etags import seen_by, seen_or_none_by
from domain.seen import UNSAID, Seen


@pytest.mark.parametrize(
    ("header", "seen"),
    [
        (None, UNSAID),
        ("*", Seen(anything=True)),
        ('"3"', Seen(versions=frozenset({3}))),
        ('"3", "5"', Seen(versions=frozenset({3, 5}))),
        ('W/"3"', Seen()),
        ("3", Seen()),
        ("", Seen()),
        ('"99999999999999999999999"', Seen()),
    ],
)
async def test_only_strong_tags_of_ours_name_a_version(header: str | None, seen: Seen) -> None:
    assert await seen_by(header) == seen


async def test_an_edit_may_ask_to_be_the_first() -> None:
    assert await seen_or_none_by(UNSAID, "*") == Seen(nothing=True)
    assert await seen_or_none_by(UNSAID, '"3"') == UNSAID
    assert await seen_or_none_by(Seen(anything=True), "*") == Seen(anything=True)
