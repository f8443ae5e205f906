"""What the providers' page shows, in the words of the page."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.operator_views import Notice
from api.web.page import Fragment, Page
from domain.actor import Actor
from domain.errors import NotFound
from domain.generation import GenerationJob, ProviderStatus
from domain.ports.providers import Capabilities, Quote
from domain.routing import dollars
from services.generation.trails import SongTrail
from services.sound import singers

SONGS_SHOWN = 15
UNKNOWN_SHOWN = 50
FEATURES = {
    "sung": "sings",
    "lyrics": "your lyrics",
    "instrumental": "instrumentals",
    "timed_words": "word times",
    "webhook": "calls back",
    "stems": "stems",
    "midi": "MIDI",
    "score": "score",
}
LABELS = {
    "key": "Key",
    "url": "Address",
    "webhook_secret": "Secret of its call-backs",
    "callback_url": "Address for its call-backs",
    "price_usd": "Price of a song, in US dollars",
}
SECRET_FIELDS = ("key", "webhook_secret")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class ConnectForm(_Part):
    """The form that was sent, when something was wrong with it; `plain` holds no secret."""

    provider: str = ""
    plain: dict[str, str] = {}
    field: str | None = None
    error: str | None = None
    remedy: str | None = None


class FormField(_Part):
    """One field of a connect form."""

    name: str
    label: str
    secret: bool
    required: bool
    hint: str = ""


class ProviderCard(_Part):
    """One provider."""

    name: str
    title: str
    embedded: bool
    connected: bool
    by_environment: bool
    health: str
    health_words: str
    remedy: str | None
    last_ok_at: datetime | None
    price: str
    price_basis: str
    abilities: tuple[str, ...]
    languages: str
    longest: str
    place: int | None
    verified: bool
    founded_on: str
    fields: tuple[FormField, ...]
    form: ConnectForm | None


class TryLine(_Part):
    """One provider's try at a song."""

    provider: str
    title: str
    status: str
    at: datetime
    cost: str
    why: str
    failure: str | None
    suggested: bool
    passed_over: tuple[tuple[str, str], ...]


class SongLine(_Part):
    """One song and how it came to be."""

    id: str
    title: str
    stage_name: str | None
    run_id: str | None
    at: datetime
    maker: str
    cost: str
    tries: tuple[TryLine, ...]


class UnknownJob(_Part):
    """A job that waits for a person's word."""

    id: str
    provider: str
    title: str
    at: datetime
    price: str
    said: str
    remote_id: str | None
    can_ask: bool


class ProvidersLive(Fragment):
    """The part of the page that follows the event log."""

    template: ClassVar[str] = "providers_live.html"

    songs: tuple[SongLine, ...] = Field(description="Recent songs, newest first.")


class ProvidersPage(Page):
    """The providers' page."""

    template: ClassVar[str] = "providers.html"

    connected: tuple[ProviderCard, ...] = Field(description="Connected ones, embedded last.")
    others: tuple[ProviderCard, ...] = Field(description="Those that may be connected.")
    unknown: tuple[UnknownJob, ...] = Field(description="Jobs of unknown outcome.")
    live_html: ProvidersLive = Field(description="The part that follows the event log.")
    notice: Notice | None = Field(description="What was just done or went wrong.")
    last_event: int = Field(description="Event id from which the page follows.")


async def providers_page(
    context: ApiContext,
    operator: Actor,
    form: ConnectForm | None = None,
    notice: Notice | None = None,
) -> ProvidersPage:
    """Read the page."""
    last_event = await context.views.last_event()
    statuses = await context.providers.statuses(operator)
    titles = {s.name: s.title for s in statuses}
    ours = context.public_url()
    linked = {s.name for s in statuses if s.connected}
    cards = [_card(s, ours, form if form and form.provider == s.name else None) for s in statuses]
    unknown = await context.generation.jobs(operator, limit=UNKNOWN_SHOWN, unknown=True)
    return ProvidersPage(
        title="Sound · Greenroom",
        connected=tuple(card for card in cards if card.connected),
        others=tuple(card for card in cards if not card.connected),
        unknown=tuple(_unknown(job, titles, linked) for job in unknown),
        live_html=await providers_live(context, operator, titles),
        notice=notice or _unheard(form, titles),
        last_event=last_event,
    )


async def providers_live(
    context: ApiContext, operator: Actor, titles: dict[str, str] | None = None
) -> ProvidersLive:
    """Read what the page follows."""
    known = context.providers.titles() if titles is None else titles
    trails = await context.generation.trails(operator, SONGS_SHOWN)
    return ProvidersLive(songs=tuple(_song(trail, known) for trail in trails))


async def done_words(
    context: ApiContext, operator: Actor, done: str | None, which: str | None
) -> Notice | None:
    """What was just done, as things stand now; None for words nobody of ours wrote."""
    if done is None or which is None:
        return None
    try:
        if done in ("settled", "looked-up"):
            return _about_job(await context.generation.job(operator, which))
        return _about_provider(await context.providers.status(operator, which), done)
    except NotFound:
        return None


def _about_job(job: GenerationJob) -> Notice:
    if job.in_doubt:
        return Notice(
            kind="plain",
            text=f"{job.provider} cannot tell yet what became of it.",
            remedy="Look at the account there, then say below what you found.",
        )
    cost = dollars(job.cost_usd)
    words = "was made" if job.status.value == "done" else "was not made"
    return Notice(kind="good", text=f"Settled: the song {words}, and counts {cost}.")


def _about_provider(status: ProviderStatus, done: str) -> Notice | None:
    if done == "disconnected":
        return Notice(kind="good", text=f"{status.title} is disconnected; its key is forgotten.")
    if done not in ("connected", "checked"):
        return None
    begun = f"{status.title} is connected" if done == "connected" else status.title
    if status.health == "healthy":
        return Notice(kind="good", text=f"{begun}: {status.health_words}.")
    return Notice(kind="bad", text=f"{begun}, but {status.health_words}.", remedy=status.remedy)


def _unheard(form: ConnectForm | None, titles: dict[str, str]) -> Notice | None:
    """An error for which no card is there."""
    if form is None or form.error is None or form.provider in titles:
        return None
    return Notice(kind="bad", text=form.error, remedy=form.remedy)


def _card(status: ProviderStatus, our_url: str, form: ConnectForm | None) -> ProviderCard:
    hooks = f"{our_url}/webhooks/providers/{status.name}"
    able = status.capabilities
    price, basis = _price(status.song_quote, status.unpriced)
    return ProviderCard(
        name=status.name,
        title=status.title,
        embedded=status.embedded,
        connected=status.connected,
        by_environment=status.connected_by == "the environment",
        health=status.health,
        health_words=status.health_words,
        remedy=status.remedy if status.health != "healthy" else None,
        last_ok_at=status.last_ok_at,
        price=price,
        price_basis=basis,
        abilities=tuple(FEATURES[name] for name in FEATURES if name in able.features),
        languages=_sung_here() if status.embedded else _languages(able),
        longest=f"up to {able.longest_s / 60:.0f} min" if able.longest_s else "",
        place=status.place,
        verified=able.verified,
        founded_on=able.founded_on,
        fields=tuple(
            _field(name, hooks, required=name in status.fields)
            for name in (*status.fields, *status.optional_fields)
        ),
        form=form,
    )


def _field(name: str, hooks: str, *, required: bool) -> FormField:
    return FormField(
        name=name,
        label=LABELS.get(name, name.replace("_", " ").capitalize()),
        secret=name in SECRET_FIELDS,
        required=required,
        hint=f"{hooks}, if it can be reached from outside" if name == "callback_url" else "",
    )


def _price(quote: Quote | None, unpriced: str) -> tuple[str, str]:
    if quote is None:
        return ("not known", unpriced or "until it is connected")
    if quote.cost_usd == 0:
        return ("free of charge", quote.basis)
    return (dollars(quote.cost_usd), quote.basis)


def _languages(able: Capabilities) -> str:
    if "sung" not in able.features:
        return ""
    if able.languages is None:
        return "many languages"
    return ", ".join(sorted(able.languages))


def _sung_here() -> str:
    """What our own singers sing; the engine takes words in any language, and plays the rest."""
    sung = sorted({language for singer in singers() for language in singer.languages})
    return f"{', '.join(sung)}, plays the melody of others"


def _song(trail: SongTrail, titles: dict[str, str]) -> SongLine:
    return SongLine(
        id=trail.jobs[-1].id,
        title=trail.title,
        stage_name=trail.stage_name,
        run_id=trail.run_id,
        at=trail.at,
        maker=titles.get(trail.maker, trail.maker) if trail.maker else "",
        cost=dollars(trail.cost_usd) + (" at most" if trail.in_doubt else ""),
        tries=tuple(_try(job, titles) for job in trail.jobs),
    )


def _try(job: GenerationJob, titles: dict[str, str]) -> TryLine:
    reasons = job.gate_reasons
    failure = job.failure.message if job.failure else None
    chosen, _, _ = job.route.why.partition(". Passed over: ")
    over = [
        (titles.get(c.provider, c.provider), c.why_not) for c in job.route.candidates if c.why_not
    ]
    return TryLine(
        provider=job.provider,
        title=titles.get(job.provider, job.provider),
        status=job.status.value,
        at=job.created_at,
        cost=_cost(job),
        why=chosen,
        failure=f"the gates refused it: {', '.join(reasons)}" if reasons else failure,
        suggested=job.suggested,
        passed_over=tuple(over),
    )


def _cost(job: GenerationJob) -> str:
    words = {"nothing": "", "quoted": " quoted", "billed": "", "possibly": " possibly billed"}
    return "free" if job.embedded else dollars(job.cost_usd) + words[job.cost_basis]


def _unknown(job: GenerationJob, titles: dict[str, str], linked: set[str]) -> UnknownJob:
    return UnknownJob(
        id=job.id,
        provider=job.provider,
        title=titles.get(job.provider, job.provider),
        at=job.created_at,
        price=dollars(job.quote.cost_usd),
        said=job.failure.message if job.failure else "",
        remote_id=job.provider_job_id,
        can_ask=job.provider in linked,
    )
