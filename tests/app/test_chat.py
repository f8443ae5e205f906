from __future__ import annotations

from tests.app.conftest import Command
from tests.support.homes import BRIEF


def test_a_directive_said_in_a_talk_changes_the_next_plan(greenroom: Command) -> None:
    made = greenroom(
        "artist", "create", "--brief", BRIEF, "--genre", "synthwave", "--seed", "7", "--json"
    )
    handle = made.json["artist"]["handle"]

    told = greenroom("chat", handle, "From now on, don't write or release any songs.")
    assert told.code == 0, told.err
    assert "wrote down a directive" in told.out
    asked = greenroom("chat", handle, "Which directives do you have?", "--json")
    (card,) = [p["card"] for p in asked.json["parts"] if p["kind"] == "card"]
    assert card["text"] == "From now on, don't write or release any songs."

    # Without the directive an artist that has no song yet writes its first one.
    run = greenroom("artist", "run", handle, "--seed", "3", "--json")
    assert run.json["action"] != "write_and_release_song"


def test_a_question_is_answered_by_an_option(greenroom: Command) -> None:
    made = greenroom(
        "artist", "create", "--brief", BRIEF, "--genre", "synthwave", "--seed", "7", "--json"
    )
    handle = made.json["artist"]["handle"]
    waits = greenroom("chat", handle, "Please pause.")
    assert (waits.code, "say it with --yes" in waits.err) == (0, True)
    assert greenroom("artist", "show", handle, "--json").json["artist"]["status"] == "active"
    done = greenroom("chat", handle, "Please pause.", "--yes")
    assert "Done." in done.out
    assert greenroom("artist", "show", handle, "--json").json["artist"]["status"] == "paused"
