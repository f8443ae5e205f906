"""What an artist does when it is asked to in a talk; each act is done once under its key."""

from __future__ import annotations

from typing import Protocol

from domain.actor import Actor
from domain.directive import Directive
from domain.errors import NotFound
from domain.ports.clock import Clock
from domain.run import Run
from domain.talk import Act, Card, Fact
from services.artists import ArtistService
from services.base import Service
from services.runs import RunService
from services.talk_looks import directive_card, run_card
from store.database import Database

SONG = "Write and release a song"
POST = "Write a post"


class Directives(Protocol):
    """Where directives are written down and taken back."""

    async def remember(
        self, actor: Actor, artist_id: str, text: str, *, key: str, lasting: bool | None = None
    ) -> Directive:
        """Let it stand; the same key again is the same directive."""

    async def revoke(self, actor: Actor, directive_id: str) -> Directive:
        """Take it back; one that has ended already stays as it is."""


class TalkActs(Service):
    """Implements `domain.ports.chat.ActsPort` over the services that people use themselves."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        artists: ArtistService,
        runs: RunService,
        directives: Directives,
    ) -> None:
        super().__init__(database, clock)
        self._artists = artists
        self._runs = runs
        self._directives = directives

    async def do(self, actor: Actor, artist_id: str, act: Act, key: str) -> tuple[Card, ...]:
        """Do it; raises what the service behind it raises."""
        actor.must("steer", artist_id=artist_id)
        match act.name:
            case "remember_directive":
                found = await self._directives.remember(actor, artist_id, act.about, key=key)
                return (directive_card(found),)
            case "revoke_directive":
                return await self._revoke(actor, act)
            case "start_song" | "start_post":
                return await self._start(actor, artist_id, act, key)
            case "pause":
                artist = await self._artists.pause(actor, artist_id)
                return (_artist_card(artist.id, artist.status.value),)
            case "resume":
                artist = await self._artists.resume(actor, artist_id)
                return (_artist_card(artist.id, artist.status.value),)

    async def _revoke(self, actor: Actor, act: Act) -> tuple[Card, ...]:
        if act.subject_id is None:
            raise NotFound("there is no such directive", remedy="Look at those that stand.")
        return (directive_card(await self._directives.revoke(actor, act.subject_id)),)

    async def _start(self, actor: Actor, artist_id: str, act: Act, key: str) -> tuple[Card, ...]:
        """A directive that is done once says what for; the cycle's plan obeys it."""
        wish = act.about or (SONG if act.name == "start_song" else POST)
        directive = await self._directives.remember(actor, artist_id, wish, key=key, lasting=False)
        run = await self._begin(actor, artist_id, key)
        return (run_card(run), directive_card(directive))

    async def _begin(self, actor: Actor, artist_id: str, key: str) -> Run:
        return await self._runs.start(actor, artist_id, "cycle", slot_key=f"talk:{key}")


def _artist_card(artist_id: str, status: str) -> Card:
    return Card(
        kind="artist", id=artist_id, title="The artist", facts=(Fact(name="Status", value=status),)
    )
