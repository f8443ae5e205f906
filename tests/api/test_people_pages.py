from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from domain.actor import OPERATOR
from tests.api.conftest import OURS, client_of
from tests.support.label import TestLabel, debut
from tests.support.people import HERE, PASSWORD, joined, key

PAGE = {"Accept": "text/html", **OURS}
ANOTHER = "another four words entirely"


@asynccontextmanager
async def entered(label: TestLabel, name: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(label, address="203.0.113.9", **PAGE) as client:
        answer = await client.post("/sign-in", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303
        yield client


def link_in(page: str) -> str:
    found = re.search(r"/join\?link=([\w-]+)", page)
    assert found is not None
    return found[1]


async def test_an_invitation_is_made_used_and_gone(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    empty = await operator.get("/operator/people")
    assert "Nobody has a name here yet" in empty.text
    made = await operator.post(
        "/operator/people/invitations", data={"role": "viewer", "note": "Bo", "days": "3"}
    )
    assert made.status_code == 200
    link = link_in(made.text)
    listed = (await operator.get("/operator/people")).text
    assert "Bo, as viewer" in listed
    assert link not in listed
    await label.people.joining.accept(link, "bo", PASSWORD, HERE)
    after = (await operator.get("/operator/people")).text
    assert "Bo, as viewer" not in after
    assert "/operator/people/bo" in after


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"role": "king", "days": "7"}, "there is no role"),
        ({"role": "viewer", "days": "many"}, "not a whole number"),
        ({"role": "viewer", "days": "99"}, "1 to 30 days"),
    ],
)
async def test_a_wrong_invitation_is_kept_as_typed(
    label: TestLabel, operator: httpx.AsyncClient, data: dict[str, str], says: str
) -> None:
    answer = await operator.post("/operator/people/invitations", data={**data, "note": "Bo & Co"})
    assert answer.status_code == 422
    assert says in answer.text.lower()
    assert "Bo &amp; Co" in answer.text


async def test_somebody_is_changed_and_a_stale_form_changes_nothing(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    await joined(label, "viewer", "bo")
    page = await operator.get("/operator/people/bo")
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version is not None
    data = {
        "version": version[1],
        "role": "operator",
        "display_name": "Bo <b>",
        "limit": "some",
        "artists": artist.id,
    }
    done = await operator.post("/operator/people/bo", data=data)
    assert done.status_code == 303
    bo = await label.people.people.get(OPERATOR, "bo")
    assert (bo.role, bo.artists, bo.display_name) == ("operator", (artist.id,), "Bo <b>")
    shown = (await operator.get("/operator/people/bo")).text
    assert "Bo &lt;b&gt;" in shown
    assert "<b>" not in shown
    stale = await operator.post("/operator/people/bo", data={**data, "role": "admin"})
    assert stale.status_code in (409, 412)
    assert (await label.people.people.get(OPERATOR, "bo")).role == "operator"


async def test_somebody_is_let_in_no_more_and_again(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    bo = await joined(label, "operator", "bo")
    secret = await key(label, bo, "read")
    async with entered(label, "bo") as client:
        assert (await client.get("/operator/account")).status_code == 200
        await operator.post("/operator/people/bo/disable")
        assert (await client.get("/operator/account")).status_code == 303
    assert "may not come in" in (await operator.get("/operator/people/bo")).text
    assert await label.people.keys.by_secret(secret) is None
    await operator.post("/operator/people/bo/enable")
    assert await label.people.keys.by_secret(secret) is not None


async def test_the_last_admin_is_kept_with_a_reason(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    await joined(label, "admin", "ada")
    answer = await operator.post("/operator/people/ada/disable")
    assert answer.status_code == 409
    assert "last admin" in answer.text


async def test_a_new_password_by_a_link(label: TestLabel, operator: httpx.AsyncClient) -> None:
    await joined(label, "viewer", "bo")
    made = await operator.post("/operator/people/bo/reset")
    async with client_of(label, address="203.0.113.9", **PAGE) as client:
        link = link_in(made.text)
        assert "For <strong>bo</strong>" in (await client.get(f"/join?link={link}")).text
        data = {"link": link, "password": ANOTHER}
        assert (await client.post("/join", data=data)).status_code == 303
        assert (await client.get("/operator/account")).status_code == 200
    await label.people.sign_in.sign_in("bo", ANOTHER, HERE)


@pytest.mark.parametrize("role", ["viewer", "evaluator", "developer", "operator"])
async def test_only_admins_open_the_pages_of_people(label: TestLabel, role: str) -> None:
    bo = await joined(label, role, "bo")  # type: ignore[arg-type]
    async with entered(label, "bo") as client:
        for path in ("/operator/people", "/operator/people/bo", "/operator/audit"):
            refused = await client.get(path)
            assert refused.status_code == 403, path
            # Back to where they may be, and not out of the house.
            assert 'href="/operator"' in refused.text
        for path in ("invitations", "bo", "bo/reset", "bo/disable", "bo/sign-out"):
            data = {"role": "admin", "days": "7", "version": "1"}
            answer = await client.post(f"/operator/people/{path}", data=data)
            assert answer.status_code == 403, path
        home = (await client.get("/operator/account")).text
        assert 'href="/operator/people"' not in home
    assert (await label.people.people.get(OPERATOR, bo.user.id)).role == role


async def test_a_key_is_made_shown_once_and_revoked(label: TestLabel) -> None:
    await joined(label, "operator", "bo")
    async with entered(label, "bo") as client:
        wrong = await client.post("/operator/account/keys", data={"name": "n", "days": "x"})
        assert wrong.status_code == 422
        made = await client.post(
            "/operator/account/keys",
            data={"name": "n", "days": "", "scopes": ["read", "chat"], "limit": "all"},
        )
        found = re.search(r"gr_[\w-]{40,}", made.text)
        assert found is not None
        page = (await client.get("/operator/account")).text
        assert found[0] not in page
        assert found[0][:9] in page
        key_id = re.search(r"keys/(key_\w+)/revoke", page)
        assert key_id is not None
        await client.post(f"/operator/account/keys/{key_id[1]}/revoke")
        assert await label.people.keys.by_secret(found[0]) is None
        stolen = await client.post(
            "/operator/account/keys", data={"name": "n", "scopes": "administer"}
        )
        assert stolen.status_code == 422


async def test_ones_own_name_password_and_sessions(label: TestLabel) -> None:
    await joined(label, "viewer", "bo")
    async with entered(label, "bo") as here, entered(label, "bo") as there:
        await here.post("/operator/account/name", data={"display_name": "Bo the Great"})
        assert "Bo the Great" in (await here.get("/operator/account")).text
        wrong = await here.post(
            "/operator/account/password", data={"current": "no", "password": ANOTHER}
        )
        assert wrong.status_code == 403
        assert "not right" in wrong.text
        done = await here.post(
            "/operator/account/password", data={"current": PASSWORD, "password": ANOTHER}
        )
        assert done.status_code == 303
        assert (await here.get("/operator/account")).status_code == 200
        assert (await there.get("/operator/account")).status_code == 303


async def test_the_start_token_has_no_account(operator: httpx.AsyncClient) -> None:
    assert "You have no name here" in (await operator.get("/operator/account")).text


async def test_the_log_is_read_and_filtered(label: TestLabel, operator: httpx.AsyncClient) -> None:
    empty = await operator.get("/operator/audit")
    assert "Nothing was done yet" in empty.text
    await joined(label, "admin", "ada")
    async with entered(label, "ada") as client:
        await client.post("/operator/people/nobody/disable")
        page = (await client.get("/operator/audit", params={"person": "ada"})).text
        assert "POST /operator/people/{name}/{act}" in page
        assert "refused 404" in page
        assert "203.0.113.9" in page
    gone = (await operator.get("/operator/audit", params={"person": "stranger"})).text
    assert "Nothing fits" in gone
    later = (await operator.get("/operator/audit", params={"since": "2030-01-01"})).text
    assert "Nothing fits" in later
    odd = await operator.get("/operator/audit", params={"since": "soon", "outcome": "odd"})
    assert "refused 404" in odd.text
