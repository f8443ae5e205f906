"""What is left when the attack is over: nothing lost, nothing stuck, nothing twice."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.app.mayhem.books import Books, Row
from tests.app.mayhem.recorder import Recorder

# What a run of each action leaves behind, once: posts on the stage, releases.
LEAVES = {"write_and_release_song": (1, 1), "post_update": (1, 0), "rest": (0, 0), None: (0, 0)}


@dataclass
class Verdict:
    """The counts, and a sentence for everything that is not as it must be."""

    runs: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    posts: int = 0
    calls: int = 0
    wrong: list[str] = field(default_factory=list)


async def judge(books: Books, recorder: Recorder) -> Verdict:
    """Look at every run, post, entry, release, attempt and memory."""
    verdict = Verdict(calls=len(recorder.calls))
    runs = await books.rows("SELECT id, kind, status, body FROM runs")
    posts = await books.rows("SELECT id, run_id, status, body FROM posts")
    _runs(verdict, runs)
    _posts(verdict, posts, await books.rows("SELECT client_key, removed FROM stage_entries"))
    _recorded(verdict, posts, recorder)
    releases = await books.rows("SELECT run_id, status FROM releases")
    _leavings(verdict, runs, posts, releases)
    await _once(verdict, books)
    return verdict


def _runs(verdict: Verdict, runs: Sequence[Row]) -> None:
    for run in runs:
        body = _body(run)
        verdict.runs[run["status"]] += 1
        verdict.actions[body.get("action") or run["kind"]] += 1
        if run["status"] != "succeeded":
            verdict.wrong.append(f"run {run['id']} is {run['status']}: {body.get('failure')}")


def _posts(verdict: Verdict, posts: Sequence[Row], entries: Sequence[Row]) -> None:
    stage = [p for p in posts if _body(p)["payload"]["channel"] == "stage"]
    verdict.posts = len(stage)
    verdict.wrong += [
        f"post {p['id']} is {p['status']}: {_body(p).get('failure')}"
        for p in posts
        if p["status"] != "published"
    ]
    standing = Counter(str(e["client_key"]) for e in entries if not e["removed"])
    wanted = Counter(str(p["id"]) for p in stage)
    for key in standing.keys() | wanted.keys():
        if standing[key] != wanted[key]:
            verdict.wrong.append(f"post {key} stands {standing[key]} times on the stage")


def _recorded(verdict: Verdict, posts: Sequence[Row], recorder: Recorder) -> None:
    sent = {str(p["id"]) for p in posts if _body(p)["payload"]["channel"] == "stage"}
    for key in sent ^ recorder.standing.keys():
        side = "never reached" if key in sent else "is not of the label on"
        verdict.wrong.append(f"post {key} {side} the recording network")
    verdict.wrong += [f"post {key} was sent again with other bytes" for key in recorder.changed]


def _leavings(
    verdict: Verdict, runs: Sequence[Row], posts: Sequence[Row], releases: Sequence[Row]
) -> None:
    """Every run left what its action leaves, once."""
    posted = Counter(str(p["run_id"]) for p in posts if _body(p)["payload"]["channel"] == "stage")
    released = Counter(str(r["run_id"]) for r in releases if r["status"] == "live")
    for run in runs:
        left = (posted[run["id"]], released[run["id"]])
        action = _body(run).get("action")
        if left != LEAVES[action]:
            verdict.wrong.append(f"run {run['id']} ({action}) left {left} posts and releases")


async def _once(verdict: Verdict, books: Books) -> None:
    """What is written once a run: its end, its decision, its memory of the day, the lease's row."""
    ends = await books.rows("SELECT run_id, data FROM events WHERE kind = 'run.changed'")
    ended = Counter(str(e["run_id"]) for e in ends if _body(e, "data")["status"] == "succeeded")
    decided = await books.rows(
        "SELECT run_id, count(*) AS times FROM events WHERE kind = 'approval.closed' "
        "GROUP BY run_id HAVING count(*) > 1"
    )
    remembered = await books.rows(
        "SELECT source_run_id AS run_id, count(*) AS times FROM memory_records "
        "WHERE kind = 'episodic' AND source_run_id IS NOT NULL "
        "GROUP BY source_run_id HAVING count(*) > 1"
    )
    verdict.wrong += [f"run {key} ended {n} times" for key, n in ended.items() if n > 1]
    verdict.wrong += [f"run {r['run_id']} was decided {r['times']} times" for r in decided]
    verdict.wrong += [f"run {r['run_id']} remembered {r['times']} times" for r in remembered]


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value below which a share lies; None of nothing."""
    if len(values) < 2:
        return values[0] if values else None
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def _body(row: Row, column: str = "body") -> dict[str, Any]:
    value = row[column]
    return dict(json.loads(value) if isinstance(value, str) else value)
