"""The operator's side of the attack: artists, orders, runs and approvals, over the API.

Whoever is at the other end may die at any moment, so every request goes to another process when
one does not answer, and what must not happen twice is asked for by double clicks.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, Self

import httpx

from domain.actor import OPERATOR
from domain.errors import EnvironmentProblem
from runtime.clock import SystemClock
from services.directives import DirectiveService
from store.database import Database
from tests.app.mayhem.bluesky import NETWORK, Bluesky
from tests.app.mayhem.books import ENDED, LOOK_EVERY_S, Books
from tests.support.api import Api

POSTED = ("published", "failed_final", "cancelled")
ASKING = 0.3
SONGS = 0.25
REPLAYS_MAX = 5
BRIEFS = (
    "A lighthouse keeper who sings synthwave about the sea at night.",
    "A tram driver who hums house music between two stops.",
    "A baker who writes ambient pieces while the dough rests.",
)


class Operator:
    """One person at several doors of the same label."""

    def __init__(self, apis: Sequence[Api], seed: int) -> None:
        self._apis = apis
        self._turn = itertools.count(seed)
        self._http = httpx.AsyncClient(timeout=30, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def ask(self, method: str, path: str, body: object = None, *, once: bool = True) -> Any:
        """The answer of whichever process answers.

        Where something may be done already, as by a double click (not `once`), that gives None.
        """
        while True:
            try:
                answer = await self._send(method, path, body)
            except httpx.HTTPError:
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            if answer.status_code == httpx.codes.CONFLICT and not once:
                return None
            if answer.is_success:
                return answer.json()
            # A part is away: whoever is told so tries again.
            assert answer.status_code in (500, 502, 503, 504, 429), answer.text
            await asyncio.sleep(LOOK_EVERY_S)

    async def _send(self, method: str, path: str, body: object) -> httpx.Response:
        api = self._apis[next(self._turn) % len(self._apis)]
        return await self._http.request(
            method,
            f"{api.url}/api/v1{path}",
            headers={"Authorization": f"Bearer {api.token}"},
            json=body,
        )


class Crowd:
    """Artists that live side by side until enough has been done."""

    def __init__(
        self,
        operator: Operator,
        books: Books,
        database: Database,
        goes_on: Callable[[], bool],
        far: Bluesky | None = None,
    ) -> None:
        self._operator = operator
        self._books = books
        self._directives = DirectiveService(database, SystemClock())
        self._goes_on = goes_on
        self._far = far
        self.begun = 0
        self.replayed: Counter[str] = Counter()

    async def live(self, number: int, seed: int) -> None:
        """One artist: its debut, then cycles for as long as the crowd goes on."""
        random_ = random.Random(seed)
        brief = f"{BRIEFS[number % len(BRIEFS)]} Number {number}."
        wish = {"brief": brief, "genre": "synthwave", "seed": seed, "approve": "auto"}
        made = await self._operator.ask("POST", "/artists", wish)
        self.begun += 1
        await self._ended(str(made["run"]["id"]))
        await self._connect(str(made["artist"]["id"]))
        for turn in itertools.count():
            if not self._goes_on():
                return
            await self._cycle(str(made["artist"]["id"]), turn, random_)

    async def _connect(self, artist_id: str) -> None:
        """Give the artist an account where there is a network of others."""
        if self._far is None:
            return
        account = await self._far.account_of(artist_id)
        body = {
            "identifier": account.handle,
            "password": account.password,
            "server": self._far.wire.url,
        }
        await self._operator.ask("POST", f"/artists/{artist_id}/channels/{NETWORK}/connect", body)

    async def _cycle(self, artist_id: str, turn: int, random_: random.Random) -> None:
        song = random_.random() < SONGS
        order = "Write your next song" if song else "Post a thank you to your followers"
        await self._order(artist_id, f"{order}, for the time {turn}.")
        wish = {"approve": "ask" if random_.random() < ASKING else "auto", "seed": turn + 3}
        run = await self._operator.ask("POST", f"/artists/{artist_id}/runs", wish)
        self.begun += 1
        await self._ended(str(run["id"]))

    async def _order(self, artist_id: str, text: str) -> None:
        """What the operator wants, as the artist's newest directive."""
        while True:
            try:
                await self._directives.add(OPERATOR, artist_id, text)
            except EnvironmentProblem:
                await asyncio.sleep(LOOK_EVERY_S)
            else:
                return

    async def _ended(self, run_id: str) -> None:
        """Wait for the end of a run; replay it where it became a dead letter."""
        replays = 0
        while (status := await self._books.status(run_id)) not in ENDED:
            if status == "failed":
                replays += 1
                if replays > REPLAYS_MAX:
                    return
                self.replayed[await self._books.failure(run_id)] += 1
                await self._operator.ask("POST", f"/runs/{run_id}/resume", once=False)
            await asyncio.sleep(2 * LOOK_EVERY_S)

    async def decide(self) -> None:
        """Approve all that waits, each with two clicks at once, until cancelled."""
        while True:
            waiting = await self._books.rows("SELECT id FROM approvals WHERE status = 'waiting'")
            for row in waiting:
                path = f"/approvals/{row['id']}/approve"
                clicks = (self._operator.ask("POST", path, once=False) for _ in range(2))
                await asyncio.gather(*clicks)
            await asyncio.sleep(2 * LOOK_EVERY_S)


async def all_ended(books: Books) -> bool:
    """Whether no run and no post is on its way."""
    runs = await books.rows("SELECT DISTINCT status FROM runs")
    posts = await books.rows("SELECT DISTINCT status FROM posts")
    return all(row["status"] in ENDED | {"failed"} for row in runs) and all(
        row["status"] in POSTED for row in posts
    )


async def open_database(stack: AsyncExitStack, url: str) -> Database:
    """A door to the label's database, for what has no route."""
    database = Database(url)
    stack.push_async_callback(database.close)
    return database
