"""An artist's song made by a connected provider, from routing to the finished files."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from app.ground import Edges
from app.label import Label
from domain.actor import OPERATOR
from domain.generation import GenerationStatus
from domain.run import RunStatus
from domain.work import Work
from media.compose.composer import compose
from media.song import render_song
from packs import load_pack
from tests.media.songs import sketch_brief
from tests.support.homes import debuted, quick_label, settled
from tools.vendors.scripted_music import Fault, ScriptedService, scripted_kind


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real piece of music, as some other generator might send it."""
    pack = load_pack("synthwave")
    score = compose(sketch_brief("synthwave", 11), pack)
    return render_song(score, pack, tmp_path_factory.mktemp("far"), None).mp3


async def _song(label: Label) -> Work:
    handle = await debuted(label)
    await label.generators.providers.connect(OPERATOR, "alpha", {"key": SecretStr("k")})
    run = await label.house.runs.start(OPERATOR, handle, "cycle", seed=3)
    run = await settled(label, run.id)
    assert run.status is RunStatus.WAITING, run.failure
    return (await label.house.works.of_artist(OPERATOR, run.artist_id))[0]


async def test_a_providers_recording_becomes_a_finished_song(
    tmp_path: Path, recording: Path
) -> None:
    service = ScriptedService(recording=recording)
    edges = Edges(providers=(scripted_kind("alpha", service),))
    async with quick_label(tmp_path, edges) as label:
        work = await _song(label)
        audio = next(p for p in work.provenance if p.part == "audio")
        assert (audio.made_by, audio.kind) == ("alpha@1", "trained_model")
        assert not any(p.part == "vocals" for p in work.provenance)
        choice = next(c for c in work.choices if c.name == "generator")
        assert (choice.chosen, choice.options[-1]) == ("alpha", "greenroom-music")
        assert choice.reason
        assert all(work.asset(role) for role in ("flac", "mp3", "ogg", "fingerprint", "score"))
        report = next(r for r in work.reports if r.subject == "audio")
        assert report.passed
        loudness = next(g for g in report.gates if g.gate == "loudness")
        assert loudness.value == pytest.approx(-14.0, abs=0.3)
        (job,) = await label.generators.songs.jobs_of_work(OPERATOR, work.id)
        assert (job.status, job.cost_usd) == (GenerationStatus.DONE, service.price_usd)
        assert len(service.submits) == 1


@pytest.mark.parametrize("fault", [Fault.SILENCE, Fault.TRUNCATED, Fault.HTML])
async def test_a_useless_recording_is_paid_once_and_the_house_makes_the_song(
    tmp_path: Path, fault: Fault
) -> None:
    service = ScriptedService(faults=[fault])
    edges = Edges(providers=(scripted_kind("alpha", service),))
    async with quick_label(tmp_path, edges) as label:
        work = await _song(label)
        audio = next(p for p in work.provenance if p.part == "audio")
        assert audio.made_by.startswith("greenroom-music@")
        jobs = await label.generators.songs.jobs_of_work(OPERATOR, work.id)
        assert [job.provider for job in jobs] == ["alpha", "greenroom-music"]
        assert jobs[0].status in (GenerationStatus.REJECTED_BY_GATES, GenerationStatus.FAILED)
        assert jobs[0].gate_reasons or jobs[0].failure
        assert len(service.submits) == 1
        assert service.billed_usd == service.price_usd
