from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.chat.actions import ACTIONS, by_rule, legal
from agents.chat.choose import by_meaning, by_model
from agents.chat.window import Content, fit, to_fold, tokens_of
from domain.actor import OPERATOR, Actor
from domain.artist import ArtistStatus
from domain.errors import LimitReached
from domain.ports.model import ChatMessage
from prompts import SHIPPED
from tests.agents.house import EMBEDDER, SCOPE, House

CHATTER = Actor(kind="operator", id="user_2", rights=frozenset({"read", "chat"}))
SAID = {
    "start_song": [
        "Write a song about the sea.",
        "could you please make me a new slow track",
        "Let's record another single!",
        "I'd like you to write a song for my mother",
    ],
    "start_post": ["Tell your followers about the new song", "Please write a short post"],
    "remember_directive": [
        "From now on sing only about rain.",
        "Never use hashtags",
        "Your next song should be slower and darker.",
        "Please stop mentioning trains.",
        "I want you to post less",
        "Could you write more songs about the sea?",
        "Nice. Don't use drums any more.",
    ],
    "revoke_directive": ["Forget the directive about trains", "drop the rule on hashtags please"],
    "pause": ["Please pause.", "take a break for now"],
    "resume": ["Get back to work!", "resume"],
    "show_work": ["Play me your latest song", "can I hear the new track?"],
    "show_numbers": ["How many people listened?", "Show me your numbers", "what do people say?"],
    "show_posts": ["Show me your last post"],
    "show_doing": ["What are you working on?", "What's next?"],
    "show_directives": ["Which directives do you have?", "What did we ask you to do?"],
}
TALK = [
    "Hello, how are you?",
    "Why do you write songs about ferries?",
    "Should you never sing about rain?",
    "Don't worry about it.",
    "That song made me cry.",
    "Do you always write at night?",
    "Never mind.",
    "I wrote a song once, when I was young.",
]


@pytest.mark.parametrize(("action", "said"), [(a, s) for a, said in SAID.items() for s in said])
def test_plain_words_name_their_action(action: str, said: str) -> None:
    found = by_rule(said)
    assert found is not None
    assert found.name == action


@pytest.mark.parametrize("said", TALK)
def test_plain_talk_names_no_action(said: str) -> None:
    assert by_rule(said) is None


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ("hi there, how is it going?", None),
        ("I saw a heron this morning", None),
        ("could I listen to your newest tune now", "show_work"),
    ],
)
async def test_meaning_decides_where_no_word_does(said: str, action: str | None) -> None:
    assert (await by_meaning(said, EMBEDDER)).action == action


def test_only_what_may_be_done_is_offered() -> None:
    everything = {a.name for a in legal(OPERATOR, ArtistStatus.ACTIVE, may_ask=True)}
    assert everything == {a.name for a in ACTIONS} - {"resume"}
    paused = {a.name for a in legal(OPERATOR, ArtistStatus.PAUSED, may_ask=True)}
    assert {"start_song", "pause"}.isdisjoint(paused)
    assert "resume" in paused
    looks = {a.name for a in legal(CHATTER, ArtistStatus.ACTIVE, may_ask=True)}
    assert all(name.startswith("show_") for name in looks)
    unasked = {a.name for a in legal(OPERATOR, ArtistStatus.ACTIVE, may_ask=False)}
    assert "remember_directive" in unasked
    assert "start_song" not in unasked


async def test_a_strong_model_gets_manuals_and_may_not_invent_tools() -> None:
    house = House({"chat.step": [{"tool": "delete_everything", "about": ""}]}, small=False)
    offered = legal(CHATTER, ArtistStatus.ACTIVE, may_ask=True)
    choice = await by_model(
        house.gateway,
        name="Mara Voss",
        said="Anything new?",
        offered=offered,
        directives=("never use hashtags",),
        done=(),
        scope=SCOPE,
    )
    assert choice.action is None
    (asked,) = house.asked("chat.step")
    assert "show_work: " in asked
    assert "start_song" not in asked
    assert "never use hashtags" in asked


def count(text: str) -> int:
    return len(text) // 3 + 1


def render(content: Content) -> list[ChatMessage]:
    prompt = SHIPPED.load("chat.answer", "short")
    given = {
        name: getattr(content, name)
        for name in (
            *("said", "directives", "remembered", "comments", "samples", "done"),
            *("biography", "summary"),
        )
    }
    given["strangers"] = bool(content.comments)
    system, *asked = prompt.render(
        name="Mara Voss", register="plain", themes=["rain"], mood="even", **given
    )
    return [system, *content.history, *asked]


TEXT = st.text(alphabet="abc xyz.", max_size=400)
TEXTS = st.lists(TEXT, max_size=12).map(tuple)
# Words that stand nowhere else.
DIRECTIVES = st.integers(0, 20).map(lambda n: tuple(f"directive{i} rule{i}" for i in range(n)))


@settings(max_examples=40, deadline=None)
@given(
    said=st.text(alphabet="abc. ", min_size=1, max_size=4000),
    directives=DIRECTIVES,
    history=st.lists(TEXT, max_size=60),
    remembered=TEXTS,
    comments=TEXTS,
    samples=TEXTS,
    done=TEXTS,
    biography=TEXT,
    summary=st.text(alphabet="abc. ", max_size=3000),
    limit=st.integers(900, 6000),
)
def test_whatever_the_length_directives_stay_and_the_limit_holds(
    said: str, directives: tuple[str, ...], history: list[str], limit: int, **rest: object
) -> None:
    turns = tuple(
        ChatMessage(role="user" if n % 2 == 0 else "assistant", content=text)
        for n, text in enumerate(history)
    )
    content = Content(said=said, directives=directives, history=turns, **rest)  # type: ignore[arg-type]
    messages = fit(content, render, limit, count)
    assert tokens_of(messages, count) <= limit
    assert all(f"- {d}\n" in f"{messages[0].content}\n" for d in directives)
    assert messages[-1].content.startswith(said.strip()[:20].strip())
    # What stays of the history is its end, word for word.
    kept = list(messages[1:-1])
    assert kept == list(turns[len(turns) - len(kept) :])


def test_more_directives_than_the_model_holds_are_told() -> None:
    content = Content(said="Hello", directives=tuple(f"rule {n} " * 20 for n in range(60)))
    with pytest.raises(LimitReached) as told:
        fit(content, render, 900, count)
    assert told.value.field == "directives"


def test_a_short_history_is_left_alone_and_a_long_one_folded_from_its_beginning() -> None:
    history = [ChatMessage(role="user", content="word " * 20) for _ in range(30)]
    assert to_fold(history[:4], 1000, count) == 0
    folded = to_fold(history, 1000, count)
    assert 0 < folded <= 26
    assert tokens_of(history[folded:], count) <= 1000 // 3 or len(history) - folded == 4
