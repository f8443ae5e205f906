from __future__ import annotations

import importlib.util

import pytest

from benchmarks.__main__ import BENCHMARKS, NAMES, read


def test_without_a_name_the_usual_ones_run() -> None:
    assert [b.name for b in read([]).chosen] == ["cycle", "overhead", "chat", "house"]


def test_all_means_every_one_of_them() -> None:
    assert read(["all"]).chosen == BENCHMARKS


def test_names_choose_and_other_options_are_handed_on() -> None:
    order = read(["cycle", "--genre", "lofi", "--json"])
    assert [b.name for b in order.chosen] == ["cycle"]
    assert order.options == ("--genre", "lofi")
    assert order.json


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["juggling"], "juggling"),
        (["--all-genres"], "first name the one benchmark"),
        (["cycle", "overhead", "--runs", "3"], "first name the one benchmark"),
        (["--json", "cycle"], "first name the one benchmark"),
        (["pictures", "--json"], "pictures cannot print JSON"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        read(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_the_help_lists_every_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read(["--help"])
    told = capsys.readouterr().out
    assert all(name in told for name in NAMES)


def test_help_after_a_name_is_that_benchmarks_own() -> None:
    assert read(["cycle", "--help"]).options == ("--help",)


@pytest.mark.parametrize("name", NAMES)
def test_every_listed_benchmark_is_there(name: str) -> None:
    assert importlib.util.find_spec(f"benchmarks.{name}") is not None
