from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Conflict, IllegalTransition, NotFound
from domain.talk import (
    Act,
    Card,
    CardPart,
    QuestionPart,
    Reply,
    TextPart,
    ToolPart,
    Turn,
    TurnStatus,
    answered,
    gist,
    plain_word,
    title_of,
)

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
QUESTION = QuestionPart(id="turn_1a.pause", text="Shall I?", act=Act(name="pause"))
CARD = CardPart(card=Card(kind="artist", id="artist_1", title="Mara"))


def turn(**changes: object) -> Turn:
    return Turn.model_validate(
        {
            "id": "turn_1a",
            "created_at": NOW,
            "updated_at": NOW,
            "talk_id": "talk_1",
            "artist_id": "artist_1",
            "number": 2,
            "speaker": "artist",
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("Yes", True),
        ("ok, do it!", True),
        ("  Yes  please. ", True),
        ("No.", False),
        ("don't", False),
        ("not now, thanks", False),
        ("Yes, but slower", None),
        ("yesterday", None),
        ("No song is like yours", None),
        ("", None),
    ],
)
def test_only_a_plain_word_is_a_yes_or_a_no(said: str, word: bool | None) -> None:
    assert plain_word(said) is word


def test_a_word_counts_once_and_another_comes_too_late() -> None:
    yes = answered(QUESTION, yes=True, by="operator:a")
    assert (yes.status, yes.by) == (Reply.YES, "operator:a")
    assert answered(yes, yes=True, by="operator:b") is yes
    done = yes.model_copy(update={"status": Reply.DONE})
    assert answered(done, yes=True, by="operator:b") is done
    for late in (yes, done):
        with pytest.raises(Conflict, match="with yes"):
            answered(late, yes=False, by="operator:b")
    no = answered(QUESTION, yes=False, by="operator:a")
    with pytest.raises(Conflict, match="with no"):
        answered(no, yes=True, by="operator:b")
    failed = yes.model_copy(update={"status": Reply.FAILED, "why": "it is paused"})
    assert answered(failed, yes=True, by="operator:b").status is Reply.YES


def test_what_comes_of_a_question_stands_right_behind_it() -> None:
    asked = turn(parts=(TextPart(text="Hm."), QUESTION, TextPart(text="Say so.")))
    yes = answered(QUESTION, yes=True, by="operator:a")
    agreed = asked.with_question(NOW, yes)
    assert agreed.pending
    done = agreed.with_question(NOW, yes.model_copy(update={"status": Reply.DONE}), CARD)
    assert [p.kind for p in done.parts] == ["text", "question", "card", "text"]
    assert not done.pending
    with pytest.raises(NotFound):
        done.question("turn_1a.resume")


def test_a_growing_answer_keeps_what_was_said_to_its_question() -> None:
    yes = answered(QUESTION, yes=True, by="operator:a").model_copy(update={"status": Reply.DONE})
    stored = turn(parts=(QUESTION,)).with_question(NOW, yes, CARD)
    longer = stored.grown((QUESTION, TextPart(text="Well.")))
    assert longer == (yes, TextPart(text="Well."), CARD)


def test_an_answer_ends_once_and_is_begun_again_only_where_it_failed() -> None:
    answering = turn(status=TurnStatus.ANSWERING)
    assert not answering.silent(NOW + timedelta(seconds=29))
    assert answering.silent(NOW + timedelta(seconds=31))
    failed = answering.move_to(TurnStatus.FAILED, NOW)
    assert failed.move_to(TurnStatus.ANSWERING, NOW, tries=2).tries == 2
    with pytest.raises(IllegalTransition):
        answering.move_to(TurnStatus.DONE, NOW).move_to(TurnStatus.ANSWERING, NOW)


def test_a_model_reads_later_what_was_said_and_done() -> None:
    parts = (
        ToolPart(tool="show_work", says="looked at its songs", status="done"),
        ToolPart(tool="show_work", says="looking", status="failed", why="it is gone"),
        CARD,
        TextPart(text="Here."),
        QUESTION,
    )
    assert list(gist(parts)) == [
        "(looked at its songs)",
        "(showed a card: artist “Mara”)",
        "Here.",
        "(asked: Shall I? The answer: waiting.)",
    ]


def test_a_talk_is_named_after_its_beginning() -> None:
    assert title_of("Hello\n there") == "Hello there"
    named = title_of("word " * 40)
    assert len(named) <= 80
    assert named.endswith("word…")
