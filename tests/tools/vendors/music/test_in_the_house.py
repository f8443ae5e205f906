"""Real clients inside the generation house: books, budgets and fallback over real answers."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from pydantic import SecretStr

from domain.actor import OPERATOR
from domain.generation import GenerationStatus
from domain.ports.providers import ProviderKind
from services.generation.song import GenerationRules
from tests.services.generation.house import House
from tests.support.label import TestLabel
from tests.tools.vendors.music import build
from tests.tools.vendors.music.acestep_server import Studio, serving
from tests.tools.vendors.music.cutter import cutting
from tests.tools.vendors.music.vendors import VENDORS
from tools.vendors.music.catalogue import CATALOGUE
from tools.vendors.music.elevenlabs import ABLE, ElevenLabsMusic

ELEVENLABS = next(vendor for vendor in VENDORS if vendor.name == "elevenlabs")


def open_house(label: TestLabel, *kinds: ProviderKind) -> House:
    return House(label.database, label.clock, label.home, {}, kinds or CATALOGUE, GenerationRules())


async def with_acestep(label: TestLabel, port: int) -> House:
    house = open_house(label)
    address = SecretStr(f"http://127.0.0.1:{port}")
    await house.providers.connect(OPERATOR, "ace-step", {"url": address})
    return house


async def with_elevenlabs(label: TestLabel, wire: build.Wire) -> House:
    kind = ProviderKind(
        "elevenlabs",
        "ElevenLabs",
        ("key",),
        ABLE,
        lambda given: ElevenLabsMusic(given["key"], transport=wire),
    )
    house = open_house(label, kind)
    await house.connect("elevenlabs")
    return house


async def test_a_song_by_acestep(label: TestLabel) -> None:
    studio = Studio()
    with serving(studio) as port:
        house = await with_acestep(label, port)
        made = await house.make(build.request())
        again = await house.make(build.request())
    assert made.capabilities.name == "ace-step"
    assert not made.embedded
    assert again.job_id == made.job_id
    assert len(studio.released) == 1
    assert [file.role for file in made.generated.files] == ["recording"]


async def test_acestep_loses_the_answer_and_nobody_asks_again(label: TestLabel) -> None:
    studio = Studio()
    with serving(studio) as port:
        async with cutting(port) as bad_port:
            house = await with_acestep(label, bad_port)
            made = await house.make(build.request())
            assert made.embedded
            assert (await house.make(build.request())).embedded
    assert len(studio.released) == 1
    first = (await house.jobs())[0]
    # Nobody bills it, so the doubt needs no person to settle it.
    assert first.status is GenerationStatus.FAILED
    assert first.failure is not None
    assert first.failure.code == "provider_timeout"


async def test_acestep_forgets_the_job_and_the_song_is_made_all_the_same(label: TestLabel) -> None:
    studio = Studio(looks_until_done=10_000)
    with serving(studio) as port:
        house = await with_acestep(label, port)
        task = asyncio.create_task(house.make(build.request()))
        while not any(task.looks for task in studio.tasks.values()):
            await asyncio.sleep(0.01)
        studio.forget()
        made = await task
    assert made.embedded
    first = (await house.jobs())[0]
    assert first.status is GenerationStatus.FAILED
    assert first.failure is not None
    assert "no longer knows" in first.failure.message


async def test_our_own_restart_goes_on_with_the_same_job(label: TestLabel) -> None:
    studio = Studio(looks_until_done=10_000)
    with serving(studio) as port:
        house = await with_acestep(label, port)
        task = asyncio.create_task(house.make(build.request()))
        while not any(task.looks for task in studio.tasks.values()):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        studio.looks_until_done = 0
        made = await house.restarted().make(build.request())
    assert made.capabilities.name == "ace-step"
    assert len(studio.released) == 1


async def test_a_refused_style_is_asked_for_as_the_vendor_proposes(label: TestLabel) -> None:
    wire = ELEVENLABS.good()

    def strict(request: httpx.Request) -> build.Answer:
        body = json.loads(request.content)
        styles = body["composition_plan"]["chunks"][0]["positive_styles"]
        if "low voice" in styles:
            return ELEVENLABS.good().answer(request)
        return httpx.Response(422, json=build.recorded("elevenlabs_bad_plan"))

    wire.change("POST", "/v1/music", strict)
    house = await with_elevenlabs(label, wire)
    made = await house.make(build.request())
    assert made.capabilities.name == "elevenlabs"
    jobs = await house.jobs()
    assert [job.status for job in jobs] == [GenerationStatus.FAILED, GenerationStatus.DONE]
    assert [job.cost_usd for job in jobs] == [0.0, 0.5]
    assert len(wire.sent("POST")) == 2


async def test_a_bill_and_a_time_out_are_paid_at_most_once(label: TestLabel) -> None:
    wire = ELEVENLABS.good()
    wire.change("POST", "/", httpx.ReadTimeout("late"))
    house = await with_elevenlabs(label, wire)
    assert (await house.make(build.request())).embedded
    assert (await house.restarted().make(build.request())).embedded
    assert len(wire.sent("POST")) == 1
    unknown = (await house.jobs())[0]
    assert unknown.in_doubt
    assert unknown.cost_usd == 0.5
