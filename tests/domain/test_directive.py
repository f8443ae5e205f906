from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.directive import (
    Directive,
    DirectiveStatus,
    Target,
    check_target,
    check_text,
    check_until,
    is_lasting,
)
from domain.errors import IllegalTransition, InvalidInput
from domain.prohibition import denies_something, forbidden, lasts

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
SONG, POST = "write_and_release_song", "post_update"


@pytest.mark.parametrize(
    ("text", "ruled_out"),
    [
        ("don't post this week", {POST}),
        ("Don\u2019t post.", {POST}),
        ("Please do not post anything!", {POST}),
        ("no posts for two weeks, please", {POST}),
        ("Not a single post before the release", {POST}),
        ("Do not release anything until Friday", {SONG}),
        ("no more music for now", {SONG}),
        ("don't write or release new songs or posts this month", {SONG, POST}),
        # Not everything is ruled out here, so code leaves it to whoever plans.
        ("don't post about politics", set()),
        ("no sad songs", set()),
        ("never post on Sundays", set()),
        ("don't write songs for children", set()),
        ("don't post this song", set()),
        ("Don't release a song without a bridge", set()),
        # Nothing is.
        ("write a song about not posting", set()),
        ("post something about the tour", set()),
        ("take a break", set()),
    ],
)
def test_only_a_plain_no_rules_something_out(text: str, ruled_out: set[str]) -> None:
    assert set(forbidden(text)) == ruled_out
    if ruled_out:
        assert denies_something(text)
        assert lasts(text)


def test_a_long_text_is_read_in_no_time() -> None:
    assert forbidden("no " + "new songs or a " * 30 + "hat") == ()


@pytest.mark.parametrize(
    ("text", "said", "until", "lasting"),
    [
        ("write a song about rain", None, None, False),
        ("always thank the listeners", None, None, True),
        ("your songs should be slower", None, None, True),
        ("take a break", None, None, False),
        ("take a break", None, NOW, True),
        ("take a break", False, NOW, False),
        ("write a song about rain", True, None, True),
    ],
)
def test_for_how_long_it_holds(text: str, said: bool | None, until: Any, lasting: bool) -> None:
    assert is_lasting("directive", text, said, until) is lasting
    assert is_lasting("goal", text, said, until)


def directive(**changes: Any) -> Directive:
    whole = {"id": "d", "artist_id": "a", "text": "post less", "by": "operator:local"}
    times = {"created_at": NOW, "updated_at": NOW}
    return Directive.model_validate(whole | times | changes)


def test_an_edit_keeps_how_it_read_and_reads_the_words_anew() -> None:
    later = NOW + timedelta(hours=1)
    edited = directive().edited("operator:ada", later, text="don't post this week")
    (before,) = edited.history
    assert (before.text, before.by, before.at) == ("post less", "operator:ada", later)
    assert edited.forbids == (POST,)
    assert edited.edited("operator:ada", later, text="don't post this week") is edited
    assert edited.edited("operator:ada", later, text="post again").forbids == ()


@pytest.mark.parametrize("status", [s for s in DirectiveStatus if s != "standing"])
def test_what_has_ended_is_neither_changed_nor_ended_again(status: DirectiveStatus) -> None:
    ended = directive().end(status, "operator:local", NOW, run_id="run_1", why="enough")
    assert (ended.status, ended.run_id, ended.why, ended.standing) == (
        *(status, "run_1", "enough"),
        False,
    )
    with pytest.raises(IllegalTransition):
        ended.edited("operator:local", NOW, text="again")
    with pytest.raises(IllegalTransition):
        ended.end(DirectiveStatus.REVOKED, "operator:local", NOW, why="")


@pytest.mark.parametrize("text", ["", "   ", "123 !?", "x" * 501])
def test_words_that_cannot_be_followed_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_text(text)
    assert refused.value.field == "text"


def test_times_and_targets_are_checked() -> None:
    assert check_until(NOW + timedelta(days=1), NOW)
    with pytest.raises(InvalidInput, match="passed"):
        check_until(NOW, NOW)
    with pytest.raises(InvalidInput) as refused:
        check_target("directive", Target(measure="songs", count=1))
    assert refused.value.field == "target"
    check_target("goal", Target(measure="songs", count=1))
