from __future__ import annotations

from typing import Any

import httpx
import pytest
from mcp import Client, MCPError, types

from api.mcp.registry import TOOLS
from domain.actor import OPERATOR
from domain.artist import Artist
from services.audit import AuditFilter
from tests.api.mcp.conftest import Era, connected
from tests.support.label import TOKEN, TestLabel, ask, cycle, debut, profile, song
from tests.support.people import joined, key


def text_of(result: types.CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, types.TextContent)
    return content.text


async def told(client: Client, name: str, **given: object) -> dict[str, Any]:
    result = await client.call_tool(name, given)
    assert not result.is_error, text_of(result)
    assert isinstance(result.structured_content, dict)
    return result.structured_content


async def refused(client: Client, name: str, **given: object) -> str:
    result = await client.call_tool(name, given)
    assert result.is_error
    return text_of(result)


async def names(client: Client) -> set[str]:
    return {tool.name for tool in (await client.list_tools()).tools}


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_client_of_either_era_connects_lists_and_calls(
    url: str, artist: Artist, era: Era
) -> None:
    async with connected(url, era=era) as client:
        assert client.server_info is not None
        assert client.server_info.name == "greenroom"
        assert "recall_memories" in await names(client)
        found = await told(client, "list_artists")
    assert [line["handle"] for line in found["artists"]] == [artist.handle]


async def test_tools_say_what_they_take_give_and_risk(client: Client) -> None:
    listed = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert {tool.name for tool in TOOLS} < set(listed)
    for tool in listed.values():
        assert tool.description
        assert tool.input_schema["type"] == "object"
        assert tool.output_schema is not None
    risks = {
        name: tool.annotations.read_only_hint or not tool.annotations.destructive_hint
        for name, tool in listed.items()
        if tool.annotations
    }
    assert [name for name, harmless in risks.items() if not harmless] == [
        "stop_artist",
        "answer_question",
        "cancel_run",
        "decide_approval",
        "ask_for_changes",
        "revoke_directive",
        "change_steering",
        "remove_schedule",
    ]


async def test_a_key_is_told_of_the_tools_that_its_rights_allow_and_of_no_other(
    url: str, label: TestLabel
) -> None:
    viewer = await joined(label, "viewer")
    async with connected(url, await key(label, viewer, "read")) as client:
        seen = await names(client)
        assert {"list_artists", "show_run", "search", "recall_memories"} <= seen
        assert not seen & {"start_run", "decide_approval", "chat_with_artist", "add_directive"}
        with pytest.raises(MCPError, match="Unknown tool"):
            await client.call_tool("start_run", {"artist": "harbour-signal"})
        assert [p.name for p in (await client.list_prompts()).prompts] == ["morning_report"]


async def test_a_key_of_one_artist_sees_no_other(
    url: str, label: TestLabel, artist: Artist
) -> None:
    other = await debut(label, profile("Second Harbour"))
    owner = await joined(label, "operator", artists=[other.id])
    async with connected(url, await key(label, owner, "read", "steer")) as client:
        found = await told(client, "list_artists")
        assert [line["handle"] for line in found["artists"]] == [other.handle]
        assert "forbidden" in await refused(client, "show_artist", artist=artist.handle)
        assert "forbidden" in await refused(client, "start_run", artist=artist.handle)
        assert "forbidden" in await refused(
            client, "recall_memories", artist=artist.handle, query="sea"
        )
        with pytest.raises(MCPError):
            await client.read_resource(f"greenroom://artists/{artist.handle}/profile")


async def test_an_artist_is_shown_with_its_profile(client: Client, artist: Artist) -> None:
    sheet = await told(client, "show_artist", artist=artist.handle)
    assert sheet["profile"]["stage_name"] == artist.stage_name
    assert sheet["public_page"].endswith(f"/@{artist.handle}")


async def test_a_run_is_started_and_shown_and_stands_in_the_audit_log(
    client: Client, label: TestLabel, artist: Artist
) -> None:
    run = await told(client, "start_run", artist=artist.handle, seed=5)
    sheet = await told(client, "show_run", run_id=run["id"])
    assert (sheet["artist"], sheet["status"]) == (artist.handle, "queued")
    listed = await told(client, "list_runs", artist=artist.handle)
    assert run["id"] in [line["id"] for line in listed["runs"]]
    found = await label.people.audit.page(OPERATOR, wanted=AuditFilter(operation="MCP start_run"))
    assert [(entry.artist, entry.outcome) for entry in found] == [(artist.handle, "done")]


async def test_what_waits_is_shown_whole_and_decided_once_on_exactly_that(
    client: Client, label: TestLabel, artist: Artist
) -> None:
    run = await cycle(label, artist)
    work = await song(label, run)
    approval = await ask(label, run, work)
    waiting = await told(client, "list_approvals")
    assert [line["id"] for line in waiting["approvals"]] == [approval.id]
    sheet = await told(client, "show_approval", approval_id=approval.id)
    assert sheet["songs"][0]["title"] == work.title
    assert "Hold the line" in sheet["songs"][0]["lyrics"]
    decide = {"approval_id": approval.id, "verdict": "approve"}
    assert "approval_closed" in await refused(client, "decide_approval", **decide, digest="0" * 64)
    assert "digest" in await refused(client, "decide_approval", **decide)
    done = await told(client, "decide_approval", **decide, digest=sheet["digest"])
    assert done["status"] == "approved"
    assert "approval_closed" in await refused(
        client,
        "decide_approval",
        approval_id=approval.id,
        verdict="reject",
        digest=sheet["digest"],
        reason="lyrics",
    )


async def test_changes_are_asked_for_in_exactly_what_was_shown(
    client: Client, label: TestLabel, artist: Artist
) -> None:
    run = await cycle(label, artist)
    approval = await ask(label, run, await song(label, run))
    asked = {"approval_id": approval.id, "reasons": ["mix"], "comment": "The voice is quiet."}
    assert "approval_closed" in await refused(client, "ask_for_changes", **asked, digest="0" * 64)
    begun = await told(client, "ask_for_changes", **asked, digest=approval.digest)
    assert (await label.runs.get(OPERATOR, begun["run_id"])).parent_run_id == run.id


async def test_works_and_their_words_are_shown_and_read(
    client: Client, label: TestLabel, artist: Artist
) -> None:
    work = await song(label, await cycle(label, artist))
    listed = await told(client, "list_works", artist=artist.handle)
    assert [line["id"] for line in listed["works"]] == [work.id]
    sheet = await told(client, "show_work", work_id=work.id)
    assert sheet["lyrics"].startswith("[verse]\nThe radar")
    read = await client.read_resource(f"greenroom://works/{work.id}/lyrics")
    assert isinstance(read.contents[0], types.TextResourceContents)
    assert "Carry me across the night" in read.contents[0].text


async def test_anything_is_found_by_its_words(
    client: Client, label: TestLabel, artist: Artist
) -> None:
    work = await song(label, await cycle(label, artist))
    found = await told(client, "search", query="last ferry", kinds=["work", "lyrics"])
    assert (found["hits"][0]["id"], found["hits"][0]["artist"]) == (work.id, artist.handle)
    assert (await told(client, "search", query="submarine"))["hits"] == []


async def test_directives_are_given_listed_and_taken_back(client: Client, artist: Artist) -> None:
    words = "Always mention the sea in posts"
    added = await told(client, "add_directive", artist=artist.handle, text=words)
    again = await told(client, "add_directive", artist=artist.handle, text=words)
    assert again["id"] == added["id"]
    listed = await told(client, "list_directives", artist=artist.handle)
    assert [line["text"] for line in listed["directives"]] == [words]
    gone = await told(client, "revoke_directive", directive_id=added["id"])
    assert gone["status"] == "revoked"
    assert (await told(client, "list_directives", artist=artist.handle))["directives"] == []


async def test_resources_and_prompts_are_listed_and_read(client: Client, artist: Artist) -> None:
    (resource,) = (await client.list_resources()).resources
    read = await client.read_resource(str(resource.uri))
    assert isinstance(read.contents[0], types.TextResourceContents)
    assert artist.stage_name in read.contents[0].text
    assert len((await client.list_resource_templates()).resource_templates) == 2
    prompt = await client.get_prompt("plan_with_artist", {"artist": artist.handle})
    assert isinstance(prompt.messages[0].content, types.TextContent)
    assert artist.handle in prompt.messages[0].content.text
    with pytest.raises(MCPError):
        await client.read_resource("greenroom://artists/../secrets/profile")
    with pytest.raises(MCPError):
        await client.get_prompt("plan_with_artist", {})


async def test_mistakes_are_told_as_a_tools_errors(client: Client, artist: Artist) -> None:
    assert "not_found" in await refused(client, "show_artist", artist="nobody")
    assert "limit" in await refused(client, "list_works", artist=artist.handle, limit=0)
    assert "colour" in await refused(client, "show_artist", artist=artist.handle, colour="red")
    await told(client, "pause_artist", artist=artist.handle)
    assert "conflict" in await refused(client, "start_run", artist=artist.handle)
    with pytest.raises(MCPError, match="Unknown tool"):
        await client.call_tool("delete_everything", {})


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer wrong", "Basic eDp5"])
async def test_without_a_good_key_nothing_is_answered(url: str, sent: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        answer = await http.post(url, json=body, headers={"Authorization": sent})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "list_artists" not in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Origin": "https://elsewhere.example"}, 403), ({"Host": "rebound.example"}, 421)],
)
async def test_pages_elsewhere_and_foreign_names_are_turned_away(
    url: str, headers: dict[str, str], status: int
) -> None:
    sent = {
        "Authorization": f"Bearer {TOKEN}",
        "Accept": "application/json, text/event-stream",
        **headers,
    }
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        answer = await http.post(url, json=body, headers=sent)
        asked_first = await http.options(url, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == status
    assert "access-control-allow-origin" not in asked_first.headers


async def test_a_revoked_key_ends_a_connection_that_is_open(url: str, label: TestLabel) -> None:
    secret = await key(label, await joined(label, "operator"), "read")
    async with connected(url, secret) as client:
        await told(client, "list_artists")
        (known,) = await label.people.keys.page(OPERATOR, everybody=True)
        await label.people.keys.revoke(OPERATOR, known.id)
        with pytest.raises(MCPError):
            await client.call_tool("list_artists", {})
