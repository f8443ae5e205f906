"""Experiments: written down, started under the ledger's lock, looked at daily, and ended."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from pydantic import JsonValue, ValidationError

from domain.actor import SYSTEM, Actor
from domain.adaptation import (
    Adaptation,
    AdaptationStatus,
    Change,
    Effect,
    Evidence,
    Proposal,
    live_value,
)
from domain.errors import Conflict, InvalidInput
from domain.experiment import (
    STATES,
    Arm,
    Compared,
    Definition,
    Experiment,
    ExperimentStatus,
    Exposure,
    Looked,
    Result,
    arm_of,
    chances,
)
from domain.ids import new_id
from domain.plain import plain_line
from domain.ports.clock import Clock
from packs import load_pack
from services.adaptations import REASON_MAX_CHARS, AdaptationService
from services.base import Service
from services.experiment_looks import look_at, sample_plan
from services.experiment_outcomes import outcomes_of, rewards_of
from services.tuner import MEASURE
from services.tuning import PARAMETER
from store.database import Database
from store.unit import UnitOfWork

# What a song can be given by chance today.
PARAMETERS = (PARAMETER,)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Song:
    """A song about to be made: who makes it, in which genre, under which ids."""

    artist_id: str
    genre: str
    work_id: str
    run_id: str


@dataclass(frozen=True)
class Assigned:
    """What an experiment says about a choice: by what to draw, and how likely that was."""

    experiment: str
    arm: str
    weights: Mapping[str, float]
    chances: Mapping[str, float]


class ExperimentService(Service):
    """Use cases of experiments; `evaluate_all` is a duty of the process that leads."""

    def __init__(self, database: Database, clock: Clock, ledger: AdaptationService) -> None:
        super().__init__(database, clock)
        self.ledger = ledger

    async def create(self, actor: Actor, definition: Definition) -> Experiment:
        """Write an experiment down with the size that it needs; nothing begins by that.

        Raises `InvalidInput` naming the field that is wrong.
        """
        self.ledger.must_tune(actor, definition.scope)
        _check(definition)
        now = self.clock.now()
        async with self.database.unit() as unit:
            plan = sample_plan(definition, await self._history(unit, definition))
            fresh = Experiment(
                id=new_id("experiment"),
                created_at=now,
                updated_at=now,
                definition=definition,
                parameter=definition.parameter,
                artist_id=definition.scope.artist_id,
                status=ExperimentStatus.SCHEDULED
                if definition.starts_at
                else ExperimentStatus.DRAFT,
                plan=plan,
            )
            made = await unit.experiments.add(fresh)
            self._tell(unit, actor, made)
            await unit.commit()
        return made

    async def start(self, actor: Actor, experiment_id: str) -> Experiment:
        """Take the parameter in the ledger and decide from the next song on, both or neither.

        Raises `Conflict` while a tuner or another experiment holds it, or while it rests.
        """
        async with self.database.unit() as unit:
            before = await self._held(unit, actor, experiment_id)
            now = self.clock.now()
            STATES.check(before.status, ExperimentStatus.RUNNING)
            if before.definition.ends_at is not None and before.definition.ends_at <= now:
                raise Conflict(
                    "its end has passed",
                    field="ends_at",
                    remedy="Write it down again, with more time.",
                )
            entries = await unit.adaptations.of_parameter(before.parameter)
            value = live_value(entries, before.parameter, before.scope)
            hold = await self.ledger.propose_in(unit, actor, _hold(before, value))
            running = before.amend(
                now, status=ExperimentStatus.RUNNING, started_at=now, hold_id=hold.id, reason=""
            )
            return await self._saved(unit, actor, running)

    async def stop(self, actor: Actor, experiment_id: str, reason: str) -> Experiment:
        """End it without a winner; songs are drawn as before from the next one on."""
        words = plain_line(reason)[:REASON_MAX_CHARS]
        if not words:
            raise InvalidInput(
                "a reason is needed", field="reason", remedy="Say why in a few words."
            )
        async with self.database.unit() as unit:
            before = await self._held(unit, actor, experiment_id)
            return await self._stopped(unit, actor, before, words)

    async def conclude(self, actor: Actor, experiment_id: str) -> Experiment:
        """Look once more and end it; a winner is proposed to the ledger, not brought into force."""
        return await self._look(actor, experiment_id, end=True)

    async def accept(self, actor: Actor, experiment_id: str) -> Adaptation:
        """Bring the winner into force; the experiment is its observation, so it is confirmed."""
        entry_id, effect = await self._proposed(actor, experiment_id)
        entry = await self.ledger.get(actor, entry_id)
        if entry.status is AdaptationStatus.PROPOSED:
            entry = await self.ledger.apply(actor, entry_id, f"shown by {experiment_id}")
        if entry.status is AdaptationStatus.ACTIVE and entry.observed is None:
            entry = await self.ledger.observe(actor, entry_id, effect)
        return await self.ledger.confirm(actor, entry_id, f"shown by {experiment_id}")

    async def decline(self, actor: Actor, experiment_id: str, reason: str) -> Adaptation:
        """Drop the winner's proposal; the parameter is free again."""
        entry_id, _ = await self._proposed(actor, experiment_id)
        return await self.ledger.reject(actor, entry_id, reason)

    async def assign(
        self, actor: Actor, parameter: str, song: Song, usual: Mapping[str, float]
    ) -> Assigned | None:
        """What the running experiment says of this song, written down first; None without one.

        `usual`: chances of the legal options without it. The same song always gets the same arm.
        An artist for whom an arm has no legal option takes no part.
        """
        actor.must_be("system", "artist")
        async with self.database.unit() as unit:
            known = await unit.exposures.of_work(song.work_id)
            if known is not None:
                its = await unit.experiments.get(known.experiment_id)
                return _assigned(its, known.arm, usual)
            running = await unit.experiments.in_status(
                ExperimentStatus.RUNNING, parameter=parameter
            )
            mine = [one for one in running if one.includes(song.artist_id, song.genre)]
            if not mine or not all(arm.weights(usual) for arm in mine[0].definition.arms):
                return None
            experiment = mine[0]
            by_song = experiment.definition.unit == "song"
            exposure = self._exposure(experiment, song, song.work_id if by_song else song.artist_id)
            await unit.exposures.add(exposure)
            await unit.commit()
        return _assigned(experiment, exposure.arm, usual)

    async def evaluate_all(self, actor: Actor) -> list[Experiment]:
        """Start what is due and look at what runs, each once a day; one failing harms no other."""
        actor.must_be("system")
        now = self.clock.now()
        async with self.database.unit() as unit:
            found = await unit.experiments.in_status(
                ExperimentStatus.SCHEDULED, ExperimentStatus.RUNNING
            )
        done = []
        for one in found:
            try:
                starts = one.definition.starts_at
                if one.status is ExperimentStatus.RUNNING and not one.looked_on(now):
                    done.append(await self._look(actor, one.id))
                elif one.status is ExperimentStatus.SCHEDULED and starts and starts <= now:
                    done.append(await self.start(actor, one.id))
            except (Conflict, InvalidInput) as why:
                _log.info("the experiment waits", experiment_id=one.id, why=str(why))
        return done

    async def get(self, actor: Actor, experiment_id: str) -> Experiment:
        """One experiment."""
        actor.must_read()
        async with self.database.unit() as unit:
            found = await unit.experiments.get(experiment_id)
        if found.artist_id is not None:
            actor.must_see(found.artist_id)
        return found

    async def page(
        self,
        actor: Actor,
        status: ExperimentStatus | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> list[Experiment]:
        """Experiments that the actor may see, newest first."""
        actor.must_read()
        async with self.database.unit() as unit:
            return await unit.experiments.page(
                status=status, only=actor.artists, after=after, limit=limit
            )

    async def _look(self, actor: Actor, experiment_id: str, *, end: bool = False) -> Experiment:
        """Look, and in the same transaction end what must end: a dead process repeats both."""
        now = self.clock.now()
        async with self.database.unit() as unit:
            before = await self._held(unit, actor, experiment_id)
            STATES.check(before.status, ExperimentStatus.CONCLUDED)
            outcomes = await outcomes_of(unit, experiment_id, now)
            seen = await asyncio.to_thread(look_at, before, outcomes, now)
            after = before.amend(now, looks=(*before.looks, seen))
            why = _harm(seen) or await self._undermined(unit, before)
            if why:
                return await self._stopped(unit, SYSTEM, after, why)
            over = before.definition.ends_at is not None and before.definition.ends_at <= now
            if end or over or seen.decided:
                return await self._concluded(unit, actor, after, seen)
            return await self._saved(unit, actor, after)

    async def _concluded(
        self, unit: UnitOfWork, actor: Actor, before: Experiment, seen: Looked
    ) -> Experiment:
        hold = await self._let_go(unit, actor, before, "the experiment has ended")
        winner, shown = _winner(before, seen)
        says, effect, entry_id = "No arm was shown to be better.", None, None
        if winner is not None and shown is not None:
            sign = 1.0 if shown.arm == winner.name else -1.0
            effect = _effect(shown, sign)
            says = f"{winner.name} won: {effect.estimate:+.3f} {MEASURE}."
            if hold is not None and winner.options is not None:
                change = Change(
                    parameter=before.parameter,
                    before=hold.change.before,
                    after=_normal(winner.options),
                )
                proof = Evidence(kind="experiment", says=shown.reason, ref=before.id, effect=effect)
                proposal = hold.proposal.model_copy(
                    update={"change": change, "evidence": (proof,), "expected": effect}
                )
                entry_id = (await self.ledger.propose_in(unit, actor, proposal)).id
        result = Result(
            winner=winner.name if winner else None, says=says, effect=effect, adaptation_id=entry_id
        )
        now = self.clock.now()
        return await self._saved(
            unit,
            actor,
            before.amend(
                now,
                status=ExperimentStatus.CONCLUDED,
                ended_at=now,
                ended_by=f"{actor.kind}:{actor.id}",
                result=result,
            ),
        )

    async def _stopped(
        self, unit: UnitOfWork, actor: Actor, before: Experiment, why: str
    ) -> Experiment:
        STATES.check(before.status, ExperimentStatus.STOPPED)
        await self._let_go(unit, actor, before, why)
        now = self.clock.now()
        by = f"{actor.kind}:{actor.id}"
        after = before.amend(
            now, status=ExperimentStatus.STOPPED, ended_at=now, ended_by=by, reason=why
        )
        return await self._saved(unit, actor, after)

    async def _let_go(
        self, unit: UnitOfWork, actor: Actor, before: Experiment, why: str
    ) -> Adaptation | None:
        """Free the parameter; gives what held it."""
        if before.hold_id is None:
            return None
        entry = await unit.adaptations.get(before.hold_id)
        if entry.status is not AdaptationStatus.PROPOSED:
            return entry
        return await self.ledger.move_in(
            unit, actor, before.hold_id, AdaptationStatus.REJECTED, why
        )

    async def _undermined(self, unit: UnitOfWork, experiment: Experiment) -> str:
        """Why it compares no longer what it was started to compare; empty: it does."""
        begun = experiment.started_at
        for entry in await unit.adaptations.of_parameter(experiment.parameter):
            near = entry.scope.overlaps(experiment.scope)
            if entry.id == experiment.hold_id and entry.status is not AdaptationStatus.PROPOSED:
                return "its hold on the parameter was taken from it"
            reverted = entry.status is AdaptationStatus.REVERTED
            if near and reverted and begun is not None and entry.settled_at >= begun:
                return f"{entry.id} was reverted meanwhile, so that the control changed"
        return ""

    async def _proposed(self, actor: Actor, experiment_id: str) -> tuple[str, Effect]:
        found = await self.get(actor, experiment_id)
        self.ledger.must_tune(actor, found.scope)
        result = found.result
        if result is None or result.adaptation_id is None or result.effect is None:
            raise Conflict(
                "the experiment has proposed nothing",
                field="status",
                remedy="Only the winner of a concluded experiment can be accepted or declined.",
            )
        return result.adaptation_id, result.effect

    async def _held(self, unit: UnitOfWork, actor: Actor, experiment_id: str) -> Experiment:
        await unit.lock(f"experiment:{experiment_id}")
        found = await unit.experiments.get(experiment_id)
        self.ledger.must_tune(actor, found.scope)
        return found

    async def _saved(self, unit: UnitOfWork, actor: Actor, after: Experiment) -> Experiment:
        saved = await unit.experiments.save(after)
        self._tell(unit, actor, saved)
        await unit.commit()
        return saved

    async def _history(self, unit: UnitOfWork, definition: Definition) -> list[float]:
        """What songs in scope earned so far."""
        scope, now = definition.scope, self.clock.now()
        if scope.artist_id is not None:
            await unit.artists.get(scope.artist_id)
            return [*(await rewards_of(unit, scope.artist_id, now)).values()]
        artists = [
            a for a in await unit.artists.with_page(None, 500) if a.genre_pack == scope.genre
        ]
        return [r for a in artists for r in (await rewards_of(unit, a.id, now)).values()]

    def _exposure(self, experiment: Experiment, song: Song, unit_id: str) -> Exposure:
        now = self.clock.now()
        return Exposure(
            id=new_id("exposure"),
            created_at=now,
            updated_at=now,
            experiment_id=experiment.id,
            work_id=song.work_id,
            run_id=song.run_id,
            artist_id=song.artist_id,
            unit=unit_id,
            arm=arm_of(experiment.id, unit_id, experiment.definition.arms).name,
        )

    def _tell(self, unit: UnitOfWork, actor: Actor, experiment: Experiment) -> None:
        unit.emit(
            self.event(
                "experiment.changed",
                actor,
                artist_id=experiment.artist_id,
                subject_id=experiment.id,
                status=experiment.status.value,
                why=experiment.reason,
            )
        )


def read_definition(data: object) -> Definition:
    """An experiment as a file or a request words it; raises `InvalidInput` naming the field."""
    try:
        return Definition.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "experiment"
        words = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(
            f"{where}: {words}", field=where, remedy="Mend this field and try again."
        ) from error


def _check(definition: Definition) -> None:
    if definition.parameter not in PARAMETERS:
        raise InvalidInput(
            f"{definition.parameter!r} cannot be tried on songs",
            field="parameter",
            remedy=f"Choose one of: {', '.join(PARAMETERS)}.",
        )
    if definition.scope.genre is None:
        raise InvalidInput(
            "forms belong to a genre",
            field="scope.genre",
            remedy="Name the genre, or an artist with its genre.",
        )
    forms = [form.id for form in load_pack(definition.scope.genre).forms]
    for number, arm in enumerate(definition.arms):
        wrong = [option for option in arm.options or () if option not in forms]
        if wrong:
            raise InvalidInput(
                f"{wrong[0]!r} is no form of {definition.scope.genre}",
                field=f"arms.{number}.options",
                remedy=f"Choose among: {', '.join(forms)}.",
            )


def _assigned(experiment: Experiment, name: str, usual: Mapping[str, float]) -> Assigned | None:
    arms = experiment.definition.arms
    arm = next(one for one in arms if one.name == name)
    if not all(one.weights(usual) for one in arms):
        return None
    return Assigned(experiment.id, name, arm.weights(usual), chances(arms, usual))


def _hold(experiment: Experiment, before: JsonValue) -> Proposal:
    """What stands in the ledger while it runs, so that nobody else changes the parameter."""
    definition = experiment.definition
    tried = next(arm for arm in reversed(definition.arms) if arm.options is not None)
    after = _normal(tried.options or {})
    if after == before:
        raise Conflict(
            f"{tried.name} is what is in force already",
            field="arms",
            remedy="Try something else against it.",
        )
    limit = definition.effect
    return Proposal(
        hypothesis=definition.hypothesis,
        change=Change(parameter=experiment.parameter, before=before, after=after),
        scope=experiment.scope,
        evidence=(
            Evidence(
                kind="experiment", says=f"{definition.name} is being tried", ref=experiment.id
            ),
        ),
        expected=Effect(measure=MEASURE, estimate=0.0, low=-limit, high=limit),
        owner="experiments",
    )


def _harm(seen: Looked) -> str:
    """Why nothing more may be tried; empty: all is well."""
    if seen.mismatch:
        return "the arms did not get their shares of songs, so that they cannot be compared"
    if (breach := seen.breach) is not None:
        return (
            f"guardrail: {breach.metric} of {breach.arm} is {breach.difference:+.3f} "
            f"({breach.low:+.3f} to {breach.high:+.3f}) beside the control"
        )
    return ""


def _winner(experiment: Experiment, seen: Looked) -> tuple[Arm | None, Compared | None]:
    """The arm that won, and what shows it; the control wins where every treatment is worse."""
    arms = {arm.name: arm for arm in experiment.definition.arms}
    better = [one for one in seen.compared if one.verdict == "better"]
    if better:
        best = max(better, key=lambda one: one.difference)
        return arms[best.arm], best
    worse = [one for one in seen.compared if one.verdict == "worse"]
    if worse and len(worse) == len(arms) - 1:
        return experiment.definition.arms[0], max(worse, key=lambda one: one.difference)
    return None, None


def _effect(shown: Compared, sign: float) -> Effect:
    low, high = sorted((sign * shown.low, sign * shown.high))
    return Effect(
        measure=MEASURE,
        estimate=sign * shown.difference,
        low=low,
        high=high,
        observations=shown.control.count + shown.treatment.count,
    )


def _normal(options: Mapping[str, float]) -> dict[str, JsonValue]:
    total = sum(options.values())
    return {option: weight / total for option, weight in options.items()}
