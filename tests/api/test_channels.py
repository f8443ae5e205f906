from __future__ import annotations

import re

import httpx
import pytest
from pydantic import SecretStr

from domain.actor import OPERATOR, artist_actor
from domain.errors import Forbidden
from domain.ids import new_id
from domain.listing import Listing
from domain.post import Draft, PostStatus
from services.channels import ChannelService
from tests.support import label as play
from tests.support import people
from tests.support.label import TestLabel, debut
from tools.vendors.bluesky.kind import BlueskyKind
from tools.vendors.scripted_network import ScriptedKind

API = "/api/v1"
PASSWORD = "open sesame"


@pytest.fixture
def kind(label: TestLabel) -> ScriptedKind:
    """The label's channels lead to a scripted network in this test."""
    made = ScriptedKind(label.clock, password=PASSWORD)
    label.channels.kinds = {"scripted": made}
    return made


async def connected(
    label: TestLabel, api: httpx.AsyncClient, handle: str, password: str = PASSWORD
) -> httpx.Response:
    return await api.post(
        f"{API}/artists/{handle}/channels/scripted/connect",
        json={"identifier": "@ferry", "password": password},
    )


async def test_a_channel_from_connecting_to_disconnecting(
    label: TestLabel, api: httpx.AsyncClient, kind: ScriptedKind
) -> None:
    handle = (await debut(label)).handle
    at = f"{API}/artists/{handle}/channels"
    assert (await api.get(at)).json() == []
    assert [n["name"] for n in (await api.get(f"{API}/networks")).json()] == ["scripted"]
    made = (await connected(label, api, handle)).json()
    assert (made["account"], made["status"]) == ("ferry", "connected")
    for act, status in (("pause", "paused"), ("test", "paused"), ("resume", "connected")):
        assert (await api.post(f"{at}/scripted/{act}")).json()["status"] == status
    kind.at("id:ferry").troubles.append("locked_out")
    broken = (await api.post(f"{at}/scripted/test")).json()
    assert (broken["status"], broken["reason"]) == (
        "broken",
        "the password is not valid any more",
    )
    assert (await api.get(at)).json() == [broken]
    assert (await api.post(f"{at}/scripted/test")).json()["status"] == "connected"
    assert (await api.post(f"{at}/scripted/disconnect")).json() == []
    assert (await api.post(f"{at}/scripted/test")).status_code == 404


async def test_secrets_never_come_out(
    label: TestLabel,
    api: httpx.AsyncClient,
    operator: httpx.AsyncClient,
    kind: ScriptedKind,
    capfd: pytest.CaptureFixture[str],
) -> None:
    handle = (await debut(label)).handle
    answers = [
        await connected(label, api, handle),
        await connected(label, api, handle, "a wrong one"),
        await api.get(f"{API}/artists/{handle}/channels"),
        await operator.get(f"/operator/artists/{handle}/channels"),
        await operator.post(
            f"/operator/artists/{handle}/channels/scripted/connect",
            data={"identifier": "ferry", "password": "a wrong one"},
        ),
        await api.get(f"{API}/events"),
    ]
    assert [a.status_code for a in answers] == [200, 422, 200, 200, 422, 200]
    assert answers[1].json()["field"] == "password"
    told = "".join(a.text for a in answers) + "".join(capfd.readouterr())
    for secret in (PASSWORD, "a wrong one", "token of ferry"):
        assert secret not in told
    database = (label.home / "label.db").read_bytes() + _wal(label)
    for secret in (PASSWORD, "token of ferry"):
        assert secret.encode() not in database
    # The control: they are kept where secrets are.
    kept = "".join(p.read_text() for p in (label.home / "secrets").iterdir())
    assert PASSWORD in kept
    assert "token of ferry" in kept


@pytest.mark.parametrize(
    ("server", "status"),
    [
        ("http://127.0.0.1:1", 422),
        ("https://10.0.0.7", 422),
        ("https://[::1]", 422),
        ("http://example.org", 422),
        ("https://example.org/path", 422),
    ],
)
async def test_servers_inside_are_not_spoken_to(
    label: TestLabel, api: httpx.AsyncClient, server: str, status: int
) -> None:
    label.channels.kinds = {"bluesky": BlueskyKind(label.media)}
    handle = (await debut(label)).handle
    answer = await api.post(
        f"{API}/artists/{handle}/channels/bluesky/connect",
        json={"identifier": "ferry", "password": "x", "server": server},
    )
    assert (answer.status_code, answer.json()["field"]) == (status, "server")


async def test_the_page_connects_pauses_and_disconnects(
    label: TestLabel, operator: httpx.AsyncClient, kind: ScriptedKind
) -> None:
    handle = (await debut(label)).handle
    page = f"/operator/artists/{handle}/channels"
    assert page in (await operator.get(f"/operator/artists/{handle}")).text
    assert "not connected" in (await operator.get(page)).text
    done = await operator.post(
        f"{page}/scripted/connect",
        data={"identifier": "<b>ferry</b>", "password": PASSWORD, "server": ""},
    )
    shown = (await operator.get(done.headers["location"])).text
    assert "Connected." in shown
    assert "&lt;b&gt;ferry&lt;/b&gt;" in shown
    for act, words in (("pause", "Resume"), ("resume", "Pause"), ("test", "The server answered")):
        done = await operator.post(f"{page}/scripted/{act}")
        assert words in (await operator.get(done.headers["location"])).text
    await operator.post(f"{page}/scripted/disconnect")
    assert "not connected" in (await operator.get(page)).text


async def test_the_networks_page_shows_every_account_and_trouble_first(
    label: TestLabel, operator: httpx.AsyncClient, kind: ScriptedKind
) -> None:
    page = "/operator/networks"
    assert "No artist is connected yet" in (await operator.get(page)).text
    artists = [await debut(label, play.profile(name)) for name in ("Alder", "Birch", "Cedar")]
    for artist, account in zip(artists[:2], ("alder", "birch"), strict=True):
        await label.channels.connect(
            OPERATOR, artist.id, "scripted", identifier=account, password=SecretStr(PASSWORD)
        )
    kind.at("id:birch").troubles.append("locked_out")
    await label.channels.test(OPERATOR, artists[1].id, "scripted")
    shown = (await operator.get(page)).text
    places = [shown.index(name) for name in ("Birch", "Alder", "On the stage only", "Cedar")]
    assert places == sorted(places)
    assert "The password is not valid any more." in shown
    assert '<a href="/operator/networks" aria-current="page">' in shown
    broken = (await operator.get(page, params={"status": "broken"})).text
    assert ("birch on" in broken, "alder on" in broken) == (True, False)
    paused = (await operator.get(page, params={"status": "paused"})).text
    assert "None stands so" in paused


async def test_programs_page_through_the_accounts_of_all_artists(
    label: TestLabel, api: httpx.AsyncClient, kind: ScriptedKind
) -> None:
    artists = [await debut(label, play.profile(name)) for name in ("Alder", "Birch", "Cedar")]
    for artist in artists:
        await label.channels.connect(
            OPERATOR,
            artist.id,
            "scripted",
            identifier=artist.handle,
            password=SecretStr(PASSWORD),
        )
    await api.post(f"{API}/artists/{artists[1].handle}/channels/scripted/pause")

    async def rows(**query: str) -> tuple[list[str], str | None]:
        found = (await api.get(f"{API}/channels", params=query)).json()
        return [row["artist"] for row in found["items"]], found["next"]

    newest = [artist.handle for artist in reversed(artists)]
    assert await rows() == (newest, None)
    first, after = await rows(limit="2")
    assert first == newest[:2]
    assert after is not None
    assert await rows(limit="2", after=after) == (newest[2:], None)
    assert await rows(order="oldest") == (newest[::-1], None)
    assert await rows(status="paused") == (["birch"], None)
    assert await rows(artist="cedar") == (["cedar"], None)
    row = (await api.get(f"{API}/channels", params={"artist": "cedar"})).json()["items"][0]
    assert (row["stage_name"], row["waiting"]) == ("Cedar", 0)
    assert row["channel"] == (await api.get(f"{API}/artists/cedar/channels")).json()[0]


async def test_people_see_accounts_of_their_artists_only(
    label: TestLabel, kind: ScriptedKind
) -> None:
    mine, other = [await debut(label, play.profile(name)) for name in ("Alder", "Birch")]
    for artist in (mine, other):
        await label.channels.connect(
            OPERATOR,
            artist.id,
            "scripted",
            identifier=artist.handle,
            password=SecretStr(PASSWORD),
        )
    bo = await people.actor(label, "viewer", [mine.id])
    found = await label.context().overview.networks(bo)
    assert [one.artist.id for one in found.accounts] == [mine.id]
    assert found.alone == []
    listed = await label.context().overview.channels(bo, Listing())
    assert [one.artist.id for one in listed] == [mine.id]
    with pytest.raises(Forbidden):
        await label.context().overview.channels(bo, Listing(), other.handle)


async def test_each_channels_exact_preview_stands_on_the_approval(
    label: TestLabel, operator: httpx.AsyncClient, kind: ScriptedKind
) -> None:
    artist = await debut(label)
    channels: ChannelService = label.channels
    await channels.connect(
        OPERATOR, artist.id, "scripted", identifier="ferry", password=SecretStr(PASSWORD)
    )
    run = await play.cycle(label, artist)
    actor, ids = artist_actor(artist.id), []
    for payload in await channels.render(artist.id, Draft(text="Out <now>. " + "Slow. " * 60)):
        ids.append(new_id("post"))
        await label.catalogue.draft_post(actor, ids[-1], artist.id, run.id, payload)
    approval = await label.approvals.open(
        actor, new_id("approval"), artist.id, run.id, (), tuple(ids)
    )
    page = (await operator.get(f"/operator/approvals/{approval.id}")).text
    assert "Out &lt;now&gt;." in page
    assert [int(n) for n in re.findall(r"of (\d+) characters", page)] == [500, 300]
    stored = [await label.catalogue.post(OPERATOR, i) for i in ids]
    assert stored[0].payload.text != stored[1].payload.text
    edited = await operator.post(
        f"/operator/approvals/{approval.id}/posts/{ids[1]}", data={"text": "Only there."}
    )
    assert edited.status_code == 303
    after = [await label.catalogue.post(OPERATOR, i) for i in ids]
    assert after[0].payload == stored[0].payload
    assert after[1].payload.text == "Only there."
    assert {p.status for p in after} == {PostStatus.AWAITING_APPROVAL}


def _wal(label: TestLabel) -> bytes:
    wal = label.home / "label.db-wal"
    return wal.read_bytes() if wal.exists() else b""
