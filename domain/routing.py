"""Which provider makes a song: by what it can, how it is, what it costs, and who is preferred."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from domain.errors import ProviderUnavailable
from domain.generation import Candidate, ProviderHealth, RouteChoice
from domain.ports.providers import Capabilities, Quote
from domain.requests import MusicAsk


class Needs(BaseModel):
    """What a song asks of a generator. `in_words` is false where only a score is given."""

    model_config = ConfigDict(frozen=True)

    in_words: bool
    sung: bool = False
    language: str = "en"
    duration_s: float = 0.0

    @classmethod
    def of(cls, ask: MusicAsk | None) -> Needs:
        """What this song asks."""
        if ask is None:
            return cls(in_words=False)
        sung = bool(ask.lyrics) and not ask.instrumental
        return cls(in_words=True, sung=sung, language=ask.language, duration_s=ask.duration_s)


class Offer(BaseModel):
    """A provider as it stands at this moment; without a quote it could not name a price."""

    model_config = ConfigDict(frozen=True)

    name: str
    capabilities: Capabilities
    embedded: bool = False
    quote: Quote | None = None
    unpriced: str = Field(default="", description="Why there is no quote.")
    health: ProviderHealth | None = None


class Purse(BaseModel):
    """US dollars that are left for this song, and why nothing may be paid at all."""

    model_config = ConfigDict(frozen=True)

    song_usd: float
    artist_usd: float
    label_usd: float
    run_usd: float = math.inf
    shut: str = ""

    def too_dear(self, cost_usd: float) -> str:
        """Why this price cannot be paid; empty when it can."""
        if cost_usd <= 0:
            return ""
        if self.shut:
            return self.shut
        left = {
            "the song's budget": self.song_usd,
            "the artist's budget of the day": self.artist_usd,
            "the label's budget of the day": self.label_usd,
            "the artist's budget of a run": self.run_usd,
        }
        name = min(left, key=lambda which: left[which])
        if cost_usd <= left[name]:
            return ""
        return f"it costs {dollars(cost_usd)} and {name} has {dollars(max(left[name], 0.0))} left"


def route(
    needs: Needs,
    offers: Sequence[Offer],
    purse: Purse,
    *,
    preference: Sequence[str] = (),
    refused: Mapping[str, str] | None = None,
    now: datetime,
) -> RouteChoice:
    """Choose a provider and say why; an embedded engine stands last unless it is preferred.

    Raises `ProviderUnavailable` with every candidate's reason when none is left.
    """
    ordered = sorted(offers, key=lambda offer: _rank(offer, preference))
    reasons = {o.name: _why_not(o, needs, purse, refused or {}, now) for o in ordered}
    candidates = tuple(
        Candidate(
            provider=offer.name,
            cost_usd=offer.quote.cost_usd if offer.quote else None,
            why_not=reasons[offer.name],
        )
        for offer in ordered
    )
    able = [offer for offer in ordered if not reasons[offer.name]]
    if not able:
        told = "; ".join(f"{name}: {why}" for name, why in reasons.items())
        raise ProviderUnavailable(
            f"no generator is left for this song. {told or 'None is there'}",
            remedy="Look at the providers' page, and resume the run when one of them is well.",
        )
    why = _why(able, preference, reasons)
    return RouteChoice(provider=able[0].name, why=why, candidates=candidates)


def dollars(amount: float) -> str:
    """An amount as people read it."""
    return f"${amount:.2f}" if amount == 0 or amount >= 0.01 else f"${amount:.4f}"


def _rank(offer: Offer, preference: Sequence[str]) -> tuple[int, bool, bool, float, str]:
    place = preference.index(offer.name) if offer.name in preference else len(preference)
    cost = offer.quote.cost_usd if offer.quote else 0.0
    return (place, offer.embedded, not offer.capabilities.verified, cost, offer.name)


def _why_not(
    offer: Offer, needs: Needs, purse: Purse, refused: Mapping[str, str], now: datetime
) -> str:
    """The first thing that stands against an offer; empty for nothing."""
    if offer.name in refused:
        return refused[offer.name]
    if offer.embedded:
        return ""
    cannot = _cannot(offer.capabilities, needs)
    if cannot:
        return cannot
    closed = offer.health.closed(now) if offer.health else ""
    if closed:
        return closed
    if offer.quote is None:
        return f"it named no price: {offer.unpriced or 'no reason was given'}"
    return purse.too_dear(offer.quote.cost_usd)


def _cannot(able: Capabilities, needs: Needs) -> str:
    if not needs.in_words:
        return "it reads no score, and this song is not described in words"
    if needs.sung and not {"sung", "lyrics"} <= able.features:
        return "it does not sing given lyrics"
    if not needs.sung and "instrumental" not in able.features:
        return "it makes no instrumentals"
    if needs.sung and able.languages is not None and needs.language not in able.languages:
        return f"it does not sing in {needs.language!r}"
    if able.longest_s is not None and needs.duration_s > able.longest_s:
        return f"it makes at most {able.longest_s:.0f} s, and {needs.duration_s:.0f} s are wanted"
    return ""


def _why(able: Sequence[Offer], preference: Sequence[str], reasons: Mapping[str, str]) -> str:
    chosen = able[0]
    against = "; ".join(f"{name}: {why}" for name, why in reasons.items() if why)
    over = f". Passed over: {against}" if against else ""
    price = f" for {dollars(chosen.quote.cost_usd)}" if chosen.quote else ""
    if chosen.name in preference:
        return f"the first of the preferred providers that can make it{price}{over}"
    if chosen.embedded:
        return f"the embedded engine always can, and costs nothing{over}"
    rivals = [offer for offer in able[1:] if not offer.embedded]
    by = "the only connected provider" if not rivals else "the cheapest connected provider"
    if any(offer.capabilities.verified != chosen.capabilities.verified for offer in rivals):
        by = "the best founded connected provider"
    return f"{by} that can make it{price}{over}"
