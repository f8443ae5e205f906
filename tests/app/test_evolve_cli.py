from __future__ import annotations

from tests.app.conftest import Command


def test_a_search_that_finds_nothing_changes_nothing_and_says_so(greenroom: Command) -> None:
    found = greenroom("prompt", "evolve", "post.update", "--budget", "200", "--rounds", "2")
    assert found.code == 0, found.out + found.err
    assert "Nothing better was found; nothing changed." in found.out
    told = greenroom(
        *("prompt", "evolve", "post.update", "--budget", "200", "--rounds", "2", "--json")
    ).json
    assert (told["files"], told["prompts"], told["used"]["calls"]) == ([], [], 0)


def test_what_cannot_be_evolved_is_refused_with_the_remedy(greenroom: Command) -> None:
    unknown = greenroom("prompt", "evolve", "post.nothing")
    assert unknown.code == 2
    assert "post.update" in unknown.err
    few = greenroom("prompt", "evolve", "post.update", "--budget", "10")
    assert few.code in (2, 6)
    assert "budget" in few.err
