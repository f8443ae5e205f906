from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from app.evaluating import open_evaluating
from domain.actor import OPERATOR
from evals.suite import load_suite
from prompts.book import FOLDER
from runtime.settings import Settings
from tests.app.conftest import Command
from tests.support.homes import quick_environment

SLOW = [
    {"$text": text, "$fault": "slow", "$delay_s": 0.15}
    for text in (
        "I wrote it on the back of a timetable.",
        "Back at the kitchen table with half a chorus.",
        "The lamp stays on and I keep listening.",
    )
]
RUN = ("eval", "run", "posts", "--samples", "14", "--json")


def test_a_newcomer_finds_the_way_and_a_worse_prompt_is_held_back(
    greenroom: Command, tmp_path: Path
) -> None:
    empty = greenroom("eval", "list")
    assert "posts" in empty.out
    assert "eval run posts --smoke" in empty.out
    assert "find a loss of 5 points in" in empty.out
    smoke = greenroom("eval", "run", "posts", "--smoke")
    assert "claims no power" in smoke.err
    made = greenroom("eval", "run", "posts", "--json")
    assert made.code == 0, made.out + made.err
    run_id = made.json["run"]["id"]
    again = greenroom("eval", "run", "posts", "--json").json["run"]
    assert again["totals"]["cost"]["calls"] == 0
    assert again["totals"]["reused"] == 26
    other = greenroom("eval", "run", "posts", "--smoke", "--model", "other", "--json").json["run"]
    assert (other["totals"]["reused"], other["subject"]["models"]["smart"]["model"]) == (0, "other")
    shown = greenroom("eval", "show", run_id)
    assert "network: bluesky" in shown.out
    assert run_id in greenroom("eval", "list", "--suite", "posts").out
    page = tmp_path / "report.html"
    assert greenroom("eval", "open", run_id, "--to", str(page), "--no-browser").code == 0
    assert "calls to the model" in page.read_text()
    compared = greenroom("eval", "compare", run_id, again["id"], "--json").json
    assert compared["good"]["difference"]["estimate"] == 0
    passed = greenroom("eval", "gate", "posts", "--baseline", run_id)
    assert passed.code == 0, passed.out + passed.err
    assert "26 cases x 1 epoch: a loss of 5 points is found in" in passed.out
    changes, trial = _worse(tmp_path)
    failed = greenroom(
        *("eval", "gate", "posts", "--baseline", run_id, "--json", *trial),
        **changes,
    )
    assert failed.json["comparison"]["candidate_mean"] < 0.1
    assert failed.code == 11, failed.out + failed.err


def _worse(tmp_path: Path) -> tuple[dict[str, str], list[str]]:
    """A script that answers what nobody told it, and prompts whose words ask for that."""
    script = tmp_path / "worse.json"
    worse = ["I sold thousands of records on the way home.", "It took millions of lamps, I swear."]
    script.write_text(json.dumps({"post.update": worse, "post.announcement": worse}))
    trial = []
    for name in ("update", "announcement"):
        path = tmp_path / f"{name}.md"
        shipped = (FOLDER / "post" / f"{name}.short.md").read_text()
        path.write_text(shipped.replace("You are {{ name }}", "Boast, {{ name }}"))
        trial += ["--prompt", str(path)]
    return {"MODEL_SCRIPT": str(script)}, trial


def test_prompts_are_held_against_what_was_recorded(greenroom: Command, tmp_path: Path) -> None:
    folder = ("--folder", str(tmp_path / "recorded"))
    nothing = greenroom("eval", "gate-prompts", *folder)
    assert nothing.code == 0
    assert "eval record posts" in nothing.err
    made = greenroom("eval", "record", "posts", "--json", *folder)
    assert (made.json["cases"], made.json["epochs"]) == (26, 2), made.err
    [same] = greenroom("eval", "gate-prompts", "--json", *folder).json
    assert (same["verdict"], same["replayed"], same["calls"]) == ("unchanged", 52, 0)
    changes, trial = _worse(tmp_path)
    failed = greenroom("eval", "gate-prompts", "posts", *trial, *folder, **changes)
    assert failed.code == 11, failed.out + failed.err
    assert "52 asked of scripted" in failed.out
    other = greenroom(
        *("eval", "gate-prompts", *folder),
        MODEL_SCRIPT="",
        MODEL_URL="http://127.0.0.1:9",
        MODEL_NAME="x",
    )
    assert other.code == 5
    assert "another model" in other.err


def test_a_case_that_was_added_is_asked_until_it_is_removed(greenroom: Command) -> None:
    assert "case add --from-run" in greenroom("eval", "case", "list").out
    assert greenroom("eval", "case", "add", "--from-run", "run_x").code == 4
    own = load_suite("posts").cases[0].model_copy(update={"id": "kept-one"})

    async def add() -> str:
        async with open_evaluating(Settings()) as parts:
            [kept] = await parts.cases.add(OPERATOR, "posts", [own])
            return kept.id

    kept_id = asyncio.run(add())
    assert "kept-one" in greenroom("eval", "case", "list", "--suite", "posts").out
    run = greenroom("eval", "run", "posts", "--smoke", "--json").json["run"]
    assert "kept-one" in run["case_ids"]
    assert greenroom("eval", "case", "remove", kept_id).code == 0
    again = greenroom("eval", "run", "posts", "--smoke", "--json").json["run"]
    assert "kept-one" not in again["case_ids"]


def test_a_wrong_name_is_told_with_its_remedy(greenroom: Command) -> None:
    wrong = greenroom("eval", "run", "opera")
    assert wrong.code == 4
    assert "lyrics" in wrong.err


def _paid(database: Path) -> dict[str, int]:
    """How many calls to the model each sample took, by the ledger."""
    with closing(sqlite3.connect(database)) as db:
        asked = "SELECT run_id, count(*) FROM usage_records WHERE outcome = 'ok' GROUP BY run_id"
        return dict(db.execute(asked).fetchall())


def _kept(database: Path) -> list[tuple[str, str]]:
    if not database.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
            return list(db.execute("SELECT run_id, case_id FROM eval_samples").fetchall())
    except sqlite3.OperationalError:
        return []


def test_a_killed_run_goes_on_and_pays_for_no_case_twice(tmp_path: Path) -> None:
    script = tmp_path / "slow.json"
    script.write_text(json.dumps({"post.update": SLOW, "post.announcement": SLOW}))
    home = tmp_path / "home"
    changes = {"GREENROOM_MODEL_SCRIPT": str(script), "GREENROOM_MODEL_SLOTS": "2"}
    environment = quick_environment(home, **changes)
    command = [sys.executable, "-m", "app", *RUN]
    begun = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    database = home / "label.db"
    while len(_kept(database)) < 3:
        assert begun.poll() is None, "it ended before it could be killed"
        time.sleep(0.1)
    os.kill(begun.pid, signal.SIGKILL)
    begun.wait()
    kept, paid = _kept(database), _paid(database)
    assert 3 <= len(kept) < 14
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    run: dict[str, Any] = json.loads(done.stdout)["run"]
    after = _kept(database)
    assert {run_id for run_id, _ in after} == {run["id"]}
    assert len({case for _, case in after}) == len(after) == 14
    now = _paid(database)
    for run_id, case in kept:
        place = f"{run_id}/{case}/1"
        assert now[place] == paid[place]
