"""Artists' accounts on a real Bluesky server, behind a wire that breaks at random."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.app.mayhem.books import Books
from tests.support.bluesky.server import BlueskyAccount, BlueskyServer, bluesky_server
from tests.support.cutter import Cut, Cutter, cutter

NETWORK = "bluesky"
CUT_SHARE = 0.3


@dataclass
class Bluesky:
    """The server, the wire in front of it, and whose account is whose."""

    server: BlueskyServer
    wire: Cutter
    accounts: dict[str, BlueskyAccount] = field(default_factory=dict)

    async def account_of(self, artist_id: str) -> BlueskyAccount:
        """The artist's account, made when it is first asked for."""
        if artist_id not in self.accounts:
            made = await asyncio.to_thread(self.server.new_account, "mayhem")
            self.accounts[artist_id] = made
        return self.accounts[artist_id]

    @property
    def cuts(self) -> int:
        """Connections that were cut."""
        return sum(n for cut, n in self.wire.cuts.items() if cut is not Cut.NONE)

    def standing(self) -> list[str]:
        """The addresses of all posts that stand on the server, and their words."""
        return [
            f"{artist_id}: {post['value']['text']}"
            for artist_id, account in self.accounts.items()
            for post in account.posts()
        ]


@dataclass(frozen=True)
class Kept:
    """Posts that the label made for the network, and what stands there."""

    posts: int = 0
    standing: int = 0
    seen: int = 0
    cuts: int = 0
    wrong: tuple[str, ...] = ()


async def judge_bluesky(books: Books, far: Bluesky) -> Kept:
    """Every post of the label stands once, and nothing else does."""
    rows = await books.rows("SELECT id, artist_id, status, body FROM posts")
    wanted: Counter[str] = Counter()
    for row in rows:
        body = json.loads(row["body"]) if isinstance(row["body"], str) else row["body"]
        if body["payload"]["channel"] == NETWORK:
            wanted[f"{row['artist_id']}: {body['payload']['text']}"] += 1
    standing = Counter(await asyncio.to_thread(far.standing))
    wrong = tuple(
        f"{standing[key]} and not {wanted[key]} times on Bluesky: {key}"
        for key in sorted(standing.keys() | wanted.keys())
        if standing[key] != wanted[key]
    )
    return Kept(wanted.total(), standing.total(), far.wire.seen, far.cuts, wrong)


@contextmanager
def bluesky(seed: int) -> Iterator[Bluesky]:
    """A server behind a wire that is cut at random where posts are written."""
    with bluesky_server() as server, cutter(server.pds, only=b"putRecord") as wire:
        wire.at_random(seed, CUT_SHARE)
        yield Bluesky(server, wire)
