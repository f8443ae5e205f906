from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from domain.actor import OPERATOR, SYSTEM, Actor, artist_actor
from domain.adaptation import AdaptationStatus, Scope
from domain.artist import Artist
from domain.errors import Conflict, Forbidden, IllegalTransition, InvalidInput
from domain.experiment import Experiment, ExperimentStatus
from domain.release import ReleaseStatus
from domain.run import RunStatus
from domain.work import WorkStatus
from graphs.cycle.conceive import chosen_form
from services.adaptations import AdaptationService
from services.alert_probes import AlertLimits, probes
from services.experiments import ExperimentService, Song, read_definition
from services.sound import own_forms, pack_of
from services.tuning import HEARD_FOR, PARAMETER
from tests.services.build import artist
from tests.store import nouns
from tests.support.label import TestLabel

S = ExperimentStatus


class Trying:
    """A label with an artist whose songs an experiment decides on."""

    def __init__(self, label: TestLabel, who: Artist) -> None:
        self.label, self.who, self.songs = label, who, 0
        self.ledger = AdaptationService(label.database, label.clock)
        self.service = ExperimentService(label.database, label.clock, self.ledger)
        self.rng = random.Random(7)
        self.usual: dict[str, float] = {}

    async def open(self) -> None:
        profile = (await self.label.artists.profile(OPERATOR, self.who.id)).profile
        self.usual = {f.id: f.weight for f in own_forms(pack_of(profile), profile)}

    @property
    def scope(self) -> Scope:
        return Scope(artist_id=self.who.id, genre="synthwave")

    def wish(self, **changes: Any) -> dict[str, Any]:
        first = next(iter(self.usual))
        return {
            "name": "one form",
            "hypothesis": "This form moves more people.",
            "parameter": PARAMETER,
            "scope": {"artist_id": self.who.id, "genre": "synthwave"},
            "arms": [{"name": "as it is"}, {"name": "always", "options": {first: 2.0}}],
            "guardrails": [{"metric": "failure", "limit": 0.1}],
            "effect": 0.2,
        } | changes

    async def made(self, **changes: Any) -> Experiment:
        return await self.service.create(OPERATOR, read_definition(self.wish(**changes)))

    async def running(self, **changes: Any) -> Experiment:
        return await self.service.start(OPERATOR, (await self.made(**changes)).id)

    async def sings(self, songs: int, liked: dict[str, float], failing: str = "") -> None:
        """So many songs get an arm, come out and are heard; then a week goes by."""
        now = self.label.clock.now()
        times = {"created_at": now, "updated_at": now, "artist_id": self.who.id}
        for _ in range(songs):
            self.songs += 1
            x = f"{self.songs:03}"
            song = Song(self.who.id, "synthwave", f"work_t{x}", f"run_t{x}")
            given = await self.service.assign(
                artist_actor(self.who.id), PARAMETER, song, self.usual
            )
            assert given is not None
            status = RunStatus.FAILED if given.arm == failing else RunStatus.SUCCEEDED
            async with self.label.database.unit() as unit:
                await unit.runs.add(nouns.run(song.run_id, (self.who.id,), status=status))
                work = nouns.work().model_copy(
                    update={"id": song.work_id, "run_id": song.run_id, "revises": None,
                            "status": WorkStatus.RELEASED, "choices": ()} | times
                )  # fmt: skip
                release = nouns.release().model_copy(
                    update={"id": f"release_t{x}", "run_id": song.run_id, "live_at": now,
                            "work_ids": (work.id,), "status": ReleaseStatus.LIVE} | times
                )  # fmt: skip
                await unit.works.add(work)
                await unit.releases.add(release)
                for person in range(6):
                    moved = self.rng.random() < liked.get(given.arm, 0.2)
                    for kind in ("play", "like") if moved else ("play",):
                        done = {
                            "id": f"audience_{x}_{person}_{kind}", "kind": kind,
                            "release_id": release.id, "work_id": work.id, "post_id": None,
                            "visitor_id": f"visitor_{person}", "perceived_in_run": None,
                        }  # fmt: skip
                        await unit.audience.add(nouns.audience().model_copy(update=done | times))
                await unit.commit()
        self.label.clock.advance(HEARD_FOR + timedelta(hours=1))


@pytest.fixture
async def trying(label: TestLabel) -> Trying:
    trying = Trying(label, await artist(label))
    await trying.open()
    return trying


async def test_what_is_wrong_is_named_with_its_remedy(trying: Trying) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"parameter": "choice.weather"}, "parameter"),
        ({"arms": [{"name": "a"}, {"name": "b", "options": {"nothing": 1}}]}, "arms.1.options"),
        ({"effect": -1}, "effect"),
        ({"scope": {"genre": "no-such"}}, "genre"),
        ({"guardrails": [{"metric": "fame", "limit": 1}]}, "guardrails.0.metric"),
    ]
    for change, field in cases:
        with pytest.raises(InvalidInput) as refused:
            await trying.made(**change)
        assert refused.value.field == field
        assert refused.value.remedy


async def test_its_size_is_told_before_and_nothing_begins_by_writing_it_down(
    trying: Trying,
) -> None:
    one = await trying.made()
    assert (one.status, one.plan.measured_on) == (S.DRAFT, 0)
    assert one.plan.per_arm >= 100
    smaller = await trying.made(effect=0.05)
    assert smaller.plan.per_arm > 4 * one.plan.per_arm / 2
    song = Song(trying.who.id, "synthwave", "work_x", "run_x")
    assert await trying.service.assign(SYSTEM, PARAMETER, song, trying.usual) is None


async def test_it_decides_what_is_drawn_always_the_same_and_says_how_likely_it_was(
    trying: Trying,
) -> None:
    one = await trying.running()
    first = next(iter(trying.usual))
    profile = (await trying.label.artists.profile(OPERATOR, trying.who.id)).profile
    arms = set()
    for number in range(24):
        song = Song(trying.who.id, "synthwave", f"work_x{number}", f"run_x{number}")
        given = await trying.service.assign(SYSTEM, PARAMETER, song, trying.usual)
        again = await trying.service.assign(SYSTEM, PARAMETER, song, trying.usual)
        assert given is not None
        assert given == again
        _, choice = chosen_form(pack_of(profile), profile, number, None, None, given)
        assert choice.reason == f"{one.id} tries {given.arm}"
        assert min(choice.probabilities) > 0
        assert given.arm != "always" or choice.chosen == first
        arms.add(given.arm)
    assert arms == {"as it is", "always"}
    async with trying.label.database.unit() as unit:
        assert len(await unit.exposures.of_experiment(one.id)) == 24
    other = Song("artist_other", "synthwave", "work_y", "run_y")
    assert await trying.service.assign(SYSTEM, PARAMETER, other, trying.usual) is None


async def test_it_and_a_tuner_never_hold_the_parameter_at_once(trying: Trying) -> None:
    one = await trying.running()
    proposal = nouns.adaptation(of=trying.who.id).proposal
    mine = proposal.model_copy(update={"scope": trying.scope})
    with pytest.raises(Conflict, match="held by experiments"):
        await trying.ledger.propose(SYSTEM, mine)
    with pytest.raises(Conflict, match="held by experiments"):
        await trying.running()
    await trying.service.stop(OPERATOR, one.id, "changed my mind")
    entry = await trying.ledger.propose(SYSTEM, mine)
    with pytest.raises(Conflict, match="held by bandit"):
        await trying.running()
    assert entry.status is AdaptationStatus.PROPOSED


async def test_a_winner_is_proposed_and_only_a_person_brings_it_into_force(
    trying: Trying,
) -> None:
    one = await trying.running()
    await trying.sings(250, {"always": 0.7, "as it is": 0.2})
    [seen] = await trying.service.evaluate_all(SYSTEM)
    assert (seen.id, seen.status) == (one.id, S.CONCLUDED)
    assert seen.result is not None
    assert seen.result.winner == "always"
    assert seen.result.effect is not None
    assert seen.result.effect.low > 0
    assert await trying.ledger.value(SYSTEM, PARAMETER, trying.scope) is None
    entry = await trying.service.accept(OPERATOR, one.id)
    assert entry.status is AdaptationStatus.CONFIRMED
    assert entry.observed == seen.result.effect
    first = next(iter(trying.usual))
    assert await trying.ledger.value(SYSTEM, PARAMETER, trying.scope) == {first: 1.0}


async def test_a_guardrail_ends_it_by_itself_and_raises_an_alert(trying: Trying) -> None:
    one = await trying.running()
    await trying.sings(250, {}, failing="always")
    [seen] = await trying.service.evaluate_all(SYSTEM)
    assert seen.status is S.STOPPED
    assert "guardrail: failure of always" in seen.reason
    entries = await trying.ledger.page(OPERATOR, status=AdaptationStatus.REJECTED)
    assert [entry.id for entry in entries] == [seen.hold_id]
    look = probes(None, trying.label.database, trying.label.clock, None, AlertLimits())  # type: ignore[arg-type]
    probe = next(p for p in look if "experiment_stopped" in p.rules)
    assert [finding.subject for finding in await probe.look()] == [one.id]
    trying.label.clock.advance(timedelta(days=8))
    assert await probe.look() == []


async def test_it_starts_when_it_should_is_looked_at_daily_and_ends_on_time(
    trying: Trying,
) -> None:
    now = trying.label.clock.now()
    times = {"starts_at": now + timedelta(days=1), "ends_at": now + timedelta(days=4)}
    one = await trying.made(**times)
    assert one.status is S.SCHEDULED
    assert await trying.service.evaluate_all(SYSTEM) == []
    trying.label.clock.advance(timedelta(days=1))
    [begun] = await trying.service.evaluate_all(SYSTEM)
    assert begun.status is S.RUNNING
    # Another process after a kill: what is stored is all that it needs.
    other = ExperimentService(trying.label.database, trying.label.clock, trying.ledger)
    assert len((await other.evaluate_all(SYSTEM))[0].looks) == 1
    assert await other.evaluate_all(SYSTEM) == []
    trying.label.clock.advance(timedelta(days=1))
    assert len((await other.evaluate_all(SYSTEM))[0].looks) == 2
    trying.label.clock.advance(timedelta(days=2))
    [ended] = await other.evaluate_all(SYSTEM)
    assert ended.status is S.CONCLUDED
    assert ended.result is not None
    assert ended.result.winner is None
    with pytest.raises(IllegalTransition):
        await trying.service.stop(OPERATOR, one.id, "late")


async def test_only_who_may_evaluate_this_artist_may_try_anything(trying: Trying) -> None:
    one = await trying.made()
    reader = Actor(kind="operator", id="user_r", rights=frozenset({"read"}))
    limited = Actor(
        kind="operator", id="user_l", rights=OPERATOR.rights, artists=frozenset({"artist_other"})
    )
    for actor in (reader, limited):
        with pytest.raises(Forbidden):
            await trying.service.create(actor, one.definition)
        with pytest.raises(Forbidden):
            await trying.service.start(actor, one.id)
        with pytest.raises(Forbidden):
            await trying.service.stop(actor, one.id, "no")
    assert (await trying.service.get(reader, one.id)).id == one.id
    assert await trying.service.page(limited) == []
    with pytest.raises(Forbidden):
        await trying.service.get(limited, one.id)
