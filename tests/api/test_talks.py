from __future__ import annotations

import asyncio
import json
import re

import httpx
import pytest

from api.web import chat_view
from domain.actor import OPERATOR
from domain.artist import Artist
from domain.ports.chat import TextPiece
from services.talks import TalkService
from tests.api.conftest import client_of, served
from tests.services.build import artist
from tests.support.label import TOKEN, TestLabel
from tests.support.talking import SteeredChat

KEY = {"Authorization": f"Bearer {TOKEN}"}
SSE = {"Accept": "text/event-stream"}


async def talk(api: httpx.AsyncClient, one: Artist) -> str:
    made = await api.post(f"/api/v1/artists/{one.handle}/talks")
    assert made.status_code == 201
    assert made.headers["location"].endswith(made.json()["id"])
    return str(made.json()["id"])


async def settled(label: TestLabel, address: str) -> None:
    """Wait until the talk's last answer is whole."""
    talk_id = address.rpartition("/")[2]
    (answer,) = await label.talks.turns(OPERATOR, talk_id, limit=1)
    async with asyncio.timeout(60):
        async for _ in label.talks.follow(OPERATOR, talk_id, answer.id):
            pass


def events(body: str) -> list[tuple[str, dict[str, object]]]:
    found = re.findall(r"event: (\w+)\r?\ndata: (.*?)\r?\n", body)
    return [(kind, json.loads(data)) for kind, data in found]


async def test_a_talk_from_its_beginning(label: TestLabel, api: httpx.AsyncClient) -> None:
    one = await artist(label)
    talk_id = await talk(api, one)
    said = await api.post(f"/api/v1/talks/{talk_id}/turns", json={"text": "Hello there."})
    assert said.status_code == 202
    assert said.json()["status"] == "answering"
    await settled(label, f"/{talk_id}")
    turn = (await api.get(said.headers["location"])).json()
    assert turn["status"] == "done"
    shown = (await api.get(f"/api/v1/talks/{talk_id}")).json()
    assert [t["speaker"] for t in shown["turns"]] == ["person", "artist"]
    for listed in ("/api/v1/talks", f"/api/v1/artists/{one.handle}/talks"):
        page = (await api.get(listed)).json()
        assert [(t["id"], t["title"]) for t in page["items"]] == [(talk_id, "Hello there.")]


async def test_events_come_in_the_answer_and_go_on_behind_the_last_one(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    talk_id = await talk(api, await artist(label))
    path = f"/api/v1/talks/{talk_id}/turns"
    answer = await api.post(path, json={"text": "Hello there."}, headers=SSE)
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = events(answer.text)
    assert told[-1][0] == "turn"
    assert {kind for kind, _ in told} == {"text", "finished", "turn"}
    whole = told[-1][1]["turn"]
    assert isinstance(whole, dict)
    words = "".join(str(data["text"]) for kind, data in told if kind == "text")
    assert whole["parts"] == [{"kind": "text", "text": words}]
    later = await api.get(f"{path}/{whole['id']}/events", headers={"Last-Event-ID": "1.2"})
    assert events(later.text) == told[2:]
    # Where nobody knows how far a reader was, the whole comes first.
    lost = await api.get(f"{path}/{whole['id']}/events", headers={"Last-Event-ID": "7.1"})
    assert [kind for kind, _ in events(lost.text)] == ["turn", "turn"]


async def test_a_cut_connection_loses_nothing(label: TestLabel) -> None:
    chat = SteeredChat([TextPiece(text="One "), TextPiece(text="two "), None, TextPiece(text="3")])
    label.talks = TalkService(label.database, label.clock, chat, label.talking.acts())
    one = await artist(label)
    async with served(label) as base, httpx.AsyncClient(base_url=base, headers=KEY) as program:
        talk_id = await talk(program, one)
        path, body = f"/api/v1/talks/{talk_id}/turns", {"text": "Count."}
        async with program.stream("POST", path, json=body, headers=SSE) as cut:
            begun = ""
            async for text in cut.aiter_text():
                begun += text
                if len(events(begun)) == 2:
                    break
        last_id = re.findall(r"id: (\S+)", begun)[-1]
        (turn,) = [t for t in await label.talks.turns(OPERATOR, talk_id) if t.number == 2]
        chat.go.set()
        rest = await program.get(f"{path}/{turn.id}/events", headers={"Last-Event-ID": last_id})
    words = [d["text"] for kind, d in (*events(begun), *events(rest.text)) if kind == "text"]
    assert words == ["One ", "two ", "3"]
    await label.talks.aclose()


async def test_questions_stops_and_tries_have_routes(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    one = await artist(label)
    talk_id = await talk(api, one)
    path = f"/api/v1/talks/{talk_id}"
    asked = await api.post(f"{path}/turns", json={"text": "Please pause."}, headers=SSE)
    (question,) = [data for kind, data in events(asked.text) if kind == "question"]
    done = await api.post(f"{path}/questions/{question['id']}", json={"yes": True})
    assert done.status_code == 200
    assert (await label.artists.find(OPERATOR, one.id)).status == "paused"
    other = await api.post(f"{path}/questions/{question['id']}", json={"yes": False})
    assert other.status_code == 409
    assert (await api.post(f"{path}/stop")).json()["status"] == "done"
    assert (await api.post(f"{path}/again")).status_code == 409
    assert (await api.post(f"{path}/turns", json={"text": " "})).status_code == 422
    assert (await api.get("/api/v1/talks/talk_none")).status_code == 404


async def test_nobody_talks_without_a_key(label: TestLabel) -> None:
    one = await artist(label)
    async with client_of(label) as stranger:
        assert (await stranger.post(f"/api/v1/artists/{one.handle}/talks")).status_code == 401


async def test_who_is_named_is_chosen_however_many_come_before(
    label: TestLabel, operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_view, "FACES", 1)
    await artist(label)
    second = await artist(label, "Night Bus")
    home = await operator.get("/operator/chat", params={"artist": second.handle})
    assert f'name="artist" value="{second.handle}"' in home.text
    begun = {"artist": second.handle, "text": "Good evening."}
    address = (await operator.post("/operator/chat", data=begun)).headers["location"]
    await settled(label, address)
    assert "<strong>Night Bus</strong>" in (await operator.get("/operator/chat")).text
    assert "Not all artists stand here" in home.text
    nobody = await operator.get("/operator/chat", params={"artist": "nobody"})
    assert nobody.status_code == 200


async def test_the_pages_work_by_plain_forms(label: TestLabel, operator: httpx.AsyncClient) -> None:
    one = await artist(label)
    home = await operator.get("/operator/chat")
    assert "Talk with Harbour Signal" in home.text
    form = {"artist": one.handle, "text": "From now on <script>sing</script> of rain."}
    begun = await operator.post("/operator/chat", data=form)
    assert begun.status_code == 303
    address = begun.headers["location"]
    await settled(label, address)
    page = await operator.get(address)
    assert "<script>sing" not in page.text
    assert "Holds until you revoke it" in page.text
    revoke = re.search(r'action="([^"]+/revoke)"', page.text)
    edit = re.search(r'action="([^"]+/edit)"', page.text)
    assert revoke is not None
    assert edit is not None
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version is not None
    seen = {"version": version[1]}
    await operator.post(edit[1], data={"text": "Sing of snow."} | seen)
    assert "Sing of snow." in (await operator.get(address)).text
    late = await operator.post(edit[1], data={"text": "Sing of hail."} | seen)
    assert late.status_code == 409
    assert "You wrote: “Sing of hail.”" in late.text
    await operator.post(revoke[1])
    (shown,) = await label.directives.page(OPERATOR, one.id)
    assert (shown.directive.status, shown.directive.text) == ("revoked", "Sing of snow.")
    refused = await operator.post(f"{address}/say", data={"text": " "})
    assert refused.status_code == 422
    assert "Nothing was said." in refused.text


async def test_a_question_on_the_page_is_answered_by_its_button(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    one = await artist(label)
    begun = await operator.post(
        "/operator/chat", data={"artist": one.handle, "text": "Please pause."}
    )
    address = begun.headers["location"]
    await settled(label, address)
    page = await operator.get(address)
    button = re.search(r'action="([^"]+/questions/[^"]+)"', page.text)
    assert button is not None
    headers = {"Accept": "application/json"}
    done = await operator.post(button[1], data={"yes": "true"}, headers=headers)
    assert "It is done." in done.json()["html"]
    late = await operator.post(button[1], data={"yes": "false"})
    assert late.status_code == 409
    assert (await label.artists.find(OPERATOR, one.id)).status == "paused"


async def test_a_page_that_follows_gets_words_and_then_the_whole(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    one = await artist(label)
    own = await label.talks.start(OPERATOR, one.id)
    said = await operator.post(
        f"/operator/chat/{own.id}/say",
        data={"text": "Hello there.", "key": "k"},
        headers={"Accept": "application/json"},
    )
    assert said.json()["html"].count("data-turn ") == 2
    path = f"/operator/chat/{own.id}/turns/{said.json()['turn']}/events"
    told = events((await operator.get(path)).text)
    assert {kind for kind, _ in told} <= {"text", "turn"}
    assert told[-1][1]["status"] == "done"
    assert 'class="turn-text"' in str(told[-1][1]["html"])
