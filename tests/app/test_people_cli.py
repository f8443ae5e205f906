"""`greenroom user`, `key` and `audit` as somebody new to them uses them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from app import client
from tests.api.conftest import served
from tests.app.conftest import Answer, Command
from tests.support.label import TOKEN, TestLabel, debut, open_label
from tests.support.people import HERE, PASSWORD

WRONG = (
    ("user invite king", 2, "viewer"),
    ("user invite viewer --days 31", 2, "30"),
    ("user disable nobody", 4, "no person 'nobody'"),
    ("user disable local", 4, "holds the start token"),
    ("user role bo king", 2, "viewer"),
    ("key make x --for nobody -s read", 4, "no person 'nobody'"),
    ("key make x --for bo -s fly", 2, "read"),
    ("key make x --for bo -s administer", 2, "administer cannot be given"),
    ("key make x --for bo", 2, "--scope"),
    ("key revoke nothing", 4, "no key 'nothing'"),
    ("audit --outcome well", 2, "refused"),
    ("audit --by nobody", 4, "no person 'nobody'"),
)


@pytest.fixture
def portal() -> Iterator[BlockingPortal]:
    """The loop in which the label lives while commands come and go."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def label(
    portal: BlockingPortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestLabel]:
    """A label that is served meanwhile, with today's clock: commands speak with its server."""
    monkeypatch.setattr("tests.support.label.START", datetime.now(UTC))
    with (
        portal.wrap_async_context_manager(open_label(tmp_path)) as label,
        portal.wrap_async_context_manager(served(label)) as base,
    ):

        @asynccontextmanager
        async def there(*_: object, **__: object) -> AsyncIterator[httpx.AsyncClient]:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as http:
                yield http

        monkeypatch.setattr(client, "in_process", there)
        yield label


@pytest.fixture
def bo(greenroom: Command, label: TestLabel, portal: BlockingPortal) -> str:
    """A person of the label who came in by a link that the command printed."""
    invited = greenroom("user", "invite", "operator", "--for", "Bo [of] the press")
    (secret,) = re.findall(r"/join\?link=(\S+)", invited.out)
    portal.call(label.people.joining.accept, secret, "bo", PASSWORD, HERE)
    return "bo"


@pytest.fixture
def artist(label: TestLabel, portal: BlockingPortal) -> str:
    """The handle of an artist of the label."""
    return portal.call(debut, label, None, b"portrait", b"banner").handle


def narrow(answer: Answer) -> Answer:
    """The same, which must fit a terminal of 80 columns."""
    assert answer.code == 0, answer.err
    assert [line for line in answer.out.splitlines() if len(line) > 80] == []
    return answer


def test_a_label_without_people_says_how_to_begin(greenroom: Command, label: TestLabel) -> None:
    assert "greenroom user invite admin" in greenroom("user", "list").out
    assert "greenroom key make" in greenroom("key", "list").out
    assert greenroom("user", "list", "--json").json == {"people": [], "invitations": []}


def test_somebody_is_invited_listed_and_let_go(greenroom: Command, bo: str) -> None:
    (person,) = greenroom("user", "list", "--json").json["people"]
    assert (person["name"], person["role"], person["artists"]) == ("bo", "operator", None)
    assert "password" not in str(person)
    listed = narrow(greenroom("user", "list", WIDTH="80")).out
    assert re.search(r"bo +operator +all +active", listed)
    assert "is viewer of all artists now" in greenroom("user", "role", bo, "viewer").out
    assert "may not come in" in greenroom("user", "disable", bo).out
    assert "disabled" in greenroom("user", "list").out
    assert "may come in again" in greenroom("user", "enable", bo).out
    again = greenroom("user", "reset", bo)
    assert "/join?link=" in again.out
    assert "a new password for bo" in again.out


def test_people_are_limited_to_artists_and_no_more(
    greenroom: Command, artist: str, bo: str
) -> None:
    limited = greenroom("user", "role", bo, "viewer", "--artist", artist)
    assert "bo is viewer of 1 artist now" in limited.out
    unknown = greenroom("user", "role", bo, "viewer", "--artist", "nobody")
    assert (unknown.code, "nobody" in unknown.err) == (2, True)
    lifted = greenroom("user", "role", bo, "viewer", "--all-artists", "--json").json
    assert lifted["artists"] is None


def test_links_that_wait_are_listed_and_withdrawn(greenroom: Command, label: TestLabel) -> None:
    invited = greenroom("user", "invite", "viewer", "--for", "Bo [of] the press", "--days", "2")
    assert "role viewer; it ends in" in invited.out
    listed = narrow(greenroom("user", "list", WIDTH="80")).out
    assert "Bo [of] the press" in listed
    (link,) = greenroom("user", "list", "--json").json["invitations"]
    assert link["id"] in listed
    assert "secret" not in str(link)
    assert "works no more" in greenroom("user", "withdraw", link["id"]).out
    assert link["id"] not in greenroom("user", "list").out
    again = greenroom("user", "withdraw", link["id"])
    assert (again.code, "does not work any more already" in again.err) == (5, True)


def test_what_cannot_be_is_said_with_what_can(greenroom: Command, bo: str) -> None:
    for command, code, says in WRONG:
        told = greenroom(*command.split())
        assert (told.code, says in told.err) == (code, True), f"{command}: {told.err}"


def test_the_last_admin_is_kept(greenroom: Command, bo: str) -> None:
    assert greenroom("user", "role", bo, "admin").code == 0
    for act in (("user", "disable", bo), ("user", "role", bo, "viewer")):
        kept = greenroom(*act)
        assert (kept.code, "last admin" in kept.err) == (5, True)
        assert "Make somebody else an admin first" in kept.err


def test_a_key_is_made_shown_once_and_revoked(greenroom: Command, bo: str) -> None:
    made = greenroom("key", "make", "nightly [numbers]", "--for", bo, "-s", "read", "-s", "chat")
    (secret,) = re.findall(r"gr_\S+", made.out)
    assert "nightly [numbers] of bo; may chat, read; until it is revoked" in made.out
    listed = narrow(greenroom("key", "list", WIDTH="80")).out
    assert secret not in listed
    assert secret[:9] in listed
    assert "nightly [numbers]: chat, read" in listed
    (key,) = greenroom("key", "list", "--json").json
    greenroom("user", "disable", bo)
    assert "owner is out" in greenroom("key", "list").out
    greenroom("user", "enable", bo)
    assert "works no more" in greenroom("key", "revoke", key["id"]).out
    assert "revoked" in greenroom("key", "list").out
    assert greenroom("key", "revoke", key["id"]).code == 0, "again is harmless"


def test_a_key_of_one_artist_with_an_end(greenroom: Command, artist: str, bo: str) -> None:
    made = ("key", "make", "x", "--for", bo, "-s", "read", "-a", artist, "--days", "3")
    assert "ends in 2 d" in greenroom(*made).out
    listed = narrow(greenroom("key", "list", WIDTH="80")).out
    assert "some artists (1)" in listed
    assert "ends in 2 d" in listed


def test_the_log_tells_who_did_what(greenroom: Command, bo: str) -> None:
    greenroom("user", "disable", bo)
    greenroom("user", "disable", "nobody")
    shown = narrow(greenroom("audit", WIDTH="80")).out
    assert "Disable person bo" in shown
    assert "refused 404" in shown
    refused = greenroom("audit", "--outcome", "refused", "--json").json
    assert [entry["subject"] for entry in refused] == ["nobody"]
    assert "Joined the label" in greenroom("audit", "--by", bo).out
    assert "Nothing of that kind" in greenroom("audit", "--operation", "DELETE").out
    assert {e["who"] for e in greenroom("audit", "--by", "local", "--json").json} == {"local"}
    assert "there may be more" in greenroom("audit", "--limit", "1").out


def test_help_tells_roles_and_rights(greenroom: Command) -> None:
    assert "an admin does it all" in " ".join(greenroom("user", "invite", "--help").out.split())
    assert "viewer, evaluator" in greenroom("user", "role", "--help").out
    assert "administer, approve" in " ".join(greenroom("key", "make", "--help").out.split())
