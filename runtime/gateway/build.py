"""Makes the gateway that the settings describe."""

from __future__ import annotations

from functools import partial

from domain.ports.clock import Clock
from domain.ports.model import Allowances, Tier, UsageLedger
from runtime.embedded.catalogue import find
from runtime.embedded.endpoint import EmbeddedEndpoint
from runtime.embedded.supervisor import ServerOptions, Supervisor
from runtime.gateway.accounts import Accounts
from runtime.gateway.budget import BudgetGuard, Limits
from runtime.gateway.dialect import Dialect
from runtime.gateway.endpoint import Endpoint
from runtime.gateway.gateway import Gateway
from runtime.gateway.loop_guard import LoopGuard
from runtime.gateway.openai_endpoint import OpenAIEndpoint
from runtime.gateway.retry import RetryPolicy
from runtime.gateway.scripted import ScriptedEndpoint
from runtime.gateway.target import Line, Target
from runtime.settings import Settings
from runtime.shared.build import Shared
from runtime.shared.limits import Rates
from runtime.telemetry.endpoint import TracedEndpoint
from runtime.tokens import count_tokens

_TIERS: tuple[Tier, ...] = ("fast", "smart", "judge")


def build_gateway(
    settings: Settings,
    ledger: UsageLedger,
    clock: Clock,
    shared: Shared | None = None,
    allowances: Allowances | None = None,
) -> Gateway:
    """Script, endpoint or embedded model, whichever the settings name, behind all policies.

    `allowances` lower what each artist may use. Without `shared` parts nothing is known of other
    processes, and no answer outlives this one.
    """
    shared = shared or Shared()
    return Gateway(
        _routes(settings, shared),
        accounts=Accounts(ledger, clock),
        budget=BudgetGuard(_limits(settings), ledger, clock, shared.reservations, allowances),
        cache=shared.answers,
        loop_guard=LoopGuard(settings.loop_guard_repeats),
        retry=RetryPolicy(attempts=settings.model_attempts),
        structured_tries=settings.model_answer_tries,
        forbid_real=settings.forbid_real_models,
        count=partial(count_tokens, cache_dir=settings.cache_dir),
    )


def _routes(settings: Settings, shared: Shared) -> dict[Tier, list[Target]]:
    if settings.model_script is not None:
        script = TracedEndpoint(ScriptedEndpoint.from_file(settings.model_script))
        line = Line.to(script)
        return {tier: [Target(line, _name(settings, tier) or "scripted")] for tier in _TIERS}
    embedded = _embedded(settings)
    if settings.model_url is None:
        return {tier: [embedded] for tier in _TIERS}
    endpoint = TracedEndpoint(_endpoint(settings, settings.model_url))
    line = _shared_line(endpoint, settings, shared)
    fallback = [embedded] if settings.model_fallback else []
    return {tier: [_target(settings, line, tier), *fallback] for tier in _TIERS}


def _shared_line(endpoint: Endpoint, settings: Settings, shared: Shared) -> Line:
    """An endpoint that all workers ask: its limits and its circuit are theirs together.

    A script and the embedded model belong to one process, and so do their lines.
    """
    rates = Rates(settings.model_requests_minute, settings.model_tokens_minute)
    breaker = shared.breakers.of(f"model {endpoint.name}")
    return Line.to(endpoint, breaker, shared.limits, rates)


def _embedded(settings: Settings) -> Target:
    model = find(settings.embedded_model)
    options = ServerOptions(
        threads=settings.embedded_threads,
        slots=settings.embedded_slots,
        context_tokens=settings.embedded_context_tokens,
        idle_s=settings.embedded_idle_s,
        memory_mb=settings.embedded_memory_mb,
        start_s=settings.embedded_start_s,
    )
    endpoint = TracedEndpoint(EmbeddedEndpoint(Supervisor(model, settings.cache_dir, options)))
    return Target(Line.to(endpoint), model.name, timeout_s=settings.model_timeout_s)


def _endpoint(settings: Settings, url: str) -> OpenAIEndpoint:
    key = settings.model_key.get_secret_value() if settings.model_key else None
    return OpenAIEndpoint(
        url,
        key,
        name=url,
        slots=settings.model_slots,
        small=settings.model_small,
        context_tokens=settings.model_context_tokens,
        dialect=Dialect(prefill=settings.model_prefill),
    )


def _target(settings: Settings, line: Line, tier: Tier) -> Target:
    return Target(
        line,
        _name(settings, tier),
        price_in=settings.model_price_in,
        price_out=settings.model_price_out,
        timeout_s=settings.model_timeout_s,
    )


def _name(settings: Settings, tier: Tier) -> str:
    chosen = {"fast": settings.model_fast, "judge": settings.model_judge}.get(tier)
    return chosen or settings.model_name or ""


def _limits(settings: Settings) -> Limits:
    return Limits(
        run_tokens=settings.budget_run_tokens,
        artist_tokens_day=settings.budget_artist_tokens_day,
        artist_usd_day=settings.budget_artist_usd_day,
        label_usd_day=settings.budget_label_usd_day,
    )
