"""Forms that create something and are sent twice, without a script: one thing is made."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from domain.actor import OPERATOR
from tests.api.conftest import OURS, client_of
from tests.services.build import artist
from tests.support.label import TestLabel
from tests.support.people import PASSWORD, joined

Count = Callable[[TestLabel, str], Awaitable[int]]
HANDLE = "harbour-signal"
MAKE_KEY = "/operator/account/keys"


async def invitations(label: TestLabel, handle: str) -> int:
    return len(await label.context().people.people.invitations(OPERATOR))


async def webhooks(label: TestLabel, handle: str) -> int:
    return len(await label.webhooks.all(OPERATOR))


async def directives(label: TestLabel, handle: str) -> int:
    return len(await label.directives.page(OPERATOR, handle))


async def talks(label: TestLabel, handle: str) -> int:
    return len(await label.talks.page(OPERATOR))


async def comments(label: TestLabel, handle: str) -> int:
    return len((await label.stage.page(handle)).comments)


FORMS: list[tuple[str, str, dict[str, str], str, Count]] = [
    (
        "/operator/people",
        "/operator/people/invitations",
        {"role": "viewer", "days": "7", "note": "Ana"},
        "note",
        invitations,
    ),
    (
        "/operator/alerts",
        "/operator/alerts/webhooks",
        {"url": "https://1.1.1.1/greenroom", "events": "alert.*", "description": "one"},
        "description",
        webhooks,
    ),
    (
        f"/operator/artists/{HANDLE}/steering",
        f"/operator/artists/{HANDLE}/steering/directives",
        {"text": "Sing of rain.", "kind": "directive"},
        "text",
        directives,
    ),
    (
        "/operator/chat",
        "/operator/chat",
        {"artist": HANDLE, "text": "Good evening."},
        "text",
        talks,
    ),
    (
        f"/@{HANDLE}",
        f"/@{HANDLE}/comments",
        {"name": "Ana", "text": "Lovely.", "about": ""},
        "text",
        comments,
    ),
]


def keys_in(page: str, action: str) -> list[str]:
    """The keys of forms that lead there."""
    forms = re.findall(r'<form[^>]*action="([^"#]+)[^>]*>(.*?)</form>', page, re.DOTALL)
    return [
        key
        for leads, inner in forms
        if leads == action
        for key in re.findall(r'name="once" value="(\w+)"', inner)
    ]


@pytest.mark.parametrize(("at", "action", "words", "field", "count"), FORMS)
async def test_a_form_sent_twice_makes_one_and_other_words_another(
    label: TestLabel,
    operator: httpx.AsyncClient,
    at: str,
    action: str,
    words: dict[str, str],
    field: str,
    count: Count,
) -> None:
    who = await artist(label)
    assert who.handle == HANDLE
    key = keys_in((await operator.get(at)).text, action)[0]
    form = {**words, "once": key}
    # Whoever writes on the stage for the first time has no cookie yet.
    operator.cookies.delete("greenroom_visitor")
    first, second = await asyncio.gather(*(operator.post(action, data=form) for _ in range(2)))
    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert first.status_code in (200, 303)
    assert first.headers.get("location") == second.headers.get("location")
    assert await count(label, HANDLE) == 1
    other = await operator.post(action, data={**form, field: "Something else."})
    assert other.status_code in (200, 303)
    assert await count(label, HANDLE) == 2


async def test_a_key_made_twice_is_one_and_its_secret_is_shown_both_times(
    label: TestLabel,
) -> None:
    await joined(label, "operator", "bo")
    async with client_of(label, **OURS) as client:
        await client.post("/sign-in", data={"name": "bo", "password": PASSWORD})
        page = (await client.get("/operator/account")).text
        (once,) = keys_in(page, MAKE_KEY)
        form = {"name": "Backup", "scopes": "read", "once": once}
        answers = [(await client.post(MAKE_KEY, data=form)).text for _ in range(2)]
        secrets = [re.findall(r"gr_[\w-]{40,}", answer) for answer in answers]
        assert secrets[0] == secrets[1] != []
        page = (await client.get("/operator/account")).text
    assert len(re.findall(r"keys/key_\w+/revoke", page)) == 1
