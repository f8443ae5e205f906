from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from typing import Any

import pytest

from domain.actor import OPERATOR, SYSTEM
from domain.errors import (
    Conflict,
    DiskFull,
    Forbidden,
    InvalidInput,
    NotFound,
    PartMissing,
    ProviderUnavailable,
    Unauthenticated,
)
from domain.generation import GenerationJob, GenerationStatus
from domain.requests import SongRequest
from services.generation.service import OTHERWISE
from services.generation.song import GenerationRules, MadeBy, usual_song
from tests.services.generation.house import ARTIST, KEY, House, house_of
from tests.support.label import TestLabel
from tools.vendors.scripted_music import SIGNATURE, Fault, sign


def open_house(label: TestLabel, rules: GenerationRules | None = None, **script: Any) -> House:
    return house_of(label.database, label.clock, label.home, rules, **script)


async def connected(label: TestLabel, rules: GenerationRules | None = None, **s: Any) -> House:
    house = open_house(label, rules, **s)
    await house.connect()
    return house


def statuses(jobs: list[GenerationJob]) -> list[tuple[str, str]]:
    return [(job.provider, job.status.value) for job in jobs]


async def test_without_a_provider_the_embedded_engine_makes_it(label: TestLabel) -> None:
    house = open_house(label, alpha=[])
    made = await house.make()
    assert made.embedded
    assert made.capabilities.name == "plain"
    assert made.generated.files[0].path.is_file()
    assert "embedded" in made.route.why
    assert statuses(await house.jobs()) == [("plain", "done")]
    assert house.far["alpha"].submits == []


async def test_a_connected_provider_makes_it_and_its_bill_counts(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    house.far["alpha"].tells_bill = True
    made = await house.make()
    assert not made.embedded
    assert made.capabilities.name == "alpha"
    assert made.generated.files[0].path.stat().st_size > 1000
    [job] = await house.jobs()
    assert (job.status, job.cost_usd, job.cost_basis) == (GenerationStatus.DONE, 0.25, "billed")
    assert job.id == made.job_id
    assert (job.artist_id, job.run_id, job.work_id) == ("artist_01", "run_01", "work_01")
    spent = await label.usage.spent_by_artist("artist_01", label.clock.now() - timedelta(days=1))
    assert spent.cost_usd == 0.25


async def test_a_list_price_is_not_called_a_bill(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    await house.make()
    [job] = await house.jobs()
    assert (job.status, job.cost_usd, job.cost_basis) == (GenerationStatus.DONE, 0.25, "quoted")


@pytest.mark.parametrize(
    ("cost", "counted", "basis"),
    [(None, 0.25, "quoted"), (0.31, 0.31, "billed"), (0, 0, "nothing")],
)
async def test_only_a_told_cost_is_called_a_bill(
    label: TestLabel, cost: float | None, counted: float, basis: str
) -> None:
    house = await connected(label, alpha=[Fault.BILLED_AND_SILENT])
    await house.make()
    [unknown] = await house.generation.jobs(OPERATOR, unknown=True)
    settled = await house.generation.settle(OPERATOR, unknown.id, "done", cost)
    assert (settled.cost_usd, settled.cost_basis) == (counted, basis)


async def test_the_row_is_committed_before_anything_is_sent(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    seen: list[list[tuple[str, str]]] = []
    client = house.connections.client("alpha")
    assert client is not None
    submit = client.submit

    async def look_then_submit(*args: Any) -> str:
        seen.append(statuses(await house.jobs()))
        return await submit(*args)

    client.submit = look_then_submit  # type: ignore[method-assign, assignment]
    await house.make()
    assert seen == [[("alpha", "sending")]]


async def test_the_same_key_again_gives_the_same_song_and_sends_nothing(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    first = await house.make()
    again = await house.restarted().make()
    assert again.job_id == first.job_id
    assert again.generated.files == first.generated.files
    assert len(house.far["alpha"].submits) == 1


async def test_lost_files_are_fetched_again_and_not_made_again(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    await house.make()
    shutil.rmtree(label.home / "scratch")
    again = await house.restarted().make()
    assert again.generated.files[0].path.is_file()
    assert len(house.far["alpha"].submits) == 1
    assert house.far["alpha"].billed_usd == 0.25


async def test_a_paid_song_that_cannot_be_fetched_now_stops_the_run(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.NONE], beta=[])
    await house.make()
    shutil.rmtree(label.home / "scratch")
    [order] = house.far["alpha"].orders.values()
    order.fault = Fault.FETCH_DOWN
    with pytest.raises(ProviderUnavailable):
        await house.restarted().make()
    assert house.far["beta"].submits == []
    order.fault = Fault.NONE
    assert (await house.restarted().make()).capabilities.name == "alpha"


async def test_a_song_lost_here_and_there_still_counts_what_it_cost(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    made = await house.make()
    shutil.rmtree(made.generated.files[0].path.parent)
    [order] = house.far["alpha"].orders.values()
    order.fault = Fault.DIES_MID_JOB
    assert (await house.restarted().make()).embedded
    lost = (await house.jobs())[0]
    assert (lost.status, lost.cost_usd, lost.cost_basis) == (
        GenerationStatus.FAILED,
        0.25,
        "quoted",
    )


def changed_song() -> SongRequest:
    """The same song as an upgrade in the meantime would ask for it."""
    request = usual_song()
    assert request.ask is not None
    ask = request.ask.model_copy(update={"style": "A pop song, otherwise described."})
    return request.model_copy(update={"ask": ask})


async def test_a_made_song_is_kept_although_it_would_be_ordered_otherwise_now(
    label: TestLabel,
) -> None:
    house = await connected(label, alpha=[])
    first = await house.make()
    again = await house.restarted().make(changed_song())
    assert again.job_id == first.job_id
    assert "before the request changed" not in first.route.why
    assert again.route.why == f"{first.route.why}; {OTHERWISE}"
    assert await house.restarted().make(changed_song()) == again
    assert len(house.far["alpha"].submits) == 1
    told = [e for e in await house.told() if OTHERWISE in str(e.data.get("why"))]
    assert len(told) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault.DOWN,
        Fault.REFUSED_KEY,
        Fault.NO_CREDIT,
        Fault.POLICY,
        Fault.INPUT,
        Fault.DIES_MID_JOB,
        Fault.DIES_OF_OVERLOAD,
        Fault.HTML,
        Fault.EMPTY,
    ],
)
async def test_a_provider_that_fails_gives_way_to_the_next(label: TestLabel, fault: Fault) -> None:
    house = await connected(label, alpha=[fault], beta=[])
    made = await house.make()
    assert made.capabilities.name == "beta"
    assert statuses(await house.jobs()) == [("alpha", "failed"), ("beta", "done")]
    [failed, _] = await house.jobs()
    assert failed.failure is not None
    assert failed.failure.message in made.route.why
    assert len(house.far["alpha"].submits) == 1


async def test_when_all_fail_the_embedded_engine_makes_it(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.DOWN], beta=[Fault.INPUT], gamma=[Fault.HTML])
    made = await house.make()
    assert made.embedded
    assert [p for p, _ in statuses(await house.jobs())] == ["alpha", "beta", "gamma", "plain"]


async def test_what_never_arrived_costs_nothing_and_what_did_may_have(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.DOWN], beta=[Fault.DIES_MID_JOB])
    await house.make()
    [never, arrived, _] = await house.jobs()
    assert (never.cost_usd, never.cost_basis) == (0.0, "nothing")
    assert (arrived.cost_usd, arrived.cost_basis) == (0.26, "possibly")


async def test_billed_and_silent_is_unknown_and_nobody_else_is_paid(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.BILLED_AND_SILENT], beta=[])
    made = await house.make()
    assert made.embedded
    assert "already be paid" in made.route.why
    assert house.far["beta"].submits == []
    [lost, _] = await house.jobs()
    assert lost.status is GenerationStatus.OUTCOME_UNKNOWN
    assert (lost.cost_usd, lost.cost_basis) == (0.25, "possibly")
    assert house.far["alpha"].billed_usd == 0.25
    # Again, in a new process: still nothing is sent to anybody.
    await house.restarted().make()
    assert len(house.far["alpha"].submits) == 1
    assert house.far["beta"].submits == []


async def test_a_free_provider_may_help_out_where_paying_twice_is_feared(
    label: TestLabel,
) -> None:
    house = open_house(label, alpha=[Fault.BILLED_AND_SILENT], own=[])
    house.far["own"].price_usd = 0.0
    house = house.restarted(rules=GenerationRules(preference=("alpha",)))
    await house.connect()
    assert (await house.make()).capabilities.name == "own"


async def test_what_is_free_has_no_bill_to_fear(label: TestLabel) -> None:
    house = open_house(label, own=[Fault.BILLED_AND_SILENT], paid=[])
    house.far["own"].price_usd = 0.0
    await house.connect()
    assert (await house.make()).capabilities.name == "paid"
    assert statuses(await house.jobs()) == [("own", "failed"), ("paid", "done")]
    assert await house.generation.jobs(OPERATOR, unknown=True) == []


async def test_a_full_disk_before_sending_leaves_no_doubt(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    client = house.connections.client("alpha")
    assert client is not None

    async def full(*_: object) -> str:
        raise DiskFull("99 MB are free", sent=False)

    client.submit = full  # type: ignore[method-assign, assignment]
    with pytest.raises(DiskFull):
        await house.make()
    [job] = await house.jobs()
    assert (job.status, job.cost_usd, job.cost_basis) == (GenerationStatus.FAILED, 0.0, "nothing")
    # With room again the same provider makes it.
    assert (await house.restarted().make()).capabilities.name == "alpha"


async def test_an_unknown_outcome_holds_only_for_its_own_song(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.BILLED_AND_SILENT])
    await house.make()
    assert (await house.make(key="work_02-song-0")).capabilities.name == "alpha"


class Crash(BaseException):
    """The process dies here."""


async def crash_while(house: House, method: str, *, after: bool) -> None:
    """Make a song and die before or after the client's call."""
    client = house.connections.client("alpha")
    assert client is not None
    real = getattr(client, method)

    async def die(*args: Any) -> Any:
        if after:
            await real(*args)
        raise Crash

    setattr(client, method, die)
    with pytest.raises(Crash):
        await house.make()


async def test_a_crash_after_the_request_arrived_finds_the_job_again(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    await crash_while(house, "submit", after=True)
    assert statuses(await house.jobs()) == [("alpha", "sending")]
    made = await house.restarted().make()
    assert made.capabilities.name == "alpha"
    assert len(house.far["alpha"].submits) == 1
    assert house.far["alpha"].billed_usd == 0.25


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_crash_that_nobody_can_clear_up_is_never_resent(
    label: TestLabel, arrived: bool
) -> None:
    house = await connected(label, alpha=[], beta=[])
    house.far["alpha"].finds = False
    await crash_while(house, "submit", after=arrived)
    made = await house.restarted().make()
    assert made.embedded
    assert len(house.far["alpha"].submits) == int(arrived)
    assert house.far["beta"].submits == []
    assert statuses(await house.jobs())[0] == ("alpha", "outcome_unknown")


@pytest.mark.parametrize("method", ["poll", "fetch"])
@pytest.mark.parametrize("after", [False, True])
async def test_a_crash_later_goes_on_with_the_same_job(
    label: TestLabel, method: str, after: bool
) -> None:
    house = await connected(label, alpha=[])
    await crash_while(house, method, after=after)
    made = await house.restarted().make()
    assert made.capabilities.name == "alpha"
    assert len(house.far["alpha"].submits) == 1
    assert statuses(await house.jobs()) == [("alpha", "done")]


@pytest.mark.parametrize("method", ["submit", "poll", "fetch"])
async def test_a_crash_and_an_upgrade_go_on_with_the_paid_job(
    label: TestLabel, method: str
) -> None:
    house = await connected(label, alpha=[])
    await crash_while(house, method, after=True)
    made = await house.restarted().make(changed_song())
    assert made.capabilities.name == "alpha"
    assert OTHERWISE in made.route.why
    assert len(house.far["alpha"].submits) == 1


async def test_a_job_goes_on_after_its_provider_was_disconnected(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    await crash_while(house, "poll", after=True)
    house = house.restarted()
    await house.providers.disconnect(OPERATOR, "alpha")
    made = await house.make()
    assert made.embedded
    assert statuses(await house.jobs()) == [("alpha", "outcome_unknown"), ("plain", "done")]


async def test_a_job_that_never_ends_is_left_at_the_deadline(label: TestLabel) -> None:
    rules = GenerationRules(deadline_s=120.0)
    house = await connected(label, rules, alpha=[Fault.NEVER_ENDS], beta=[])
    begun = label.clock.now()
    made = await house.make()
    assert made.embedded
    took_s = (label.clock.now() - begun).total_seconds()
    assert 120.0 <= took_s <= 120.0 + 16.0
    [job, _] = await house.jobs()
    assert job.status is GenerationStatus.OUTCOME_UNKNOWN
    assert job.provider_job_id is not None
    assert "120 s" in (job.failure.message if job.failure else "")


async def test_polls_grow_rarer(label: TestLabel) -> None:
    house = await connected(label, GenerationRules(deadline_s=600.0), alpha=[Fault.NEVER_ENDS])
    await house.make()
    [order] = house.far["alpha"].orders.values()
    assert 600 / 15 - 5 <= order.polls <= 60


async def test_a_poll_that_fails_for_a_while_is_asked_again(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.POLL_DOWN])
    client = house.connections.client("alpha")
    assert client is not None
    real = client.poll

    async def mend_later(job_id: str) -> Any:
        [order] = house.far["alpha"].orders.values()
        if order.polls >= 3:
            order.fault = Fault.NONE
        return await real(job_id)

    client.poll = mend_later  # type: ignore[method-assign]
    assert (await house.make()).capabilities.name == "alpha"
    assert len(house.far["alpha"].submits) == 1


async def test_a_clock_that_is_set_gives_no_paid_song_up(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.POLL_DOWN])
    client = house.connections.client("alpha")
    assert client is not None
    real = client.poll

    async def set_forward(job_id: str) -> Any:
        label.clock.advance(timedelta(days=1))
        [order] = house.far["alpha"].orders.values()
        if order.polls >= 2:
            order.fault = Fault.NONE
        return await real(job_id)

    client.poll = set_forward  # type: ignore[method-assign]
    assert (await house.make()).capabilities.name == "alpha"


async def test_a_poll_that_stays_silent_leaves_the_outcome_unknown(label: TestLabel) -> None:
    house = await connected(label, GenerationRules(deadline_s=60.0), alpha=[Fault.POLL_DOWN])
    assert (await house.make()).embedded
    assert statuses(await house.jobs())[0] == ("alpha", "outcome_unknown")


async def test_a_suggested_style_is_tried_once(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.POLICY_WITH_SUGGESTION])
    made = await house.make()
    assert made.capabilities.name == "alpha"
    assert made.generated.facts["style"] == "Warm synths at 90 BPM."
    [refused, taken] = await house.jobs()
    assert refused.status is GenerationStatus.FAILED
    assert refused.failure is not None
    assert refused.failure.suggestion == "Warm synths at 90 BPM."
    assert taken.suggested
    assert taken.key != refused.key


async def test_a_second_suggestion_is_not_followed(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.POLICY_WITH_SUGGESTION] * 3)
    assert (await house.make()).embedded
    assert len(house.far["alpha"].submits) == 2


async def test_suggestions_can_be_switched_off(label: TestLabel) -> None:
    rules = GenerationRules(take_suggestions=False)
    house = await connected(label, rules, alpha=[Fault.POLICY_WITH_SUGGESTION])
    assert (await house.make()).embedded
    assert len(house.far["alpha"].submits) == 1


async def test_a_short_rate_limit_is_waited_for(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.RATE_LIMITED], beta=[])
    begun = label.clock.now()
    assert (await house.make()).capabilities.name == "alpha"
    assert (label.clock.now() - begun).total_seconds() >= 5.0
    keys = house.far["alpha"].submits
    assert len(set(keys)) == len(keys) == 2


async def test_a_rate_limit_is_waited_for_only_so_often(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.RATE_LIMITED] * 9, beta=[])
    assert (await house.make()).capabilities.name == "beta"
    assert len(house.far["alpha"].submits) == 3


async def test_a_long_rate_limit_gives_way_to_the_next(label: TestLabel) -> None:
    rules = GenerationRules(patience_s=2.0)
    house = await connected(label, rules, alpha=[Fault.RATE_LIMITED], beta=[])
    begun = label.clock.now()
    assert (await house.make()).capabilities.name == "beta"
    assert (label.clock.now() - begun).total_seconds() < 5.0


async def test_three_failures_open_the_circuit_and_time_closes_it(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.DOWN] * 3)
    for number in range(3):
        await house.make(key=f"song-{number}")
    made = await house.make(key="song-3")
    assert made.embedded
    assert "rests" in made.route.why
    assert len(house.far["alpha"].submits) == 3
    label.clock.advance(timedelta(seconds=61))
    assert (await house.make(key="song-4")).capabilities.name == "alpha"
    assert (await house.status("alpha")).health == "healthy"


async def test_after_a_rest_workers_send_one_song_between_them(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.DOWN] * 4)
    for number in range(3):
        await house.make(key=f"song-{number}")
    label.clock.advance(timedelta(seconds=61))
    house.far["alpha"].answers_after_s = 0.5
    workers = [house, house.restarted(), house.restarted()]
    made = await asyncio.gather(*(w.make(key=f"late-{n}") for n, w in enumerate(workers)))
    assert all(each.embedded for each in made)
    assert len(house.far["alpha"].submits) == 4, "one trial, which failed"
    label.clock.advance(timedelta(seconds=61))
    assert (await house.make(key="song-9")).embedded, "the second rest is longer"
    label.clock.advance(timedelta(seconds=61))
    assert (await house.make(key="song-10")).capabilities.name == "alpha"


@pytest.mark.parametrize("fault", [Fault.REFUSED_KEY, Fault.NO_CREDIT])
async def test_a_refused_key_stops_a_provider_until_a_person_acts(
    label: TestLabel, fault: Fault
) -> None:
    house = await connected(label, alpha=[fault])
    await house.make(key="song-0")
    label.clock.advance(timedelta(days=3))
    made = await house.make(key="song-1")
    assert made.embedded
    assert "waits for a person" in made.route.why
    status = await house.status("alpha")
    assert status.health == "stopped"
    assert status.remedy
    await house.connect()
    assert (await house.make(key="song-2")).capabilities.name == "alpha"


async def test_a_song_above_its_budget_is_made_by_the_embedded_engine(label: TestLabel) -> None:
    house = await connected(label, GenerationRules(budget_song_usd=0.2), alpha=[])
    made = await house.make()
    assert made.embedded
    assert "the song's budget" in made.route.why


async def test_budgets_of_the_day_count_songs_and_come_back_tomorrow(label: TestLabel) -> None:
    house = await connected(label, GenerationRules(budget_artist_usd_day=0.6), alpha=[])
    makers = [(await house.make(key=f"song-{n}")).capabilities.name for n in range(3)]
    assert makers == ["alpha", "alpha", "plain"]
    label.clock.advance(timedelta(hours=25))
    assert (await house.make(key="song-9")).capabilities.name == "alpha"


async def test_songs_at_the_same_time_do_not_spend_the_same_money(label: TestLabel) -> None:
    house = await connected(label, GenerationRules(budget_label_usd_day=0.6), alpha=[])
    made = await asyncio.gather(*(house.make(key=f"song-{n}") for n in range(5)))
    assert sum(not m.embedded for m in made) == 2
    assert house.far["alpha"].billed_usd == 0.5


async def test_two_calls_for_one_song_at_a_time_order_it_once(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    calls = (house.make(), house.restarted().make(), house.make())
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert len(house.far["alpha"].submits) == 1
    # A call that comes second may be told so, but nobody loses the song.
    assert any(isinstance(made, MadeBy) and not made.embedded for made in ended)
    assert all(isinstance(made, MadeBy | Conflict) for made in ended)
    assert [job.status for job in await house.jobs() if not job.embedded] == [GenerationStatus.DONE]


async def test_a_song_that_fails_the_gates_goes_to_the_next_provider(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.SILENCE], beta=[])
    first = await house.make()
    assert first.capabilities.name == "alpha"
    await house.generation.reject(ARTIST, first.job_id, ["it is silent"])
    await house.generation.reject(ARTIST, first.job_id, ["it is silent"])
    second = await house.make(refuse=frozenset({"alpha"}))
    assert second.capabilities.name == "beta"
    assert "it is silent" in second.route.why
    [rejected, _] = await house.jobs()
    assert rejected.status is GenerationStatus.REJECTED_BY_GATES
    assert rejected.cost_usd == 0.25
    # Forgetting to refuse does not bring it back.
    assert (await house.restarted().make()).capabilities.name == "beta"


async def test_the_next_provider_is_asked_only_within_the_songs_budget(label: TestLabel) -> None:
    rules = GenerationRules(budget_song_usd=0.4)
    house = await connected(label, rules, alpha=[Fault.SILENCE], beta=[])
    first = await house.make()
    await house.generation.reject(ARTIST, first.job_id, ["it is silent"])
    assert (await house.make(refuse=frozenset({"alpha"}))).embedded


async def test_revisions_of_a_work_share_one_budget(label: TestLabel) -> None:
    house = await connected(label, GenerationRules(budget_song_usd=0.6), alpha=[])
    makers = [(await house.make(key=f"work_01-song-{n}")).capabilities.name for n in range(3)]
    assert makers == ["alpha", "alpha", "plain"]


async def test_an_unknown_outcome_holds_for_later_revisions_of_its_work(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.BILLED_AND_SILENT], beta=[])
    await house.make(key="work_01-song-0")
    assert (await house.make(key="work_01-song-1")).embedded
    assert house.far["beta"].submits == []


async def test_preference_of_artist_and_label(label: TestLabel) -> None:
    rules = GenerationRules(preference=("beta",))
    house = await connected(label, rules, alpha=[], beta=[], gamma=[])
    assert (await house.make(key="song-0")).capabilities.name == "beta"
    made = await house.make(key="song-1", prefer=("gamma",))
    assert made.capabilities.name == "gamma"
    assert (await house.make(key="song-2", prefer=("plain",))).embedded


async def test_refusing_everybody_is_told_with_reasons(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.DOWN])
    with pytest.raises(ProviderUnavailable) as raised:
        await house.make(refuse=frozenset({"plain"}))
    assert "alpha" in raised.value.message
    assert "plain" in raised.value.message


async def test_the_embedded_engines_own_trouble_is_told_and_can_be_tried_again(
    label: TestLabel,
) -> None:
    house = open_house(label, alpha=[])
    house.engine.trouble = PartMissing("the sound font is missing")
    with pytest.raises(PartMissing):
        await house.make()
    assert statuses(await house.jobs()) == [("plain", "failed")]
    house.engine.trouble = None
    assert (await house.make()).embedded
    assert statuses(await house.jobs()) == [("plain", "done")]


async def test_the_embedded_song_is_not_made_twice(label: TestLabel) -> None:
    house = open_house(label, alpha=[])
    await house.make()
    await house.restarted().make()
    assert house.engine.made == 1
    # Nor does a provider that is connected since take the song over.
    await house.connect()
    assert (await house.make()).embedded


async def test_events_tell_who_is_at_work(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.DOWN])
    await house.make()
    told = [e for e in await house.told() if e.kind == "generation.changed"]
    said = [(e.data["provider"], e.data["status"]) for e in told]
    assert said == [
        ("alpha", "sending"),
        ("alpha", "failed"),
        ("plain", "sending"),
        ("plain", "submitted"),
        ("plain", "done"),
    ]
    assert {e.run_id for e in told} == {"run_01"}


async def test_a_person_settles_an_unknown_job(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.BILLED_AND_SILENT])
    await house.make()
    [unknown] = await house.generation.jobs(OPERATOR, unknown=True)
    settled = await house.generation.settle(OPERATOR, unknown.id, "done", 0.31)
    assert (settled.status, settled.cost_usd) == (GenerationStatus.DONE, 0.31)
    assert settled.settled_by == "operator:local"
    assert await house.generation.jobs(OPERATOR, unknown=True) == []
    with pytest.raises(Conflict):
        await house.generation.settle(OPERATOR, unknown.id, "failed")


async def test_settling_as_failed_opens_the_purse_again(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.LOST_BUT_NOT_SENT], beta=[])
    house.engine.trouble = PartMissing("the sound font is missing")
    with pytest.raises(PartMissing):
        await house.make()
    [unknown] = await house.generation.jobs(OPERATOR, unknown=True)
    await house.generation.settle(OPERATOR, unknown.id, "failed")
    made = await house.make()
    assert made.capabilities.name == "beta"
    assert next(j.cost_usd for j in await house.jobs()) == 0.0


async def test_a_song_settled_as_made_is_not_ordered_there_again(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.BILLED_AND_SILENT])
    house.engine.trouble = PartMissing("the sound font is missing")
    with pytest.raises(PartMissing):
        await house.make()
    [unknown] = await house.generation.jobs(OPERATOR, unknown=True)
    await house.generation.settle(OPERATOR, unknown.id, "done")
    house.engine.trouble = None
    made = await house.make()
    assert made.embedded
    assert len(house.far["alpha"].submits) == 1


@pytest.mark.parametrize("cost", [-1.0, float("nan"), float("inf"), 1e9])
async def test_a_cost_that_is_no_amount_is_refused(label: TestLabel, cost: float) -> None:
    house = await connected(label, alpha=[Fault.BILLED_AND_SILENT])
    await house.make()
    [unknown] = await house.generation.jobs(OPERATOR, unknown=True)
    with pytest.raises(InvalidInput) as raised:
        await house.generation.settle(OPERATOR, unknown.id, "done", cost)
    assert raised.value.field == "cost_usd"


async def test_only_the_operator_settles(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.BILLED_AND_SILENT])
    await house.make()
    [unknown] = await house.generation.jobs(OPERATOR, unknown=True)
    with pytest.raises(Forbidden):
        await house.generation.settle(ARTIST, unknown.id, "done")


async def test_looking_up_settles_what_the_provider_can_tell(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.BILLED_AND_SILENT])
    house.far["alpha"].polls_needed = 2
    await house.make()
    [unknown] = await house.generation.jobs(OPERATOR, unknown=True)
    still = await house.restarted().generation.look_up(OPERATOR, unknown.id)
    assert still.status is GenerationStatus.OUTCOME_UNKNOWN
    known = await house.restarted().generation.look_up(OPERATOR, unknown.id)
    assert (known.status, known.cost_basis) == (GenerationStatus.DONE, "quoted")
    assert len(house.far["alpha"].submits) == 1


async def test_a_song_found_later_is_brought_where_a_person_can_find_it(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.BILLED_AND_SILENT])
    house.far["alpha"].polls_needed = 1
    assert (await house.make()).embedded
    [unknown] = await house.generation.jobs(OPERATOR, unknown=True)
    known = await house.restarted().generation.look_up(OPERATOR, unknown.id)
    assert known.result is not None
    [file] = known.result.files
    assert file.path.parent == label.home / "scratch" / known.key
    assert file.path.stat().st_size > 1000
    assert known.failure is None
    assert await house.book.get(known.id) == known
    # Nothing is left to ask.
    with pytest.raises(Conflict):
        await house.generation.look_up(OPERATOR, known.id)


async def test_a_found_song_that_cannot_be_brought_is_brought_later(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.BILLED_AND_SILENT])
    house.far["alpha"].polls_needed = 1
    await house.make()
    [order] = house.far["alpha"].orders.values()
    order.fault = Fault.FETCH_DOWN
    [unknown] = await house.generation.jobs(OPERATOR, unknown=True)
    found = await house.generation.look_up(OPERATOR, unknown.id)
    assert (found.status, found.result, found.cost_usd) == (GenerationStatus.DONE, None, 0.25)
    assert found.failure is not None
    assert "download" in found.failure.message
    order.fault = Fault.NONE
    brought = await house.restarted().generation.look_up(OPERATOR, unknown.id)
    assert brought.failure is None
    assert brought.result is not None
    shutil.rmtree(brought.result.files[0].path.parent)
    assert (await house.restarted().generation.look_up(OPERATOR, unknown.id)).result is not None
    assert brought.result.files[0].path.is_file()
    assert len(house.far["alpha"].submits) == 1


async def test_looking_up_changes_nothing_where_the_provider_cannot_tell(
    label: TestLabel,
) -> None:
    house = await connected(label, alpha=[Fault.BILLED_AND_SILENT])
    house.far["alpha"].finds = False
    await house.make()
    [unknown] = await house.generation.jobs(OPERATOR, unknown=True)
    assert await house.generation.look_up(OPERATOR, unknown.id) == unknown


async def test_a_call_back_ends_the_waiting(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    house.far["alpha"].polls_needed = 4
    heard: list[float] = []

    async def sleep_for_long(seconds: float) -> None:
        heard.append(seconds)
        [job] = await house.jobs()
        body = (job.provider_job_id or "").encode()
        headers = {SIGNATURE: sign("whisper", body)}
        await house.generation.call_back("alpha", headers, body)
        await asyncio.sleep(30)

    house.bell._sleep = sleep_for_long
    async with asyncio.timeout(10):
        made = await house.make()
    assert made.capabilities.name == "alpha"
    assert len(heard) == 3


async def test_a_call_back_to_another_process_ends_the_waiting_soon(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    house.far["alpha"].polls_needed = 30
    other = house.restarted()
    sleeps: list[float] = []

    async def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        label.clock.advance(timedelta(seconds=seconds))
        [job] = await other.jobs()
        if len(sleeps) == 12:
            house.far["alpha"].polls_needed = 0
            body = (job.provider_job_id or "").encode()
            await other.generation.call_back("alpha", {SIGNATURE: sign("whisper", body)}, body)

    house.bell._sleep = sleep
    await house.make()
    assert len(sleeps) == 12
    assert max(sleeps) <= 2.0


async def test_a_call_back_that_is_not_signed_changes_nothing(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.NEVER_ENDS])
    await house.make()
    [job, _] = await house.jobs()
    body = (job.provider_job_id or "").encode()
    with pytest.raises(Unauthenticated):
        await house.generation.call_back("alpha", {SIGNATURE: "forged"}, body)
    assert (await house.jobs())[0] == job


async def test_a_call_back_clears_up_an_unknown_job_and_replaying_it_is_harmless(
    label: TestLabel,
) -> None:
    house = await connected(label, alpha=[Fault.NEVER_ENDS])
    await house.make()
    [job, _] = await house.jobs()
    house.far["alpha"].orders[job.provider_job_id or ""].fault = Fault.NONE
    body = (job.provider_job_id or "").encode()
    headers = {SIGNATURE: sign("whisper", body)}
    for _ in range(3):
        await house.generation.call_back("alpha", headers, body)
    [job, _] = await house.jobs()
    assert job.status is GenerationStatus.DONE
    assert job.settled_by == "system:system"
    spent = await label.usage.spent_by_label(label.clock.now() - timedelta(days=1))
    assert spent.cost_usd == 0.25


async def test_call_backs_about_strangers(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    await house.generation.call_back("alpha", {SIGNATURE: sign("whisper", b"x")}, b"x")
    for name in ("beta", "plain"):
        with pytest.raises(NotFound):
            await house.generation.call_back(name, {}, b"x")


async def test_a_song_without_words_for_it_stays_in_the_house(label: TestLabel) -> None:
    house = await connected(label, alpha=[])
    made = await house.make(usual_song().model_copy(update={"ask": None}))
    assert made.embedded
    assert "no score" in made.route.why


async def test_without_an_artist_only_song_and_label_budgets_count(label: TestLabel) -> None:
    house = await connected(label, GenerationRules(budget_artist_usd_day=0.3), alpha=[])
    for number in range(3):
        made = await house.generation.make(
            SYSTEM,
            usual_song(),
            key=f"free-{number}",
            out_dir=label.home / "scratch",
            progress=lambda stage, fraction: None,
        )
        assert made.capabilities.name == "alpha"


async def test_jobs_are_listed_by_work_and_newest_first(label: TestLabel) -> None:
    house = await connected(label, alpha=[Fault.DOWN])
    await house.make()
    of_work = await house.generation.jobs_of_work(OPERATOR, "work_01")
    assert statuses(of_work) == [("alpha", "failed"), ("plain", "done")]
    listed = await house.generation.jobs(OPERATOR, limit=1)
    assert listed == [of_work[1]]
    assert await house.generation.jobs(OPERATOR, after=listed[0].id) == [of_work[0]]
    assert await house.generation.job(OPERATOR, of_work[0].id) == of_work[0]
    assert KEY in of_work[0].key
