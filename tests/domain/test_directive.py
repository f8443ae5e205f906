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
        ("no new songs and no posts", {SONG, POST}),
        ("No new songs and no posts for the next two weeks, please.", {SONG, POST}),
        ("no posts no songs", {SONG, POST}),
        ("From now on, no songs/posts!", {SONG, POST}),
        ("no new songs", {SONG}),
        ("I don't want any new songs", {SONG}),
        ("No new songs from now on", {SONG}),
        ("stop writing songs for now", {SONG}),
        ("hold off on new songs", {SONG}),
        ("no releases", {SONG}),
        ("release nothing until June", {SONG}),
        ("no songs and take a break", {SONG}),
        ("no songs, only posts", {SONG}),
        ("no posts", {POST}),
        ("don't post", {POST}),
        ("Post nothing this week", {POST}),
        ("quit posting", {POST}),
        ("stop all posts", {POST}),
        ("stop posting and write songs instead", {POST}),
        ("don't publish anything", {SONG, POST}),
        ("Don't put anything out for a few days", {SONG, POST}),
        ("nothing new this month", {SONG, POST}),
        # Not everything is ruled out here, so code leaves it to whoever plans.
        ("no songs shorter than a minute", set()),
        ("No song shorter than a minute, no post longer than a line", set()),
        ("no songs, shorter than a minute", set()),
        ("no songs in 7/8 time", set()),
        ("no songs over three minutes", set()),
        ("no songs and no posts about politics", set()),
        ("don't post, except about the tour", set()),
        ("don't post without asking me", set()),
        ("no posts before noon", set()),
        ("don't post the new single yet", set()),
        ("no release without my approval", set()),
        ("No more music videos", set()),
        ("do not write songs every day", set()),
        # These tell of something, and order nothing.
        ("You don't post anymore.", set()),
        ("There are no new songs.", set()),
        ("there is nothing new, write something", set()),
        ("If you don't post, people forget you", set()),
        ("why not post something", set()),
        ("write a song called No More Music", set()),
        ("play non-stop music", set()),
        # Twice no is yes.
        ("don't stop posting", set()),
        ("never stop writing songs", set()),
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


@pytest.mark.parametrize("end", ["", ".", " for now", " until June", " at all, please"])
@pytest.mark.parametrize("start", ["", "Please, ", "From now on: ", "It is late. "])
@pytest.mark.parametrize("no", ["no", "No new", "no more", "STOP", "avoid any"])
def test_a_no_counts_wherever_the_sentence_goes_on(start: str, no: str, end: str) -> None:
    for thing, action in (("songs", SONG), ("posts", POST)):
        assert forbidden(f"{start}{no} {thing}{end}") == (action,)
        for narrower in ("about rain", "shorter than a line", "with a saxophone"):
            assert forbidden(f"{start}{no} {thing} {narrower}{end}") == ()
    assert set(forbidden(f"{start}{no} songs and {no} posts{end}")) == {SONG, POST}


@pytest.mark.parametrize("end", ["hat", "songs"])
@pytest.mark.parametrize("part", ["new songs or a ", "no songs and ", "don't post "])
def test_a_long_text_is_read_in_no_time(part: str, end: str) -> None:
    assert (forbidden("no " + part * 35 + end) == ()) is (end == "hat")


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
