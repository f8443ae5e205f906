"""What is asked of a label under load: every list and page in turn, and writes of every sort."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import httpx

from benchmarks.past import Past
from benchmarks.reads import QUERIES, asked, patterns
from domain.artist import Artist

WRITE_EVERY = 5
# What a label that only has a past has none of.
LACKING = (
    *("{alert_id}", "{entry_id}", "{invitation}", "{job_id}", "{person}", "{slot}"),
    *("{webhook_id}", "/people/{name}", "/providers/{name}", "/steps/{number}"),
)
EVENTS_AFTER = "after=100000"
NEW_ARTIST = {"brief": "A ferry pilot who sings to the sea.", "debut": False}


@dataclass(frozen=True)
class Ask:
    """One request; `name` is its pattern, under which it is counted."""

    name: str
    method: str
    path: str
    body: object = None


@dataclass
class Mix:
    """Asks without end: artists by chance, but always the same for the same seed."""

    artists: Sequence[Artist]
    past: Past
    profile: dict[str, Any]
    seed: int = 5
    _number: int = 0
    _given: list[tuple[str, str]] = field(default_factory=list)
    _paused: list[Artist] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._waiting = list(self.past.approvals)
        self._chance.shuffle(self._waiting)
        now = datetime.now(UTC)
        self._week = {"begin": _moment(now - timedelta(days=7)), "end": _moment(now)}

    def reads(self) -> list[tuple[str, str]]:
        """Every pattern with each of its queries, in an order by chance."""
        found = [
            (pattern, query)
            for pattern in patterns()
            for query in QUERIES.get(pattern, ("",))
            if not any(name in f"{pattern}?{query}" for name in LACKING)
        ]
        self._chance.shuffle(found)
        return found

    def asks(self) -> Iterator[Ask]:
        """Reads, and after every fourth of them a write."""
        reads, writes = cycle(self.reads()), cycle(self._writes())
        while True:
            for _ in range(WRITE_EVERY - 1):
                yield self.read(*next(reads))
            self._number += 1
            yield next(writes)(self._anybody())

    def read(self, pattern: str, query: str) -> Ask:
        """One of the reads, about somebody."""
        places = asked(pattern, self._names(self._anybody()))
        path = places[list(QUERIES.get(pattern, ("",))).index(query)]
        name = f"{pattern}?{query}" if query else pattern
        return Ask(f"GET {name}", "GET", path.replace("after=0", EVENTS_AFTER))

    def heard(self, ask: Ask, answer: httpx.Response) -> None:
        """Note what a later write is about."""
        if ask.name == "POST directives" and answer.is_success:
            handle = ask.path.split("/")[4]
            self._given.append((handle, answer.json()["directive"]["id"]))

    def _anybody(self) -> Artist:
        return self._chance.choice(self.artists)

    def _names(self, artist: Artist) -> Mapping[str, str]:
        past = self.past
        return {
            "handle": artist.handle,
            "run_id": past.runs[artist.id],
            "work_id": past.works[artist.id],
            "release_id": past.releases[artist.id],
            "post_id": past.posts[artist.id],
            "step_id": past.steps[artist.id],
            "memory_id": past.memories[artist.id],
            "talk_id": past.talks[artist.id],
            "turn_id": past.turns[artist.id],
            "directive_id": past.directives[artist.id],
            "approval_id": self._chance.choice(past.approvals),
            "schedule": "main",
            "genre": "lofi",
            "number": "1",
            **self._week,
        }

    def _writes(self) -> list[Callable[[Artist], Ask]]:
        return [
            self._directive,
            self._pause,
            self._say,
            lambda a: self._decide("approve", {}),
            lambda a: _of(a, "PUT", "steering", {"posts_day": 1 + self._number % 5}),
            self._edit_directive,
            self._resume,
            self._schedule,
            lambda a: self._decide("reject", {"reason": "mix", "comment": "Too loud."}),
            self._profile,
            lambda a: Ask("POST artist", "POST", "/api/v1/artists", NEW_ARTIST),
        ]

    def _directive(self, artist: Artist) -> Ask:
        text = f"Sing number {self._number} about rain."
        return _of(artist, "POST", "directives", {"text": text})

    def _pause(self, artist: Artist) -> Ask:
        self._paused.append(artist)
        return _of(artist, "POST", "pause")

    def _resume(self, artist: Artist) -> Ask:
        return _of(self._paused.pop(0), "POST", "resume")

    def _edit_directive(self, artist: Artist) -> Ask:
        if not self._given:
            return self._directive(artist)
        handle, directive = self._given.pop(0)
        text = f"Sing number {self._number} about snow."
        path = f"/api/v1/artists/{handle}/directives/{directive}"
        return Ask("PUT directives", "PUT", path, {"text": text})

    def _say(self, artist: Artist) -> Ask:
        path = f"/api/v1/talks/{self.past.talks[artist.id]}/turns"
        return Ask("POST turn of a talk", "POST", path, {"text": "How was your night?"})

    def _decide(self, verdict: str, body: dict[str, str]) -> Ask:
        path = f"/api/v1/approvals/{self._waiting.pop()}/{verdict}"
        return Ask(f"POST {verdict}", "POST", path, body)

    def _schedule(self, artist: Artist) -> Ask:
        rhythm = f"daily at {self._number % 24:02d}:30"
        return _of(artist, "PUT", "schedules/main", {"rhythm": rhythm, "tz": "UTC"})

    def _profile(self, artist: Artist) -> Ask:
        themes = [*self.profile["themes"][:2], f"night {self._number}"]
        body = {"profile": {**self.profile, "themes": themes}, "reason": "Winter came."}
        return _of(self.artists[0], "PUT", "profile", body)


def _of(artist: Artist, method: str, what: str, body: object = None) -> Ask:
    path = f"/api/v1/artists/{artist.handle}/{what}"
    return Ask(f"{method} {what}", method, path, body)


def _moment(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat().replace("+00:00", "Z")
