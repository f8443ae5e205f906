"""Has the announcer write the post of a case, for the case's network."""

from __future__ import annotations

from agents.announcer import SongFacts, write_announcement, write_update
from domain.errors import InvalidInput
from domain.evaluation import Case, Output
from domain.ports.network import NetworkCapabilities
from evals.personas import performer
from evals.suite import Desk
from tools.vendors.bluesky.capabilities import CAPABILITIES as BLUESKY
from tools.vendors.stage import GRAPHEMES_MAX, MEDIA_MAX, STAGE

_STAGE = NetworkCapabilities(
    name=STAGE,
    text_max_graphemes=GRAPHEMES_MAX,
    media_max=MEDIA_MAX,
    duplicate_guard="client_key",
    metrics=frozenset(),
)
NETWORKS = {network.name: network for network in (_STAGE, BLUESKY)}


async def run(case: Case, desk: Desk) -> Output:
    """The post's text; a named artist speaks in place of the case's own."""
    asked = case.input
    profile = performer(case, desk.profile)
    network = network_of(case)
    if asked["kind"] == "announcement":
        text, _ = await write_announcement(
            desk.gateway,
            profile=profile,
            song=SongFacts.model_validate({k: asked[k] for k in ("title", "theme", "story")}),
            capabilities=network,
            seed=desk.seed,
            scope=desk.scope,
            book=desk.book,
        )
    else:
        text, _ = await write_update(
            desk.gateway,
            profile=profile,
            subject=str(asked["subject"]),
            facts=facts_of(case),
            capabilities=network,
            seed=desk.seed,
            scope=desk.scope,
            book=desk.book,
        )
    return {"text": text, "network": network.name, "stage_name": profile.stage_name}


def network_of(case: Case) -> NetworkCapabilities:
    """What the case's network allows."""
    name = str(case.input["network"])
    if name not in NETWORKS:
        raise InvalidInput(
            f"the case {case.id} names the network {name!r}",
            field="network",
            remedy=f"Choose from: {', '.join(NETWORKS)}.",
        )
    return NETWORKS[name]


def facts_of(case: Case) -> list[str]:
    """All that the post may claim."""
    facts = case.input.get("facts")
    return [str(fact) for fact in facts] if isinstance(facts, list) else []
