from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.judges import rejoined
from agents.wording import (
    copied_share,
    copies,
    listed,
    new_names,
    one_line,
    prose_problem,
    sentences,
    speaks_to_somebody,
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('"Third Stair"', "Third Stair"),
        ("- a wet rope\n- a lamp", "a wet rope"),
        ("\n\n2. second", "second"),
        ("“Quoted”,", "Quoted"),
        ("don't  touch   it", "don't touch it"),
        ("", ""),
    ],
)
def test_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


def test_a_list_loses_marks_and_doubles() -> None:
    assert listed("- rain.\n* rain\n\n3) a lamp") == ("rain", "a lamp")


def test_only_whole_sentences_are_kept() -> None:
    assert sentences("One. Two! And then", 3) == "One. Two!"
    assert sentences("no end", 3) == ""


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "See https://x.example for more.",
        "**Loud** and clear.",
        "Sure, here is your biography.",
        "She said fuck it.",
        "El tren de las flores para los que no.",
    ],
)
def test_litter_in_prose_is_named(bad: str) -> None:
    assert prose_problem(bad)


def test_digits_and_plain_words_are_fine_in_prose() -> None:
    assert prose_problem("She was born in 1998. She repairs lifts.") is None


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that request.",
        "I’m sorry, but I cannot help with this one.",
        "As an AI language model, I do not feel rain.",
        "I am unable to provide a reflection.",
    ],
)
def test_a_refusal_is_no_prose(text: str) -> None:
    assert prose_problem(text) == "the model speaks of itself or refuses"


@pytest.mark.parametrize(
    "text",
    [
        "I'm here for you! If there's anything I can do to help you, let me know.",
        "Feel free to ask about the second verse.",
        "How can I help with the song?",
        "How may I assist?",
        "I am always happy to help.",
        "I'd be glad to assist.",
        "Please do not hesitate to write.",
        "If you have any other wishes, say so.",
        "I hope this helps.",
    ],
)
def test_an_offer_of_help_is_no_prose(text: str) -> None:
    assert prose_problem(text) == "the model offers its help"


@pytest.mark.parametrize(
    "text",
    [
        "I am sorry about the fog, and I sang anyway.",
        "She asked for the slow one. I could not help smiling.",
        "Two strangers wrote about the second verse.",
        "Forty of you listened, thank you for that.",
        "I was happy to hear the rain help out on the last take.",
        "She let me sleep. If there is anything left, it is the tape.",
    ],
)
def test_an_artists_own_words_are_prose(text: str) -> None:
    assert prose_problem(text) is None


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Tell me what you think.", True),
        ("I’ll wait for Your answer.", True),
        ("I wrote it when you’re asleep.", True),
        ("Young strangers heard it.", False),
        ("I gave it another hour.", False),
    ],
)
def test_speaking_to_somebody_is_heard(text: str, spoken: bool) -> None:
    assert speaks_to_somebody(text) is spoken


BRIEF = "A retired river pilot from the Elbe who writes about ferries."


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ida runs a boat repair shop in California, near Merced.", ("California", "Merced")),
        ("Ida lives above the Elbe's mouth. She sings on Sundays.", ("Sundays",)),
        ("Ida lives above the Elbe’s mouth. She sings on Sunday, I'm told.", ()),
        ("Ida steered ferries. Nobody waved. “Two bells,” Ida says.", ()),
        ("A RIVER PILOT FROM THE ELBE.", ()),
        ("She learned it from her aunt Maren", ("Maren",)),
    ],
)
def test_names_that_nobody_told_are_found(text: str, names: tuple[str, ...]) -> None:
    assert new_names(text, (BRIEF, "Ida Brandt")) == names


def test_the_share_that_is_copied() -> None:
    source = "she sings about machines that outlive their makers"
    assert copied_share("Machines that outlive their makers", source, 5) == 1
    assert copied_share("He fears machines that outlive their makers most", source, 5) == 5 / 8
    assert copied_share("Makers that outlive their machines", source, 5) == 0
    assert copied_share("", source, 5) == 0


def test_copies_needs_the_whole_run() -> None:
    source = ["I leave the kettle cooling by the stairs"]
    assert copies("we leave the kettle cooling by noon", source)
    assert not copies("we leave the kettle cooling", source)


@pytest.mark.parametrize(
    ("begun", "said", "whole"),
    [
        ("Mara Voss", " repairs lifts.", "Mara Voss repairs lifts."),
        ("Mara Voss", "Mara Voss repairs lifts.", "Mara Voss repairs lifts."),
        ("Mara Voss", "'s lifts are slow.", "Mara Voss's lifts are slow."),
        ("", " She sings.", "She sings."),
    ],
)
def test_rejoining_a_prefill(begun: str, said: str, whole: str) -> None:
    assert rejoined(begun, said) == whole


@given(st.text(max_size=300))
def test_any_text_can_be_judged(text: str) -> None:
    one_line(text)
    listed(text)
    prose_problem(sentences(text, 3))
    assert new_names(text, [text]) == ()
