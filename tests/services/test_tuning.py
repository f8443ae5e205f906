from __future__ import annotations

import random
from datetime import timedelta

import pytest

from domain.actor import OPERATOR, SYSTEM
from domain.adaptation import REST, REST_AFTER_REVERSAL, AdaptationStatus, Scope
from domain.alert import Finding
from domain.artist import Artist
from domain.choice import CreativeChoice
from domain.release import ReleaseStatus
from domain.work import WorkStatus
from runtime.shared.build import Shared
from services.adaptations import AdaptationService
from services.alert_probes import AlertLimits, probes
from services.sound import own_forms, pack_of
from services.tuner import FEWEST_SONGS
from services.tuning import HEARD_FOR, PARAMETER, TuningService
from services.vitals import VitalsService
from tests.services.build import artist
from tests.store import nouns
from tests.support import label as play
from tests.support.label import TestLabel

LISTENERS = 10
GOOD, BAD = 0.6, 0.1


class Stage:
    """An artist whose songs are heard; `liked` is the share of likes of each form."""

    def __init__(self, label: TestLabel, who: Artist) -> None:
        self.label, self.who = label, who
        self.forms: tuple[str, ...] = ()
        self.songs = 0
        self.rng = random.Random(5)
        self.ledger = AdaptationService(label.database, label.clock)
        self.tuning = TuningService(label.database, label.clock, self.ledger, label.artists)

    @property
    def scope(self) -> Scope:
        return Scope(artist_id=self.who.id, genre="synthwave")

    async def open(self) -> None:
        profile = (await self.label.artists.profile(OPERATOR, self.who.id)).profile
        self.forms = tuple(form.id for form in own_forms(pack_of(profile), profile))
        self.run = await play.cycle(self.label, self.who)

    async def hears(self, songs: int, liked: dict[str, float]) -> None:
        """So many songs come out and are heard; then a week goes by."""
        now = self.label.clock.now()
        weights = [1 / len(self.forms)] * len(self.forms)
        async with self.label.database.unit() as unit:
            for _ in range(songs):
                self.songs += 1
                number, form = self.songs, self.rng.choice(self.forms)
                times = {"created_at": now, "updated_at": now, "artist_id": self.who.id}
                choice = CreativeChoice(
                    name="form", options=self.forms, probabilities=tuple(weights),
                    chosen=form, seed=number,
                )  # fmt: skip
                work = nouns.work().model_copy(
                    update={"id": f"work_t{number:03}", "run_id": self.run.id, "revises": None,
                            "status": WorkStatus.RELEASED, "choices": (choice,)} | times
                )  # fmt: skip
                release = nouns.release().model_copy(
                    update={"id": f"release_t{number:03}", "run_id": self.run.id, "live_at": now,
                            "work_ids": (work.id,), "status": ReleaseStatus.LIVE} | times
                )  # fmt: skip
                await unit.works.add(work)
                await unit.releases.add(release)
                chance = liked.get(form, BAD)
                for person in range(LISTENERS):
                    kinds = ["play", "like"] if self.rng.random() < chance else ["play"]
                    for kind in kinds:
                        done = {
                            "id": f"audience_{number:03}_{person:02}_{kind}", "kind": kind,
                            "release_id": release.id, "work_id": work.id, "post_id": None,
                            "visitor_id": f"visitor_{person}", "perceived_in_run": None,
                        }  # fmt: skip
                        event = nouns.audience().model_copy(update=done | times)
                        await unit.audience.add(event)
            await unit.commit()
        self.label.clock.advance(HEARD_FOR + timedelta(hours=1))


@pytest.fixture
async def stage(label: TestLabel) -> Stage:
    stage = Stage(label, await artist(label))
    await stage.open()
    return stage


async def test_what_the_audience_likes_is_drawn_more_often_by_an_entry(stage: Stage) -> None:
    assert len(stage.forms) > 1
    best = stage.forms[0]
    await stage.hears(FEWEST_SONGS - 1, {best: GOOD})
    assert await stage.tuning.tune_all(SYSTEM) == []
    await stage.hears(60, {best: GOOD})
    [entry] = await stage.tuning.tune_all(SYSTEM)
    assert entry.status is AdaptationStatus.ACTIVE
    assert entry.proposal.expected.low > 0.0
    weights = await stage.ledger.value(SYSTEM, PARAMETER, stage.scope)
    assert isinstance(weights, dict)
    assert max(weights, key=lambda form: float(str(weights[form]))) == best
    # It waits until enough songs were made with it.
    assert await stage.tuning.tune_all(SYSTEM) == []


async def test_an_entry_that_holds_good_is_confirmed(
    stage: Stage,
) -> None:
    best = stage.forms[0]
    await stage.hears(100, {best: GOOD})
    [entry] = await stage.tuning.tune_all(SYSTEM)
    await stage.hears(20, dict.fromkeys(stage.forms, GOOD))
    [kept] = await stage.tuning.tune_all(SYSTEM)
    assert (kept.id, kept.status) == (entry.id, AdaptationStatus.CONFIRMED)
    assert kept.observed is not None
    assert kept.observed.low > 0.0


async def test_an_entry_that_harms_is_reverted_and_what_was_before_counts(stage: Stage) -> None:
    await stage.hears(100, {stage.forms[0]: GOOD})
    [entry] = await stage.tuning.tune_all(SYSTEM)
    await stage.hears(30, dict.fromkeys(stage.forms, 0.01))
    [undone] = await stage.tuning.tune_all(SYSTEM)
    assert (undone.id, undone.status) == (entry.id, AdaptationStatus.REVERTED)
    assert "fell" in undone.reason
    assert await stage.ledger.value(SYSTEM, PARAMETER, stage.scope) is None
    stage.label.clock.advance(REST)
    assert await stage.tuning.tune_all(SYSTEM) == []


async def test_where_forms_do_not_matter_a_gain_is_not_claimed(stage: Stage) -> None:
    await stage.hears(80, dict.fromkeys(stage.forms, 0.3))
    for entry in await stage.tuning.tune_all(SYSTEM):
        assert entry.proposal.expected.low <= 0.0


async def test_a_lasting_fall_undoes_what_was_learnt_and_says_why(stage: Stage) -> None:
    best = stage.forms[0]
    for _ in range(30):
        await stage.hears(6, {best: GOOD})
    [entry] = await stage.tuning.tune_all(SYSTEM)
    await stage.hears(12, {best: GOOD})
    [kept] = await stage.tuning.tune_all(SYSTEM)
    assert kept.status is AdaptationStatus.CONFIRMED
    for _ in range(10):
        await stage.hears(6, dict.fromkeys(stage.forms, 0.02))
    [undone] = await stage.tuning.tune_all(SYSTEM)
    assert (undone.id, undone.status) == (entry.id, AdaptationStatus.REVERTED)
    assert "fell for good from" in undone.reason
    assert await stage.ledger.value(SYSTEM, PARAMETER, stage.scope) is None
    [alert] = await _found_of_learning(stage.label)
    assert (alert.rule, alert.subject) == ("adaptation_reverted", entry.id)
    assert undone.reason in alert.summary
    # What was learnt of an audience that is gone is not learnt again from the same log.
    stage.label.clock.advance(REST_AFTER_REVERSAL)
    assert await stage.tuning.tune_all(SYSTEM) == []
    stage.label.clock.advance(timedelta(hours=1))
    assert await _found_of_learning(stage.label) == []


async def test_a_steady_audience_raises_no_alarm(stage: Stage) -> None:
    for _ in range(40):
        await stage.hears(6, dict.fromkeys(stage.forms, 0.3))
    for _ in range(3):
        done = await stage.tuning.tune_all(SYSTEM)
        assert not [entry for entry in done if entry.status is AdaptationStatus.REVERTED]


async def _found_of_learning(label: TestLabel) -> list[Finding]:
    vitals = VitalsService(label.database, label.clock, label.engine, label.operations)
    watched = probes(vitals, label.database, label.clock, Shared(), AlertLimits())
    [learning] = [p for p in watched if "adaptation_reverted" in p.rules]
    return list(await learning.look())
