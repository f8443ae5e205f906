from __future__ import annotations

import pytest

from domain.approval import REJECT_REASONS, RejectReason
from domain.errors import InvalidInput
from domain.revision import PARTS, check_reasons, parts_kept, redone


@pytest.mark.parametrize(
    ("reasons", "kept"),
    [
        (("lyrics",), ("concept", "cover", "post")),
        (("music",), ("concept", "lyrics", "cover", "post")),
        (("mix",), ("concept", "lyrics", "score", "cover", "post")),
        (("artwork",), ("concept", "lyrics", "score", "audio", "post")),
        (("words_of_post", "artwork"), ("concept", "lyrics", "score", "audio")),
        (("off_brand",), ()),
        (("other", "legal"), ()),
        # What is named limits a broad reason: only the cover is off brand.
        (("off_brand", "artwork"), ("concept", "lyrics", "score", "audio", "post")),
        (("timing", "mix"), ("concept", "lyrics", "score", "cover", "post")),
    ],
)
def test_only_what_a_reason_names_is_made_anew(
    reasons: tuple[RejectReason, ...], kept: tuple[str, ...]
) -> None:
    assert parts_kept(reasons) == kept


def test_every_reason_says_what_it_has_made_anew() -> None:
    for reason in REJECT_REASONS:
        assert set(parts_kept([reason])) <= set(PARTS)
    assert parts_kept(["timing"]) == PARTS


@pytest.mark.parametrize(
    ("reasons", "song", "sung", "says"),
    [
        ((), True, True, "nothing says"),
        (("timing",), True, True, "another time"),
        (("mix",), False, False, "no song"),
        (("lyrics",), True, False, "no words"),
    ],
)
def test_reasons_that_ask_for_nothing_are_refused(
    reasons: tuple[RejectReason, ...], song: bool, sung: bool, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        check_reasons(reasons, song=song, sung=sung)
    assert refused.value.field == "reasons"
    assert refused.value.remedy


def test_a_reason_given_twice_counts_once() -> None:
    assert check_reasons(["mix", "mix", "artwork"], song=True, sung=True) == ("mix", "artwork")


@pytest.mark.parametrize(
    ("part", "left"),
    [
        ("lyrics", ["concept", "cover", "post"]),
        ("mix", ["concept", "lyrics", "score", "cover", "post"]),
        ("cover", ["concept", "lyrics", "score", "audio", "post"]),
    ],
)
def test_a_failed_check_takes_what_rests_on_the_part_along(part: str, left: list[str]) -> None:
    assert redone(PARTS, part) == left
