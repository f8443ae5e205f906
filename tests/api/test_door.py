from __future__ import annotations

import httpx
import pytest

from api.web.door_view import safe_next, typed_form
from domain.actor import OPERATOR, SYSTEM
from domain.errors import EnvironmentProblem
from domain.user import SESSION_IDLE
from services.people_sessions import TRIES_NAME
from tests.api.conftest import OURS, client_of
from tests.support.label import TOKEN, TestLabel
from tests.support.people import PASSWORD, joined

PAGE = {"Accept": "text/html", **OURS}


def elsewhere(
    label: TestLabel, base: str = "http://127.0.0.1", **headers: str
) -> httpx.AsyncClient:
    """A browser on another machine."""
    return client_of(label, address="203.0.113.9", base=base, **{**PAGE, **headers})


async def signed_in(client: httpx.AsyncClient, name: str = "bo") -> httpx.Response:
    return await client.post("/sign-in", data={"name": name, "password": PASSWORD})


async def test_a_page_asks_to_sign_in_and_goes_on_where_one_wanted(label: TestLabel) -> None:
    await joined(label, "operator", "bo")
    async with elsewhere(label) as client:
        sent = await client.get("/operator/schedule?artist=x")
        assert sent.status_code == 303
        assert sent.headers["location"] == "/sign-in?next=%2Foperator%2Fschedule%3Fartist%3Dx"
        form = await client.get(sent.headers["location"])
        assert 'value="/operator/schedule?artist=x"' in form.text
        wrong = await client.post("/sign-in", data={"name": "bo", "password": "wrong"})
        assert wrong.status_code == 401
        assert "do not belong together" in wrong.text
        assert 'value="bo"' in wrong.text
        entered = await client.post(
            "/sign-in", data={"name": "bo", "password": PASSWORD, "next": "/operator/schedule"}
        )
        assert (entered.status_code, entered.headers["location"]) == (303, "/operator/schedule")
        assert (await client.get("/operator/schedule")).status_code == 200
        again = await client.get("/sign-in")
        assert again.headers["location"] == "/operator"


async def test_too_many_tries_are_told_with_the_wait(label: TestLabel) -> None:
    await joined(label, "operator", "bo")
    async with elsewhere(label) as client:
        for _ in range(TRIES_NAME):
            wrong = await client.post("/sign-in", data={"name": "bo", "password": "wrong"})
        assert wrong.status_code == 401
        told = await signed_in(client)
        assert told.status_code == 429
        assert "too many tries to sign in" in told.text.lower()
        assert "Wait ten minutes" in told.text
        assert 'value="bo"' in told.text
    (entry, *_) = await label.people.audit.page(OPERATOR)
    assert (entry.who, entry.outcome) == ("bo", "refused")


async def test_what_has_a_time_ends_with_it(label: TestLabel) -> None:
    await joined(label, "operator", "bo")
    link = await label.people.people.invite(OPERATOR, "viewer")
    async with elsewhere(label) as client:
        await signed_in(client)
        assert (await client.get("/join", params={"link": link.secret})).status_code == 200
        label.clock.advance(SESSION_IDLE)
        page = await client.get("/operator/schedule")
        assert page.headers["location"] == "/sign-in?next=%2Foperator%2Fschedule"
        assert (await client.get("/api/v1/me")).status_code == 401
        late = await client.get("/join", params={"link": link.secret})
        assert late.status_code == 404
        assert "for a few days" in late.text
        data = {"link": link.secret, "name": "cy", "password": PASSWORD}
        assert (await client.post("/join", data=data)).status_code == 404
    assert [person.name for person in await label.people.people.page(OPERATOR)] == ["bo"]


async def test_scripts_are_told_instead_of_sent(label: TestLabel) -> None:
    async with elsewhere(label) as client:
        for headers in ({"Sec-Fetch-Mode": "cors"}, {"HX-Request": "true"}):
            assert (await client.get("/operator/live", headers=headers)).status_code == 401


async def test_the_session_cookie_is_the_browsers_alone(label: TestLabel) -> None:
    await joined(label, "viewer", "bo")
    async with elsewhere(label) as client:
        plain = (await signed_in(client)).headers["set-cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=lax" in plain
    assert "Secure" not in plain
    async with elsewhere(label, "https://label.example", Origin="https://label.example") as client:
        safe = (await signed_in(client)).headers["set-cookie"]
        assert safe.startswith("__Host-greenroom_session")
        assert "Secure" in safe
        assert "Path=/;" in safe
        assert "Domain" not in safe
        assert (await client.get("/operator")).status_code == 200


async def test_signing_in_needs_our_own_page(label: TestLabel) -> None:
    await joined(label, "viewer", "bo")
    async with elsewhere(label, Origin="http://evil.example") as client:
        assert (await signed_in(client)).status_code == 403
        assert (await client.post("/operator/sign-out")).status_code == 403


async def test_signing_out_ends_the_session(label: TestLabel) -> None:
    await joined(label, "viewer", "bo")
    async with elsewhere(label) as client:
        await signed_in(client)
        kept = dict(client.cookies)
        gone = await client.post("/operator/sign-out")
        assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in")
        assert (await client.get("/operator")).status_code == 303
        client.cookies.update(kept)
        assert (await client.get("/operator")).status_code == 303


async def test_this_machines_browser_signs_out_too(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    assert (await operator.get("/operator")).status_code == 200
    await operator.post("/operator/sign-out")
    assert (await operator.get("/operator", headers=PAGE)).status_code == 303


async def test_the_first_link_opens_the_house(label: TestLabel) -> None:
    link = await label.people.joining.first_link(SYSTEM)
    assert link is not None
    async with elsewhere(label) as client:
        page = await client.get("/join", params={"link": link.secret})
        assert "first admin" in page.text
        short = await client.post(
            "/join", data={"link": link.secret, "name": "ada", "password": "short"}
        )
        assert short.status_code == 422
        assert 'value="ada"' in short.text
        assert "12 to 200 characters" in short.text
        data = {"link": link.secret, "name": "ada", "display_name": "Ada", "password": PASSWORD}
        entered = await client.post("/join", data=data)
        assert (entered.status_code, entered.headers["location"]) == (303, "/operator")
        assert (await client.get("/operator")).status_code == 200
        spent = await client.get("/join", params={"link": link.secret})
        assert spent.status_code == 404
        assert "works once" in spent.text


async def test_a_form_is_kept_while_one_signs_in_again(label: TestLabel) -> None:
    bo = await joined(label, "operator", "bo")
    brief = 'A "quoted" <script>alert(1)</script> brief\nin two lines'
    async with elsewhere(label) as client:
        await signed_in(client)
        await label.people.sign_in.end_all(OPERATOR, bo.user.id)
        kept = await client.post(
            "/operator/artists", data={"brief": brief, "seed": "7", "api_token": "hush"}
        )
        assert kept.status_code == 401
        assert "Nothing was sent" in kept.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in kept.text
        assert "<script>alert" not in kept.text
        assert "hush" not in kept.text
        data = {
            "name": "bo",
            "password": PASSWORD,
            "kept_action": "/operator/artists",
            "kept:brief": brief,
            "kept:seed": "7",
        }
        wrong = await client.post("/sign-in", data=data | {"password": "wrong"})
        assert "kept:brief" in wrong.text
        back = await client.post("/sign-in", data=data)
        assert back.status_code == 200
        assert 'action="/operator/artists"' in back.text
        assert "&lt;script&gt;" in back.text
        assert await label.artists.page(OPERATOR) == []
        sent = await client.post("/operator/artists", data={"brief": brief, "seed": "7"})
        assert sent.status_code == 303
    assert len(await label.artists.page(OPERATOR)) == 1


async def test_nothing_of_a_foreign_form_is_kept(label: TestLabel) -> None:
    async with elsewhere(label, Origin="http://evil.example") as client:
        answer = await client.post("/operator/artists", data={"brief": "planted"})
        assert answer.status_code == 403
        assert "planted" not in answer.text


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/operator\\evil",
        "/operatorevil",
        "javascript:alert(1)",
        "/operator\n",
        "",
    ],
)
def test_one_goes_on_within_the_house_only(wanted: str) -> None:
    assert safe_next(wanted) == "/operator"
    assert typed_form(wanted, [("brief", "x")]) is None


async def test_sessions_and_keys_open_the_api(label: TestLabel) -> None:
    await joined(label, "operator", "bo")
    async with elsewhere(label) as client:
        await signed_in(client)
        me = (await client.get("/api/v1/me")).json()
        assert (me["name"], me["role"]) == ("bo", "operator")
        made = await client.post("/api/v1/keys", json={"name": "n", "scopes": ["read"]})
        assert made.status_code == 201
        foreign = await client.post(
            "/api/v1/keys",
            json={"name": "n", "scopes": ["read"]},
            headers={"Origin": "http://evil.example"},
        )
        assert foreign.status_code == 403
    secret = made.json()["secret"]
    assert secret.startswith("gr_")
    async with client_of(label, Authorization=f"Bearer {secret}") as program:
        found = (await program.get("/api/v1/me")).json()
        assert (found["name"], found["rights"], found["key"]) == ("bo", ["read"], "n")
        assert (await program.post("/api/v1/keys", json={"name": "n", "scopes": ["read"]})).is_error
        listed = (await program.get("/api/v1/keys")).text
        assert secret not in listed
        assert "secret_hash" not in listed
    async with client_of(label, Authorization=f"Bearer {secret}x") as program:
        assert (await program.get("/api/v1/me")).status_code == 401


async def test_who_is_disabled_is_out_in_the_middle(label: TestLabel) -> None:
    bo = await joined(label, "operator", "bo")
    async with elsewhere(label) as client:
        await signed_in(client)
        assert (await client.get("/operator")).status_code == 200
        await label.people.people.disable(OPERATOR, bo.user.id)
        assert (await client.get("/operator")).status_code == 303
        assert (await client.get("/api/v1/me")).status_code == 401


async def test_writes_are_in_the_audit_log(label: TestLabel, api: httpx.AsyncClient) -> None:
    await api.post("/api/v1/invitations", json={"role": "viewer"})
    await api.post("/api/v1/artists/nobody/pause")
    await api.post("/api/v1/invitations", json={"role": "king"})
    found = (await api.get("/api/v1/audit")).json()["items"]
    assert [(e["operation"], e["outcome"], e["status"]) for e in found] == [
        ("POST /api/v1/invitations", "refused", 422),
        ("POST /api/v1/artists/{handle}/pause", "refused", 404),
        ("POST /api/v1/invitations", "done", 201),
    ]
    assert found[1]["artist"] == "nobody"
    assert {e["who"] for e in found} == {"local"}
    by_artist = (await api.get("/api/v1/audit", params={"artist": "nobody"})).json()["items"]
    assert [e["id"] for e in by_artist] == [found[1]["id"]]
    one = (await api.get(f"/api/v1/audit/{found[0]['id']}")).json()
    assert one == found[0]
    refused = (await api.get("/api/v1/audit", params={"outcome": "done"})).json()["items"]
    assert [e["id"] for e in refused] == [found[2]["id"]]
    assert TOKEN not in (await api.get("/api/v1/audit")).text


async def test_an_entry_is_there_while_the_call_goes_on(
    label: TestLabel, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    async def look(*_: object) -> None:
        seen.extend(await label.people.audit.page(OPERATOR))
        raise EnvironmentProblem("the house burns")

    monkeypatch.setattr(type(label.people.people), "disable", look)
    assert (await api.post("/api/v1/people/bo/disable")).status_code == 503
    assert [(e.outcome, e.subject) for e in seen] == [("begun", "bo")]
    (after,) = await label.people.audit.page(OPERATOR)
    assert (after.outcome, after.status) == ("failed", 503)


async def test_people_are_edited_by_what_was_seen(label: TestLabel, api: httpx.AsyncClient) -> None:
    await joined(label, "viewer", "bo")
    first = await api.get("/api/v1/people/bo")
    seen = {"If-Match": first.headers["etag"]}
    edited = await api.patch("/api/v1/people/bo", json={"role": "operator"}, headers=seen)
    assert edited.json()["role"] == "operator"
    stale = await api.patch("/api/v1/people/bo", json={"role": "admin"}, headers=seen)
    assert stale.status_code == 412
    blind = await api.patch("/api/v1/people/bo", json={"role": "admin"})
    assert blind.status_code == 428
    listed = (await api.get("/api/v1/people")).json()["items"]
    assert [(p["name"], p["role"]) for p in listed] == [("bo", "operator")]
    assert "password_hash" not in listed[0]
