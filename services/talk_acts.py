"""What an artist does when it is asked to in a talk; each act is done once under its key."""

from __future__ import annotations

from domain.actor import Actor
from domain.artist import Artist
from domain.directive import Directive, Source
from domain.errors import NotFound
from domain.ports.clock import Clock
from domain.talk import Act, Card, Fact
from services.artists import ArtistService
from services.base import Service
from services.directives import DirectiveService
from services.runs import RunService
from services.talk_looks import directive_card, run_card
from store.database import Database

SONG = "Write and release a song"
POST = "Write a post"


class TalkActs(Service):
    """Implements `domain.ports.chat.ActsPort` over the services that people use themselves."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        artists: ArtistService,
        runs: RunService,
        directives: DirectiveService,
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
                found = await self._remember(actor, artist_id, act.about, key)
                return (directive_card(found),)
            case "revoke_directive":
                return await self._revoke(actor, act)
            case "start_song" | "start_post":
                return await self._start(actor, artist_id, act, key)
            case "pause":
                artist = await self._artists.pause(actor, artist_id)
                return (_artist_card(artist),)
            case "resume":
                artist = await self._artists.resume(actor, artist_id)
                return (_artist_card(artist),)

    async def _revoke(self, actor: Actor, act: Act) -> tuple[Card, ...]:
        if act.subject_id is None:
            raise NotFound("there is no such directive", remedy="Look at those that stand.")
        return (directive_card(await self._directives.revoke(actor, act.subject_id)),)

    async def _start(self, actor: Actor, artist_id: str, act: Act, key: str) -> tuple[Card, ...]:
        """A directive that is done once says what for; the cycle's plan obeys it."""
        slot = f"talk:{key}"
        async with self.database.unit() as unit:
            begun = await unit.runs.of_slot(slot)
        if begun is not None:
            # Its directive may be fulfilled by now, and would be given again.
            return (run_card(begun),)
        wish = act.about or (SONG if act.name == "start_song" else POST)
        directive = await self._remember(actor, artist_id, wish, key, lasting=False)
        run = await self._runs.start(actor, artist_id, "cycle", slot_key=slot)
        return (run_card(run), directive_card(directive))

    async def _remember(
        self, actor: Actor, artist_id: str, text: str, key: str, *, lasting: bool | None = None
    ) -> Directive:
        """One directive an answer: what became of it since is not undone by doing it again."""
        source = await self._source(key)
        if source.turn_id is not None:
            async with self.database.unit() as unit:
                for known in await unit.directives.page(artist_id):
                    if known.source == source:
                        return known
        return await self._directives.add(actor, artist_id, text, lasting=lasting, source=source)

    async def _source(self, key: str) -> Source:
        """Acts are named after the turn that they were asked for in, where there is one."""
        turn_id = key.partition(".")[0]
        async with self.database.unit() as unit:
            turn = (await unit.turns.many([turn_id])).get(turn_id)
        if turn is None:
            return Source()
        return Source(how="talk", talk_id=turn.talk_id, turn_id=turn.id)


def _artist_card(artist: Artist) -> Card:
    status = Fact(name="Status", value=artist.status.value)
    return Card(kind="artist", id=artist.id, title=artist.stage_name, facts=(status,))
