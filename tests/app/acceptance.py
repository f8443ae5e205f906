"""The main job as a person and a listener see it, whatever processes the label is made of.

What is asked of one API process is looked at through another, where there is one.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.support.api import Api
from tests.support.cluster import until

BRIEF = "A lighthouse keeper who sings synthwave about the sea at night."
RUN_LIMIT_S = 180.0
LIVE_S = 3.0
SONG = (
    "perceive", "recall", "reflect", "plan", "conceive", "write", "compose", "render", "draw",
    "critique", "package", "announce", "submit",
)  # fmt: skip


@dataclass
class Reader:
    """Follows a run's events at one process, and goes on at the next when that one dies."""

    apis: Sequence[Api]
    path: str
    seen: list[dict[str, Any]] = field(default_factory=list)
    late_s: list[float] = field(default_factory=list)
    cuts: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def steps(self, kind: str = "step.started") -> list[str]:
        """The steps that were told of, in order."""
        return [str(e["data"]["step"]) for e in self.seen if e["kind"] == kind]

    def end(self) -> None:
        """Read no further."""
        self._ended.set()

    def _read(self) -> None:
        turn = 0
        while not self._ended.is_set():
            last = int(self.seen[-1]["id"]) if self.seen else None
            try:
                for event in self.apis[turn % len(self.apis)].follow(self.path, last):
                    at = datetime.fromisoformat(str(event["at"]))
                    self.late_s.append((datetime.now(UTC) - at).total_seconds())
                    self.seen.append(event)
                    if self._ended.is_set():
                        return
            except httpx.HTTPError:
                self.cuts += 1
                turn += 1
                time.sleep(0.1)


def debut(apis: Sequence[Api], tell: Callable[[], str]) -> str:
    """Create an artist at the first process and see its debut end at the last; its handle."""
    wish = {"brief": BRIEF, "genre": "synthwave", "seed": 7, "approve": "auto"}
    made = apis[0].post("/artists", wish)
    run = settled(apis[-1], made["run"]["id"], tell)
    assert run["status"] == "succeeded", run
    return str(apis[-1].get(f"/artists/{made['artist']['id']}")["handle"])


def settled(api: Api, run_id: str, tell: Callable[[], str]) -> dict[str, Any]:
    """The run once it waits for a person or has ended."""

    def look() -> dict[str, Any] | None:
        run: dict[str, Any] = api.get(f"/runs/{run_id}")
        return run if run["status"] not in ("queued", "running") else None

    found = until(look, RUN_LIMIT_S, tell)
    assert found is not None
    return found


def main_job(apis: Sequence[Api], tell: Callable[[], str]) -> None:
    """From a brief to a song on the artist's page, in its feed, and under a listener's finger."""
    here, there = apis[0], apis[-1]
    handle = debut(apis, tell)
    run = here.post(f"/artists/{handle}/runs", {"approve": "ask", "seed": 3})
    reader = Reader([there], f"/runs/{run['id']}/events")
    waiting = settled(there, run["id"], tell)
    assert waiting["status"] == "waiting", (waiting, tell())

    approval = there.get(f"/approvals/{waiting['approval_id']}")
    (work,) = approval["works"]
    assert work["passed"], work
    (post,) = approval["posts"]
    assert there.page(f"/@{handle}").text.count(work["title"]) == 0
    until(lambda: set(SONG) <= set(reader.steps("step.finished")), 20, tell)
    # Live, and not read from the log long afterwards: the first line is what was there before.
    assert sorted(reader.late_s[1:])[len(reader.late_s) // 2] < LIVE_S, reader.late_s

    _approve_twice(apis, waiting["approval_id"])
    ended = until(lambda: _ended(there, run["id"]), RUN_LIMIT_S, tell)
    assert ended is not None
    assert ended["status"] == "succeeded", ended
    reader.end()
    for api in apis:
        _is_public(api, handle, work["title"], post["payload"]["text"])


def _approve_twice(apis: Sequence[Api], approval_id: str) -> None:
    """A double click that two processes see."""
    path = f"/approvals/{approval_id}/approve"
    with ThreadPoolExecutor(2) as pool:
        clicks = list(pool.map(lambda api: api.post(path), (apis[0], apis[-1])))
    assert [click["status"] for click in clicks] == ["approved", "approved"]


def _ended(api: Api, run_id: str) -> dict[str, Any] | None:
    run: dict[str, Any] = api.get(f"/runs/{run_id}")
    return run if run["status"] in ("succeeded", "failed", "rejected", "cancelled") else None


def _is_public(api: Api, handle: str, title: str, words: str) -> None:
    page = api.page(f"/@{handle}")
    assert page.status_code == httpx.codes.OK
    assert page.text.count(f">{title}</h") == 1
    feed = api.page(f"/@{handle}/feed.xml").text
    assert feed.count("<enclosure") == 1
    found = re.search(r'<enclosure[^>]*url="([^"]+)"', feed)
    assert found is not None
    song = api.page(httpx.URL(found[1]).path)
    assert song.status_code == httpx.codes.OK
    assert len(song.content) > 10_000
