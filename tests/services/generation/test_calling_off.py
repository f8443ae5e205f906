from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.actor import OPERATOR, SYSTEM, artist_actor
from domain.errors import Forbidden
from domain.generation import GenerationJob, GenerationStatus
from domain.ports.providers import Generated, Progress
from domain.run import Run
from services.generation.calling_off import LETTING_GO, PATIENCE, SENDING, CallingOff
from services.generation.doorbell import Doorbell
from services.generation.service import GenerationService
from services.generation.song import usual_song
from tests.services import build
from tests.services.generation.house import KEY, House, house_of
from tests.support import label as play
from tests.support.label import TestLabel
from tools.vendors.scripted_music import Fault, PlainEngine

PRICE = 0.25


async def for_ever(_seconds: float = 0.0) -> None:
    await asyncio.Event().wait()


class PatientEngine(PlainEngine):
    """An embedded engine that never comes to an end."""

    async def fetch(self, job_id: str, progress: Progress) -> Generated:
        """Wait."""
        await for_ever()
        raise AssertionError("nobody waits so long")


async def cut_short(
    label: TestLabel, house: House, status: GenerationStatus, **script: Any
) -> tuple[Run, GenerationJob]:
    """A run whose worker was cut short while its job was of this status."""
    for name, value in script.items():
        setattr(house.far["alpha"], name, value)
    run = await play.cycle(label, await build.artist(label))
    generation = GenerationService(house.book, house.connections, house.engine, Doorbell(for_ever))
    making = asyncio.create_task(
        generation.make(
            artist_actor(run.artist_id),
            usual_song(),
            key=KEY,
            out_dir=house.home / "scratch",
            progress=lambda stage, fraction: None,
            artist_id=run.artist_id,
            run_id=run.id,
        )
    )
    async with asyncio.timeout(10):
        while not (jobs := await house.jobs()) or jobs[0].status is not status:
            await asyncio.sleep(0.01)
    making.cancel()
    await asyncio.gather(making, return_exceptions=True)
    return run, jobs[0]


async def stopped(label: TestLabel, run: Run, after: timedelta = LETTING_GO) -> None:
    await label.runs.cancel(OPERATOR, run.id)
    label.clock.advance(after)


def calling(house: House) -> CallingOff:
    return CallingOff(house.book, house.connections)


async def a_house(label: TestLabel, *faults: Fault) -> House:
    house = house_of(label.database, label.clock, label.home, alpha=list(faults))
    await house.connect()
    return house


async def test_a_job_of_a_stopped_run_is_called_off_and_its_price_counts(label: TestLabel) -> None:
    house = await a_house(label, Fault.NEVER_ENDS)
    run, job = await cut_short(label, house, GenerationStatus.RUNNING, stops=True)
    off = calling(house)
    assert await off.call_off(SYSTEM) == 0
    await stopped(label, run, after=timedelta())
    assert await off.call_off(SYSTEM) == 0, "its worker may still be at it"
    label.clock.advance(LETTING_GO)
    assert await off.call_off(SYSTEM) == 1
    [after] = await house.jobs()
    assert (after.status, after.cost_usd, after.cost_basis) == ("cancelled", PRICE, "possibly")
    assert after.failure is not None
    assert after.failure.message == "its run was stopped, and alpha called it off"
    assert house.far["alpha"].order(job.provider_job_id or "").cancelled
    assert (await house.told())[-1].data["status"] == "cancelled"
    assert await off.call_off(SYSTEM) == 0


async def test_where_it_cannot_be_called_off_that_is_said_and_its_price_counts(
    label: TestLabel,
) -> None:
    house = await a_house(label, Fault.NEVER_ENDS)
    run, _ = await cut_short(label, house, GenerationStatus.RUNNING)
    off = calling(house)
    await stopped(label, run)
    assert await off.call_off(SYSTEM) == 0
    label.clock.advance(PATIENCE)
    assert await off.call_off(SYSTEM) == 1
    [after] = await house.jobs()
    assert (after.status, after.cost_usd, after.cost_basis) == (
        *("outcome_unknown", PRICE, "possibly"),
    )
    assert after.failure is not None
    assert "goes on making the song" in after.failure.message


async def test_a_song_that_was_made_already_is_paid_for_and_can_be_had(label: TestLabel) -> None:
    house = await a_house(label)
    run, job = await cut_short(label, house, GenerationStatus.RUNNING, polls_needed=2)
    await stopped(label, run)
    assert await calling(house).call_off(SYSTEM) == 1
    [after] = await house.jobs()
    assert (after.status, after.cost_usd, after.cost_basis) == ("done", PRICE, "quoted")
    assert after.failure is not None
    assert "made the song already" in after.failure.message
    brought = await house.generation.look_up(OPERATOR, job.id)
    assert brought.result is not None
    assert brought.failure is None


async def test_a_provider_that_is_away_is_asked_again_and_then_told_of(label: TestLabel) -> None:
    house = await a_house(label, Fault.POLL_DOWN)
    run, _ = await cut_short(label, house, GenerationStatus.SUBMITTED)
    off = calling(house)
    await stopped(label, run)
    assert await off.call_off(SYSTEM) == 0
    label.clock.advance(PATIENCE)
    assert await off.call_off(SYSTEM) == 1
    [after] = await house.jobs()
    assert (after.status, after.cost_basis) == ("outcome_unknown", "possibly")
    assert after.failure is not None
    assert "could not be told: the service answers 502" in after.failure.message


@pytest.mark.parametrize("arrived", [True, False])
async def test_what_was_being_sent_is_found_and_called_off_or_in_doubt(
    label: TestLabel, *, arrived: bool
) -> None:
    house = await a_house(label)
    script = {"answers_after_s": 60.0, "stops": True}
    run, job = await cut_short(label, house, GenerationStatus.SENDING, **script)
    if arrived:
        house.far["alpha"].take(job.key, usual_song(), Fault.NONE)
    off = calling(house)
    await stopped(label, run)
    assert await off.call_off(SYSTEM) == 0, "its name may still come"
    label.clock.advance(SENDING)
    assert await off.call_off(SYSTEM) == 1
    [after] = await house.jobs()
    assert after.status == ("cancelled" if arrived else "outcome_unknown")
    assert (after.cost_usd, after.cost_basis) == (PRICE, "possibly")


async def test_what_nobody_is_connected_to_any_more_is_in_doubt(label: TestLabel) -> None:
    house = await a_house(label, Fault.NEVER_ENDS)
    run, _ = await cut_short(label, house, GenerationStatus.RUNNING)
    await house.providers.disconnect(OPERATOR, "alpha")
    await stopped(label, run)
    assert await calling(house).call_off(SYSTEM) == 1
    [after] = await house.jobs()
    assert after.status is GenerationStatus.OUTCOME_UNKNOWN


async def test_our_own_engine_is_stopped_for_nothing(label: TestLabel) -> None:
    house = house_of(label.database, label.clock, label.home)
    house = house.restarted(engine=PatientEngine())
    run, _ = await cut_short(label, house, GenerationStatus.SUBMITTED)
    await stopped(label, run)
    assert await calling(house).call_off(SYSTEM) == 1
    [after] = await house.jobs()
    assert (after.status, after.cost_usd, after.cost_basis) == ("cancelled", 0.0, "nothing")


async def test_only_the_house_itself_calls_off(label: TestLabel) -> None:
    house = await a_house(label)
    with pytest.raises(Forbidden):
        await calling(house).call_off(OPERATOR)
