from __future__ import annotations

import pytest

from api.openai.told import StopAt, Teller
from domain.ports.chat import Asked, ChatEvent, TextPiece, ToolBegun, ToolEnded
from domain.talk import Act, Card, Fact

CARD = Card(
    kind="work", id="work_1", title="Seventh Window", facts=(Fact(name="tempo", value="84 BPM"),)
)


def told(*events: ChatEvent) -> str:
    teller = Teller("http://label/operator")
    return "".join(teller.tell(event) for event in events)


def test_words_are_told_as_they_come() -> None:
    assert told(TextPiece(text="Hold "), TextPiece(text="the line.")) == "Hold the line."


def test_what_was_made_stands_in_a_line_of_its_own() -> None:
    text = told(
        TextPiece(text="Look."),
        ToolBegun(tool="list_works", says="looks at its songs"),
        ToolEnded(tool="list_works", says="looked at its songs", cards=(CARD,)),
        TextPiece(text="\n That one."),
    )
    assert text == "Look.\n\n*(work “Seventh Window” – tempo: 84 BPM)*\n\nThat one."


def test_a_cards_sentence_ends_once() -> None:
    card = Card(kind="directive", id="d", title="Directive", text="No hashtags.", facts=CARD.facts)
    text = told(ToolEnded(tool="remember", says="wrote it down", cards=(card,)))
    assert text.strip() == "*(directive “Directive” – No hashtags. tempo: 84 BPM)*"


def test_what_was_done_without_a_card_is_told_as_well() -> None:
    assert told(ToolEnded(tool="show_numbers", says="looked at its numbers")).strip() == (
        "*(looked at its numbers)*"
    )


def test_what_failed_is_told_with_the_reason() -> None:
    text = told(ToolEnded(tool="pause", says="could not pause", why="a song is being written"))
    assert text.strip() == "*(could not pause: a song is being written)*"


def test_a_question_leads_to_the_dashboard() -> None:
    act = Act(name="pause")
    text = told(Asked(id="q1", text="Shall I pause?", act=act))
    assert "Shall I pause?" in text
    assert "http://label/operator" in text


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_stop_ends_the_text_wherever_the_pieces_are_cut(size: int) -> None:
    text, stop = "one two END three", StopAt(("END",))
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    said = "".join(stop.take(piece) for piece in pieces if not stop.stopped)
    assert said == "one two "
    assert stop.stopped


def test_the_first_of_several_stops_counts_and_a_near_miss_is_said_after_all() -> None:
    stop = StopAt(("###", "two"))
    assert stop.take("one two ###") == "one "
    held = StopAt(("###",))
    assert held.take("a ##") == "a "
    assert held.rest() == "##"
    assert not held.stopped
