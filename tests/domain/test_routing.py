from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ProviderUnavailable
from domain.generation import ProviderHealth
from domain.ports.providers import Capabilities, Quote
from domain.requests import MusicAsk
from domain.routing import Needs, Offer, Purse, dollars, route
from domain.score import LyricSection

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
SUNG = Needs(in_words=True, sung=True, language="en", duration_s=90)
RICH = Purse(song_usd=100, artist_usd=100, label_usd=100)
EVERYTHING = frozenset({"sung", "lyrics", "instrumental"})


def able(name: str = "alpha", **changes: Any) -> Capabilities:
    return Capabilities.model_validate(
        {
            "name": name,
            "version": "1",
            "kind": "music",
            "made_by": "trained_model",
            "offline": False,
            "features": EVERYTHING,
            **changes,
        }
    )


def offer(name: str = "alpha", cost: float | None = 0.25, **changes: Any) -> Offer:
    fields = {key: changes.pop(key) for key in ("embedded", "health", "unpriced") if key in changes}
    quote = None if cost is None else Quote(cost_usd=cost)
    return Offer(name=name, capabilities=able(name, **changes), quote=quote, **fields)


def embedded() -> Offer:
    return offer("house", 0.0, embedded=True, offline=True)


def health(**changes: Any) -> ProviderHealth:
    return ProviderHealth.model_validate(
        {"id": "p", "created_at": NOW, "updated_at": NOW, "provider": "alpha", **changes}
    )


def chosen(*offers: Offer, needs: Needs = SUNG, purse: Purse = RICH, **more: Any) -> str:
    return route(needs, offers, purse, now=NOW, **more).provider


def why_not(one: Offer, needs: Needs = SUNG, purse: Purse = RICH) -> str:
    choice = route(needs, (one, embedded()), purse, now=NOW)
    return next(c.why_not for c in choice.candidates if c.provider == one.name)


def test_a_provider_goes_before_the_embedded_engine() -> None:
    assert chosen(embedded(), offer()) == "alpha"


def test_the_cheapest_goes_first_and_the_unverified_last() -> None:
    assert chosen(offer("dear", 0.5), offer("cheap", 0.1)) == "cheap"
    assert chosen(offer("dear", 0.5), offer("cheap", 0.1, verified=False)) == "dear"


def test_preference_beats_price_and_may_name_the_embedded_engine() -> None:
    offers = (offer("dear", 0.5), offer("cheap", 0.1), embedded())
    assert chosen(*offers, preference=("dear",)) == "dear"
    assert chosen(*offers, preference=("absent", "house")) == "house"


@pytest.mark.parametrize(
    ("changes", "needs", "says"),
    [
        ({"features": {"instrumental"}}, SUNG, "does not sing"),
        ({"features": {"sung"}}, SUNG, "does not sing given lyrics"),
        ({"features": {"sung", "lyrics"}}, Needs(in_words=True), "instrumentals"),
        ({"languages": {"de"}}, SUNG, "'en'"),
        ({"longest_s": 60.0}, SUNG, "60 s"),
        ({}, Needs(in_words=False), "no score"),
    ],
)
def test_what_a_provider_cannot_do_is_said(
    changes: dict[str, Any], needs: Needs, says: str
) -> None:
    assert says in why_not(offer(**changes), needs)


def test_language_does_not_matter_without_singing() -> None:
    assert why_not(offer(languages={"de"}), Needs(in_words=True, language="en")) == ""


@pytest.mark.parametrize(
    ("purse", "says"),
    [
        (Purse(song_usd=0.1, artist_usd=9, label_usd=9), "the song's budget has $0.10"),
        (Purse(song_usd=9, artist_usd=0.2, label_usd=9), "the artist's budget"),
        (Purse(song_usd=9, artist_usd=9, label_usd=-3), "the label's budget of the day has $0.00"),
        (Purse(song_usd=9, artist_usd=9, label_usd=9, shut="already paid"), "already paid"),
    ],
)
def test_a_price_above_what_is_left_is_refused_by_name(purse: Purse, says: str) -> None:
    assert says in why_not(offer(), purse=purse)
    assert why_not(offer(cost=0.0), purse=purse) == ""


def test_a_provider_without_a_price_is_passed_over() -> None:
    assert "unreadable" in why_not(offer(cost=None, unpriced="the price list is unreadable"))


def test_a_resting_provider_is_passed_over_until_its_time() -> None:
    resting = offer(health=health(failures=3, pause_until=NOW + timedelta(seconds=40)))
    assert "rests for 40 s" in why_not(resting)
    rested = offer(health=health(failures=3, pause_until=NOW))
    assert why_not(rested) == ""


def test_the_reason_names_what_was_passed_over() -> None:
    choice = route(SUNG, (offer(features={"instrumental"}), embedded()), RICH, now=NOW)
    assert choice.provider == "house"
    assert "alpha: it does not sing" in choice.why


def test_nobody_left_is_an_error_with_every_reason() -> None:
    with pytest.raises(ProviderUnavailable) as raised:
        chosen(embedded(), offer(cost=999), refused={"house": "its song failed"})
    assert "its song failed" in raised.value.message
    assert "alpha: it costs $999.00" in raised.value.message
    assert raised.value.remedy


def test_needs_follow_the_ask() -> None:
    ask = MusicAsk(
        title="Salt",
        style="Slow synths",
        lyrics=(LyricSection(section="verse", lines=("a",)),),
        language="de",
        duration_s=91,
        tempo_bpm=90,
        key="C",
        mode="ionian",
        seed=1,
    )
    assert Needs.of(ask) == Needs(in_words=True, sung=True, language="de", duration_s=91)
    assert not Needs.of(ask.model_copy(update={"instrumental": True})).sung
    assert not Needs.of(ask.model_copy(update={"lyrics": ()})).sung
    assert not Needs.of(None).in_words


def test_small_amounts_keep_their_digits() -> None:
    assert [dollars(x) for x in (0.0, 0.0042, 0.25, 12.0)] == [
        "$0.00",
        "$0.0042",
        "$0.25",
        "$12.00",
    ]


amounts = st.floats(min_value=0, max_value=2, allow_nan=False)
offers_made = st.lists(
    st.builds(
        lambda name, cost, verified, sung, longest, stopped: offer(
            name,
            cost,
            verified=verified,
            features=EVERYTHING if sung else {"instrumental"},
            longest_s=longest,
            health=health(needs_person=stopped),
        ),
        st.sampled_from(["alpha", "beta", "gamma", "delta"]),
        st.none() | amounts,
        st.booleans(),
        st.booleans(),
        st.none() | st.floats(min_value=30, max_value=300),
        st.booleans(),
    ),
    max_size=4,
    unique_by=lambda made: made.name,
)
purses = st.builds(
    Purse,
    song_usd=amounts,
    artist_usd=amounts,
    label_usd=amounts,
    shut=st.sampled_from(["", "already paid"]),
)
names = st.sampled_from(["alpha", "beta", "gamma", "delta", "house"])
all_needs = st.builds(
    Needs,
    in_words=st.booleans(),
    sung=st.booleans(),
    duration_s=st.floats(min_value=10, max_value=300),
)


@given(all_needs, offers_made, purses, st.lists(names, unique=True), st.sets(names))
def test_the_chosen_one_may_and_every_other_is_accounted_for(
    needs: Needs, made: list[Offer], purse: Purse, preference: list[str], refused: set[str]
) -> None:
    offers = [*made, embedded()]
    against = {name: "refused" for name in refused if name != "house"}
    choice = route(needs, offers, purse, preference=preference, refused=against, now=NOW)
    winner = next(o for o in offers if o.name == choice.provider)
    assert winner.name not in against
    assert {c.provider for c in choice.candidates} == {o.name for o in offers}
    assert choice.why
    able_ones = [c.provider for c in choice.candidates if not c.why_not]
    assert able_ones[0] == winner.name
    if winner.embedded:
        return
    assert winner.quote is not None
    assert winner.quote.cost_usd == 0 or (
        winner.quote.cost_usd <= min(purse.song_usd, purse.artist_usd, purse.label_usd)
        and not purse.shut
    )
    assert needs.in_words
    assert not needs.sung or winner.capabilities.features >= {"sung", "lyrics"}
    longest = winner.capabilities.longest_s
    assert longest is None or needs.duration_s <= longest
    assert winner.health is not None
    assert not winner.health.needs_person
    wished = [n for n in preference if n in able_ones]
    assert not wished or winner.name == wished[0]


@given(offers_made, purses, st.randoms())
def test_the_order_of_offers_does_not_matter(made: list[Offer], purse: Purse, random: Any) -> None:
    offers = [*made, embedded()]
    first = route(SUNG, offers, purse, now=NOW)
    random.shuffle(offers)
    assert route(SUNG, offers, purse, now=NOW) == first


@given(offers_made, purses, amounts)
def test_more_money_never_takes_a_provider_away(
    made: list[Offer], purse: Purse, more: float
) -> None:
    richer = Purse(
        song_usd=purse.song_usd + more,
        artist_usd=purse.artist_usd + more,
        label_usd=purse.label_usd + more,
        shut=purse.shut,
    )
    offers = [*made, embedded()]
    before = {c.provider for c in route(SUNG, offers, purse, now=NOW).candidates if not c.why_not}
    after = {c.provider for c in route(SUNG, offers, richer, now=NOW).candidates if not c.why_not}
    assert before <= after
