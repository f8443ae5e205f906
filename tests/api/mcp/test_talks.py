from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from mcp import Client

from domain.actor import OPERATOR, Actor
from domain.artist import Artist, ArtistStatus
from domain.ports.chat import (
    Asked,
    ChatAsk,
    ChatEvent,
    Finished,
    TextPiece,
    ToolBegun,
    ToolEnded,
)
from domain.talk import Act, Card
from services.talks import TalkService
from tests.api.mcp.conftest import connected
from tests.api.mcp.test_tools import refused, told
from tests.support.label import TestLabel, debut, profile
from tests.support.people import joined, key
from tests.support.talking import SteeredChat

CARD = Card(kind="work", id="work_1", title="Last Ferry Home")
SONGS: tuple[ChatEvent, ...] = (
    ToolBegun(tool="list_works", says="looks at its songs"),
    ToolEnded(tool="list_works", says="looked at its songs", cards=(CARD,)),
    TextPiece(text="That one is mine."),
)


class Careful(SteeredChat):
    """Asks before it pauses."""

    async def answer(self, actor: Actor, ask: ChatAsk) -> AsyncGenerator[ChatEvent, None]:
        """A question, under the answer's own key."""
        yield Asked(id=f"{ask.key}.pause", text="Shall I pause?", act=Act(name="pause"))
        yield Finished()


@pytest.fixture
def chat(label: TestLabel) -> SteeredChat:
    """How the label's artists answer in talks."""
    chat = SteeredChat(SONGS)
    label.talks = TalkService(label.database, label.clock, chat, label.talking.acts())
    return chat


async def test_an_artist_answers_with_cards_and_tells_what_it_does(
    chat: SteeredChat, client: Client, artist: Artist
) -> None:
    steps: list[str | None] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        steps.append(message)

    result = await client.call_tool(
        "chat_with_artist",
        {"artist": artist.handle, "message": "What have you made?"},
        progress_callback=progress,
    )
    answer = result.structured_content
    assert answer["text"] == "That one is mine."
    assert [card["title"] for card in answer["cards"]] == ["Last Ferry Home"]
    assert steps == ["looks at its songs", "looked at its songs"]


async def test_a_talk_goes_on_under_its_id_and_can_be_read(
    chat: SteeredChat, client: Client, artist: Artist
) -> None:
    first = await told(client, "chat_with_artist", artist=artist.handle, message="Hello")
    await told(
        client,
        "chat_with_artist",
        artist=artist.handle,
        message="And now?",
        talk_id=first["talk_id"],
    )
    assert chat.asked[1].history[0].content == "Hello"
    read = await told(client, "read_talk", talk_id=first["talk_id"])
    assert [line["speaker"] for line in read["lines"]] == ["person", "artist"] * 2


async def test_what_is_risky_is_done_only_after_a_yes_and_once(
    client: Client, label: TestLabel, artist: Artist
) -> None:
    acts = label.talking.acts()
    label.talks = TalkService(label.database, label.clock, Careful(()), acts)
    answer = await told(client, "chat_with_artist", artist=artist.handle, message="Pause, please")
    (question,) = answer["questions"]
    assert question["status"] == "waiting"
    assert (await label.artists.find(OPERATOR, artist.id)).status is ArtistStatus.ACTIVE
    word = {"talk_id": answer["talk_id"], "question_id": question["id"]}
    for _ in range(2):
        done = await told(client, "answer_question", **word, yes=True)
        assert done["questions"][0]["status"] == "done"
    assert (await label.artists.find(OPERATOR, artist.id)).status is ArtistStatus.PAUSED
    assert "conflict" in await refused(client, "answer_question", **word, yes=False)


async def test_somebody_without_the_right_to_chat_reads_no_talk(
    chat: SteeredChat, url: str, client: Client, label: TestLabel, artist: Artist
) -> None:
    talk = await told(client, "chat_with_artist", artist=artist.handle, message="Hello")
    stranger = await key(label, await joined(label, "viewer"), "read")
    async with connected(url, stranger) as viewer:
        listed = {tool.name for tool in (await viewer.list_tools()).tools}
    assert "read_talk" not in listed
    assert "not_found" in await refused(client, "read_talk", talk_id=f"{talk['talk_id']}x")


async def test_a_talk_goes_on_with_its_own_artist_only(
    chat: SteeredChat, client: Client, label: TestLabel, artist: Artist
) -> None:
    other = await debut(label, profile("Night Bus"))
    said = {"message": "Hello."}
    begun = await told(client, "chat_with_artist", artist=artist.handle, **said)
    goes_on = said | {"talk_id": begun["talk_id"]}
    why = await refused(client, "chat_with_artist", artist=other.handle, **goes_on)
    assert "not with" in why
    on = await told(client, "chat_with_artist", artist=artist.handle, **goes_on)
    assert on["talk_id"] == begun["talk_id"]
