"""What comes round by the clock, and who does it: the process that holds the lead."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from app import scheduling
from app.checkpoints import prune_checkpoints
from app.label import Label
from app.scheduling import Duty
from app.scratch import SWEPT_EVERY_S, sweep
from domain.actor import SYSTEM
from runtime.engine.leader import Lead
from runtime.settings import Settings
from services.adaptations import AdaptationService
from services.autopilot import AutopilotService
from services.tuning import TuningService
from services.usage import UsageService

LEAD = "scheduler"
# Silence after which another scheduler leads; it is noticed within a second more.
LEAD_DEAD_S = 6.0
# A run changed a moment ago may have its job on the way.
SETTLE_S = 10.0


class Owner:
    """The lead where there is no other to dispute it."""

    async def held(self) -> bool:
        """Always."""
        return True


def begin_duties(
    settings: Settings, name: str, duties: Sequence[Duty], stack: AsyncExitStack
) -> None:
    """Do these duties until the stack closes, while this process leads."""
    lead: scheduling.Lead = Owner()
    if settings.shared_database:
        wish = Lead(settings.database, LEAD, name, LEAD_DEAD_S)
        stack.push_async_callback(wish.release)
        lead = wish
    _begin(lead, duties, stack)


def begin_own_duties(duties: Sequence[Duty], stack: AsyncExitStack) -> None:
    """Do these duties until the stack closes, whoever leads: each process has its own."""
    _begin(Owner(), duties, stack)


def duties_of(label: Label) -> list[Duty]:
    """All that comes round for a label."""
    runs, approvals, audit = label.house.runs, label.house.approvals, label.people.audit
    kept_days, words_days = label.settings.audit_days, label.settings.model_texts_days
    calling_off = label.generators.calling_off
    sender = label.watch.webhooks.sender
    usage = UsageService(label.ground.database, label.ground.clock)
    ledger = AdaptationService(label.ground.database, label.ground.clock)
    tuning = TuningService(label.ground.database, label.ground.clock, ledger, label.house.artists)
    autopilot = AutopilotService(label.ground.database, label.ground.clock, approvals)

    async def go_on() -> None:
        if await label.holds.state(SYSTEM) is None:
            await runs.recover(SYSTEM, settle_s=SETTLE_S)
            await runs.debut_orphans(SYSTEM, settle_s=SETTLE_S)

    async def prune() -> None:
        await prune_checkpoints(label.ground.checkpoints, runs.ended)
        await label.renders.prune()

    return [
        Duty("fire slots", 1.0, lambda: label.schedules.fire_due(SYSTEM)),
        Duty("set right slots put off", 60.0, lambda: label.schedules.set_right(SYSTEM)),
        Duty("queue again what lost its job", 5.0, go_on),
        Duty("do what talks agreed to", 15.0, label.talks.recover),
        Duty("expire approvals", 30.0, lambda: approvals.expire_due(SYSTEM)),
        Duty("let out what nobody objected to", 2.0, lambda: autopilot.approve_due(SYSTEM)),
        Duty("expire directives", 60.0, lambda: label.house.directives.expire_due(SYSTEM)),
        Duty("call off what stopped runs ordered", 2.0, lambda: calling_off.call_off(SYSTEM)),
        Duty("send posts again", 5.0, lambda: label.publishing.retry_due(SYSTEM)),
        Duty("look up lost posts", 10.0, lambda: label.publishing.settle_unknown(SYSTEM)),
        Duty("listen to channels", 20.0, lambda: label.listening.listen(SYSTEM)),
        Duty("look for alerts", 15.0, lambda: label.watch.alerts.check(SYSTEM)),
        # The ledger lets a parameter change once a day at most, however often this looks.
        Duty("learn from the audience", 6 * 3600.0, lambda: tuning.tune_all(SYSTEM)),
        # Each is looked at once a day; this often one may start or be found due.
        Duty("look at experiments", 60.0, lambda: label.house.experiments.evaluate_all(SYSTEM)),
        Duty("send webhooks", 1.0, lambda: sender.deliver_due(SYSTEM)),
        Duty("forget checkpoints of ended runs", 900.0, prune),
        Duty("forget passing lines of ended runs", 3600.0, runs.prune_log),
        Duty("forget old deliveries", 3600.0, lambda: sender.prune(SYSTEM)),
        Duty("forget old audit entries", 3600.0, lambda: audit.prune(SYSTEM, kept_days)),
        Duty("forget old words of models", 3600.0, lambda: usage.forget_texts(SYSTEM, words_days)),
        Duty("forget old requests", 900.0, lambda: label.kept_requests.prune(SYSTEM)),
    ]


def own_duties_of(label: Label) -> list[Duty]:
    """What comes round on every host that works."""
    return [
        Duty("cut short what was stopped", 1.0, label.driver.end_stopped),
        Duty("remove files of ended runs", SWEPT_EVERY_S, lambda: sweep(label)),
    ]


def _begin(lead: scheduling.Lead, duties: Sequence[Duty], stack: AsyncExitStack) -> None:
    keeping = asyncio.create_task(scheduling.keep_time(lead, duties))
    stack.push_async_callback(_ended, keeping)


async def _ended(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it has let go of the database."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
