"""Steering by command against a real label in a folder."""

from __future__ import annotations

from pathlib import Path

from tests.app.conftest import WHO, Command


def test_directives_are_given_listed_changed_and_revoked(greenroom: Command, debuted: Path) -> None:
    told = greenroom("artist", "directive", "add", WHO, "No [red]new songs[/red].")
    assert told.code == 0
    made = greenroom("artist", "directive", "add", WHO, "don't post", "--json").json["directive"]
    goal = greenroom("artist", "directive", "add", WHO, "more", "--target", "3 songs")
    assert "0 of 3 songs" in goal.out
    listed = greenroom("artist", "directive", "list", WHO).out
    assert "[red]new songs[/red]" in listed
    assert "more (0 of 3 songs)" in listed
    at = ("artist", "directive", "edit", WHO, made["id"], "post less", "--json")
    assert greenroom(*at).json["directive"]["history"][0]["text"] == "don't post"
    assert "revoked" in greenroom("artist", "directive", "revoke", WHO, made["id"]).out
    assert "post less" not in greenroom("artist", "directive", "list", WHO).out
    wrong = greenroom("artist", "directive", "add", WHO, "x", "--target", "three")
    assert (wrong.code, "3 songs" in wrong.out) == (2, False)


def test_level_budget_and_stop(greenroom: Command, debuted: Path) -> None:
    assert "nobody chose" in greenroom("artist", "autonomy", WHO).out
    set_to = greenroom("artist", "autonomy", WHO, "autopilot", "--veto", "90m", "--quiet", "22-8")
    assert "autopilot, goes out after 1.5 h" in set_to.out
    assert "quiet 22:00 to 08:00" in set_to.out
    own = greenroom("artist", "budget", WHO, "--usd-day", "1.5", "--json").json
    assert (own["limits"]["usd_day"], own["steering"]["level"]) == (1.5, "autopilot")
    none = greenroom("artist", "budget", WHO, "--usd-day", "none", "--json").json
    assert none["limits"]["usd_day"] == 5.0
    assert "Nothing was under way" in greenroom("artist", "stop", WHO).out
    assert greenroom("artist", "autonomy", WHO, "--veto", "soon").code == 2
