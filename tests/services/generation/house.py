"""A generation house over a real database, with scripted providers and a clock that obeys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from domain.actor import OPERATOR, artist_actor
from domain.event import Event
from domain.generation import GenerationJob, ProviderStatus
from domain.ports.providers import ProviderKind
from domain.requests import SongRequest
from runtime.clock import ManualClock
from runtime.secrets import FileSecrets
from services.generation.books import JobBook
from services.generation.connections import Connections
from services.generation.doorbell import Doorbell
from services.generation.providers import ProviderService
from services.generation.service import GenerationService
from services.generation.song import GenerationRules, MadeBy, usual_song
from store.database import Database
from store.usage import SqlUsageLedger
from tools.vendors.scripted_music import Fault, PlainEngine, ScriptedService, scripted_kind

ARTIST = artist_actor("artist_01")
KEY = "work_01-song-0"


@dataclass
class House:
    """One process's view; `restarted` is the next process on the same database and folders."""

    database: Database
    clock: ManualClock
    home: Path
    far: dict[str, ScriptedService]
    kinds: Sequence[ProviderKind]
    rules: GenerationRules
    environment: Mapping[str, Mapping[str, SecretStr]] = field(default_factory=dict)
    engine: PlainEngine = field(default_factory=PlainEngine)
    said: list[str] = field(default_factory=list)
    slept_s: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        ledger = SqlUsageLedger(self.database)
        self.book = JobBook(self.database, self.clock, ledger, self.rules)
        secrets = FileSecrets(self.home / "secrets")
        self.connections = Connections(self.kinds, secrets, self.environment)
        self.bell = Doorbell(self._sleep)
        self.generation = GenerationService(self.book, self.connections, self.engine, self.bell)
        self.providers = ProviderService(self.book, self.connections, self.engine)

    async def _sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.clock.advance(timedelta(seconds=seconds))

    def restarted(self, **changes: object) -> House:
        """The same home in a new process: clients have forgotten everything."""
        same = {
            "database": self.database,
            "clock": self.clock,
            "home": self.home,
            "far": self.far,
            "kinds": self.kinds,
            "rules": self.rules,
            "engine": self.engine,
        }
        return House(**(same | changes))  # type: ignore[arg-type]

    async def connect(self, *names: str) -> None:
        for name in names or tuple(self.far):
            await self.providers.connect(OPERATOR, name, {"key": SecretStr(f"key-of-{name}")})

    async def make(
        self,
        request: SongRequest | None = None,
        *,
        key: str = KEY,
        refuse: frozenset[str] = frozenset(),
        prefer: tuple[str, ...] = (),
    ) -> MadeBy:
        """One song; keys like `work_01-song-1` tell which work it is of."""
        return await self.generation.make(
            ARTIST,
            request or usual_song(),
            key=key,
            out_dir=self.home / "scratch",
            progress=lambda stage, fraction: self.said.append(stage),
            artist_id="artist_01",
            run_id="run_01",
            work_id=key.partition("-song")[0],
            refuse=refuse,
            prefer=prefer,
        )

    async def jobs(self, key: str = KEY) -> list[GenerationJob]:
        return await self.book.of_song(key)

    async def told(self) -> list[Event]:
        async with self.database.unit() as unit:
            return await unit.events.after(0)

    async def status(self, name: str) -> ProviderStatus:
        return await self.providers.status(OPERATOR, name)


def house_of(
    database: Database,
    clock: ManualClock,
    home: Path,
    rules: GenerationRules | None = None,
    **faults: Sequence[Fault],
) -> House:
    """A house with one scripted provider a keyword, each with its script of faults."""
    far = {
        name: ScriptedService(faults=list(script), price_usd=0.25 + number / 100)
        for number, (name, script) in enumerate(faults.items())
    }
    kinds = [scripted_kind(name, service) for name, service in far.items()]
    return House(database, clock, home, far, kinds, rules or GenerationRules())
