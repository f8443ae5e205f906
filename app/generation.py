"""The generators of songs: the catalogue of providers, the label's limits and its secrets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.ports.clock import Clock
from domain.ports.model import UsageLedger
from domain.ports.providers import Provider, ProviderKind
from domain.ports.secrets import Secrets
from domain.requests import SongRequest
from runtime.settings import Settings
from services.generation.books import JobBook
from services.generation.calling_off import CallingOff
from services.generation.connections import Connections
from services.generation.providers import ProviderService
from services.generation.service import GenerationService
from services.generation.song import GenerationRules
from store.database import Database


@dataclass(frozen=True)
class Generators:
    """Who makes songs, and who looks after those who do."""

    songs: GenerationService
    providers: ProviderService
    calling_off: CallingOff


def build_generators(
    settings: Settings,
    database: Database,
    clock: Clock,
    ledger: UsageLedger,
    secrets: Secrets,
    embedded: Provider[SongRequest],
    catalogue: Sequence[ProviderKind],
) -> Generators:
    """Both services over one book of jobs; raises `InvalidInput` for a name nobody bears."""
    connections = Connections(catalogue, secrets, settings.providers)
    names = [kind.name for kind in catalogue]
    _must_be_known(
        "GREENROOM_MUSIC_PROVIDERS", settings.music_providers, [*names, embedded.capabilities.name]
    )
    plain = [name.replace("-", "_") for name in names]
    _must_be_known(
        "GREENROOM_PROVIDERS", (n.lower().replace("-", "_") for n in settings.providers), plain
    )
    book = JobBook(database, clock, ledger, _rules(settings))
    return Generators(
        songs=GenerationService(book, connections, embedded),
        providers=ProviderService(book, connections, embedded),
        calling_off=CallingOff(book, connections),
    )


def _rules(settings: Settings) -> GenerationRules:
    return GenerationRules(
        budget_song_usd=settings.budget_song_usd,
        budget_artist_usd_day=settings.budget_artist_usd_day,
        budget_label_usd_day=settings.budget_label_usd_day,
        preference=settings.music_providers,
        take_suggestions=settings.provider_take_suggestions,
        deadline_s=settings.provider_deadline_s,
    )


def _must_be_known(setting: str, given: Iterable[str], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            raise InvalidInput(
                f"{setting} names {name!r}, which is no provider",
                field=setting,
                remedy=f"Use one of: {', '.join(known)}.",
            )
