"""What every vendor's client must do, told from the outside: one request, one payment, one song."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
import soundfile

from domain.errors import (
    DiskFull,
    NotFound,
    ProviderAuth,
    ProviderError,
    ProviderInputInvalid,
    ProviderNoCredit,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
    Unauthenticated,
)
from domain.ports.providers import JobState
from domain.requests import SongRequest
from tests.tools.vendors.music import build
from tests.tools.vendors.music.vendors import KEY, VENDORS, Vendor

every = pytest.mark.parametrize("vendor", VENDORS, ids=lambda v: v.name)
queued = pytest.mark.parametrize("vendor", [v for v in VENDORS if v.queued], ids=lambda v: v.name)
at_once = pytest.mark.parametrize(
    "vendor", [v for v in VENDORS if not v.queued], ids=lambda v: v.name
)


@every
async def test_a_song_is_made_and_fetched_once(vendor: Vendor, tmp_path: Path) -> None:
    wire = vendor.good()
    client = vendor.make(wire)
    quote = await client.quote(vendor.request())
    job = await client.submit(vendor.request(), "key-1", tmp_path)
    made = await client.fetch(job, build.nothing)
    assert await client.poll(job) is JobState.DONE
    assert [file.role for file in made.files] == ["recording"]
    assert made.files[0].path.parent == tmp_path / "key-1"
    assert soundfile.info(made.files[0].path).duration == pytest.approx(1.0, abs=0.1)
    assert made.cost_usd == quote.cost_usd
    asked = len(wire.seen)
    assert await client.fetch(job, build.nothing) == made
    assert len(wire.seen) == asked
    assert len(wire.sent("POST", vendor.post)) == 1


@every
async def test_the_same_key_names_the_same_job(vendor: Vendor, tmp_path: Path) -> None:
    wire = vendor.good()
    client = vendor.make(wire)
    first = await client.submit(vendor.request(), "key-1", tmp_path)
    assert await client.submit(vendor.request(), "key-1", tmp_path) == first
    assert await vendor.make(wire).submit(vendor.request(), "key-1", tmp_path) == first
    later = vendor.make(wire)
    assert await later.find("key-1", tmp_path) == first
    assert await later.find("another", tmp_path) is None
    assert await later.poll(first) is JobState.DONE
    assert len(wire.sent("POST", vendor.post)) == 1


@every
async def test_a_key_stands_for_one_request(vendor: Vendor, tmp_path: Path) -> None:
    wire = vendor.good()
    client = vendor.make(wire)
    await client.submit(vendor.request(), "key-1", tmp_path)
    ask = vendor.request().ask
    assert ask is not None
    other = vendor.request().model_copy(update={"ask": ask.model_copy(update={"style": "techno"})})
    with pytest.raises(ProviderInputInvalid, match="another request"):
        await client.submit(other, "key-1", tmp_path)
    assert len(wire.sent("POST", vendor.post)) == 1


@every
async def test_another_process_takes_the_job_up(vendor: Vendor, tmp_path: Path) -> None:
    wire = vendor.good()
    job = await vendor.make(wire).submit(vendor.request(), "key-1", tmp_path)
    later = vendor.make(wire)
    with pytest.raises(NotFound):
        await later.poll(job)
    later.resume(job, "key-1", tmp_path)
    assert await later.poll(job) is JobState.DONE
    assert (await later.fetch(job, build.nothing)).files[0].path.exists()
    assert len(wire.sent("POST", vendor.post)) == 1


@every
@pytest.mark.parametrize(
    "lost", [httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut"), httpx.ReadError("cut")]
)
async def test_a_lost_answer_is_never_sent_for_again(
    vendor: Vendor, lost: Exception, tmp_path: Path
) -> None:
    wire = vendor.good()
    wire.change("POST", vendor.post, lost)
    client = vendor.make(wire)
    for attempt in (client, client, vendor.make(wire)):
        with pytest.raises(ProviderTimeout):
            await attempt.submit(vendor.request(), "key-1", tmp_path)
    assert await client.find("key-1", tmp_path) is None
    assert len(wire.sent("POST", vendor.post)) == 1


@every
async def test_an_interrupted_request_leaves_a_doubt(vendor: Vendor, tmp_path: Path) -> None:
    arrived = asyncio.Event()

    class Stuck(build.Wire):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.seen.append(request)
            arrived.set()
            await asyncio.sleep(60)
            raise AssertionError

    wire = Stuck()
    client = vendor.make(wire)
    task = asyncio.create_task(client.submit(vendor.request(), "key-1", tmp_path))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProviderTimeout):
        await client.submit(vendor.request(), "key-1", tmp_path)
    assert len(wire.seen) == 1


@every
async def test_two_at_once_under_one_key_send_once(vendor: Vendor, tmp_path: Path) -> None:
    wire = vendor.good()
    both = [vendor.make(wire).submit(vendor.request(), "key-1", tmp_path) for _ in range(2)]
    told = await asyncio.gather(*both, return_exceptions=True)
    assert len(wire.sent("POST", vendor.post)) == 1
    assert any(isinstance(one, str) for one in told)
    assert all(isinstance(one, (str, ProviderTimeout)) for one in told)


@every
async def test_what_never_left_may_be_sent(vendor: Vendor, tmp_path: Path) -> None:
    wire = vendor.good()
    down = build.Wire(("POST", "/", httpx.ConnectError("refused")))
    with pytest.raises(ProviderUnavailable):
        await vendor.make(down).submit(vendor.request(), "key-1", tmp_path)
    assert await vendor.make(wire).submit(vendor.request(), "key-1", tmp_path)


@every
@pytest.mark.parametrize(
    ("status", "family"),
    [
        (400, ProviderInputInvalid),
        (401, ProviderAuth),
        (402, ProviderNoCredit),
        (403, ProviderAuth),
        (422, ProviderInputInvalid),
        (429, ProviderRateLimited),
        (500, ProviderUnavailable),
        (503, ProviderUnavailable),
        (307, ProviderError),
    ],
)
async def test_refusals_by_status(
    vendor: Vendor, status: int, family: type[ProviderError], tmp_path: Path
) -> None:
    if vendor.name == "suno-gateway" and status == 429:
        family = ProviderNoCredit  # its 429 means an empty account
    wire = vendor.good()
    headers = {"retry-after": "7", "location": "https://elsewhere.example/"}
    if status in (500, 503) and not vendor.queued:
        family = ProviderTimeout  # what breaks down while it makes a song may have billed it
    refusal = httpx.Response(status, json={"message": "no"}, headers=headers)
    wire.change("POST", vendor.post, refusal)
    client = vendor.make(wire)
    with pytest.raises(ProviderError) as caught:
        await client.submit(vendor.request(), "key-1", tmp_path)
    assert type(caught.value) is family
    assert "no" in caught.value.message
    if family is ProviderRateLimited:
        assert caught.value.facts["retry_after_s"] == 7.0
    assert len(wire.seen) == 1
    with pytest.raises(family):
        await client.submit(vendor.request(), "key-1", tmp_path)


NAMED = (
    {"error": {"code": 503, "status": "UNAVAILABLE", "message": "overloaded"}},
    {"detail": {"status": "server_busy", "message": "overloaded"}},
    {"id": "1", "name": "internal_error", "errors": ["overloaded"]},
)


@at_once
@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("body", NAMED)
async def test_a_breakdown_that_the_vendor_names_made_nothing(
    vendor: Vendor, status: int, body: dict[str, object], tmp_path: Path
) -> None:
    wire = vendor.good()
    wire.change("POST", vendor.post, httpx.Response(status, json=body))
    for _ in range(2):
        with pytest.raises(ProviderUnavailable, match="overloaded"):
            await vendor.make(wire).submit(vendor.request(), "key-1", tmp_path)
    assert len(wire.sent("POST", vendor.post)) == 2


@at_once
@pytest.mark.parametrize("status", [500, 503])
async def test_a_breakdown_without_a_name_may_have_billed(
    vendor: Vendor, status: int, tmp_path: Path
) -> None:
    for key, answer in (
        ("page", build.page(status)),
        ("nothing", httpx.Response(status)),
        ("list", httpx.Response(status, json=[{"code": "odd"}])),
        ("gateway", httpx.Response(status, json={"message": "Service Unavailable", "code": 503})),
    ):
        wire = vendor.good()
        wire.change("POST", vendor.post, answer)
        for _ in range(2):
            with pytest.raises(ProviderTimeout):
                await vendor.make(wire).submit(vendor.request(), key, tmp_path)
        assert len(wire.sent("POST", vendor.post)) == 1


@every
@pytest.mark.parametrize("status", [502, 504, 524])
async def test_a_gateway_that_gave_up_knows_nothing(
    vendor: Vendor, status: int, tmp_path: Path
) -> None:
    wire = vendor.good()
    wire.change("POST", vendor.post, build.page(status))
    family = ProviderTimeout if vendor.billed else ProviderUnavailable
    with pytest.raises(ProviderError) as caught:
        await vendor.make(wire).submit(vendor.request(), "key-1", tmp_path)
    assert type(caught.value) is family
    assert len(wire.seen) == 1


@every
@pytest.mark.parametrize(
    "answer",
    [
        build.page(),
        httpx.Response(200, content=b""),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"status": 7, "code": 200, "data": "odd", "steps": 3, "id": []}),
    ],
)
async def test_an_answer_that_is_none(
    vendor: Vendor, answer: httpx.Response, tmp_path: Path
) -> None:
    wire = vendor.good()
    wire.change("POST", vendor.post, answer)
    family = ProviderTimeout if vendor.billed else ProviderError
    with pytest.raises(ProviderError) as caught:
        await vendor.make(wire).submit(vendor.request(), "key-1", tmp_path)
    assert type(caught.value) is family
    assert len(wire.seen) == 1


@queued
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (build.page(), "web page"),
        (build.sound(b""), "empty"),
        (build.sound(b"nonsense" * 400), "something else"),
        (build.sound(build.tone("FLAC")[:3000], "audio/flac"), "damaged"),
        (build.sound(build.tone("WAV")[:3000], "audio/wav"), "damaged"),
        (httpx.Response(404, json={"message": "gone"}), "gone"),
    ],
    ids=["page", "empty", "noise", "half a flac", "half a wav", "gone"],
)
async def test_a_bad_download_is_clear_and_may_be_repeated(
    vendor: Vendor, answer: httpx.Response, said: str, tmp_path: Path
) -> None:
    wire = vendor.good()
    client = vendor.make(wire)
    job = await client.submit(vendor.request(), "key-1", tmp_path)
    await client.poll(job)
    place = {"ace-step": "/v1/audio", "replicate": "/pbxt", "fal": "/files"}
    bad = vendor.good()
    bad.change("GET", place.get(vendor.name, "/song.mp3"), answer)
    unlucky = vendor.make(bad)
    unlucky.resume(job, "key-1", tmp_path)
    with pytest.raises(ProviderError, match=said):
        await unlucky.fetch(job, build.nothing)
    made = await client.fetch(job, build.nothing)
    assert soundfile.info(made.files[0].path).frames > 0
    assert len(wire.sent("POST", vendor.post)) == 1
    assert bad.sent("POST", vendor.post) == []


@queued
async def test_waiting_outlives_silences_but_not_forever(vendor: Vendor, tmp_path: Path) -> None:
    wire = vendor.good()
    client = vendor.make(wire)
    job = await client.submit(vendor.request(), "key-1", tmp_path)
    place = {"ace-step": ("POST", "/query_result"), "suno-gateway": ("GET", "/api/v1/generate")}
    method, path = place.get(vendor.name, ("GET", "/"))
    misses = iter(range(2))

    def stutter(request: httpx.Request) -> build.Answer:
        if next(misses, None) is not None:
            return httpx.Response(503, json={"message": "later"})
        return vendor.good().answer(request)

    wire.change(method, path, stutter)
    assert (await client.fetch(job, build.nothing)).files
    dead = vendor.good()
    dead.change(method, path, httpx.ReadTimeout("silent"))
    other = vendor.make(dead)
    other.resume(job, "key-2", tmp_path)
    with pytest.raises(ProviderUnavailable):
        await other.fetch(job, build.nothing)
    assert len(dead.seen) == 4


@at_once
async def test_a_song_paid_for_stays_readable_offline(vendor: Vendor, tmp_path: Path) -> None:
    job = await vendor.make(vendor.good()).submit(vendor.request(), "key-1", tmp_path)
    offline = vendor.make(build.Wire())
    offline.resume(job, "key-1", tmp_path)
    made = await offline.fetch(job, build.nothing)
    made.files[0].path.unlink()
    assert await offline.poll(job) is JobState.FAILED
    with pytest.raises(ProviderError, match="no longer"):
        await offline.fetch(job, build.nothing)


@at_once
async def test_death_between_song_and_ticket_loses_nothing(vendor: Vendor, tmp_path: Path) -> None:
    wire = vendor.good()
    await vendor.make(wire).submit(vendor.request(), "key-1", tmp_path)
    ticket = tmp_path / "key-1" / "sent.json"
    ticket.write_text(ticket.read_text().replace('"job_id":"key-1"', '"job_id":null'))
    again = vendor.make(wire)
    job = await again.submit(vendor.request(), "key-1", tmp_path)
    assert (await again.fetch(job, build.nothing)).files
    assert len(wire.sent("POST", vendor.post)) == 1


@at_once
@pytest.mark.parametrize("asked", ["find", "submit"])
async def test_death_between_song_and_result_loses_nothing(
    vendor: Vendor, asked: str, tmp_path: Path
) -> None:
    wire = vendor.good()
    first = vendor.make(wire)
    job = await first.submit(vendor.request(), "key-1", tmp_path)
    made = await first.fetch(job, build.nothing)
    _as_before_the_result(tmp_path / "key-1")
    again = vendor.make(wire)
    if asked == "find":
        assert await again.find("key-1", tmp_path) == job
    else:
        assert await again.submit(vendor.request(), "key-1", tmp_path) == job
    found = await again.fetch(job, build.nothing)
    assert (found.files, found.cost_usd) == (made.files, made.cost_usd)
    assert len(wire.sent("POST", vendor.post)) == 1


@at_once
async def test_a_half_written_song_is_none(vendor: Vendor, tmp_path: Path) -> None:
    wire = vendor.good()
    first = vendor.make(wire)
    made = await first.fetch(await first.submit(vendor.request(), "key-1", tmp_path), build.nothing)
    _as_before_the_result(tmp_path / "key-1")
    song = made.files[0].path
    song.rename(song.with_name(f".{song.name}.1a2b.part"))
    again = vendor.make(wire)
    assert await again.find("key-1", tmp_path) is None
    with pytest.raises(ProviderTimeout):
        await again.submit(vendor.request(), "key-1", tmp_path)
    assert len(wire.sent("POST", vendor.post)) == 1


@every
async def test_without_room_for_a_song_nothing_is_sent(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = vendor.good()
    client = vendor.make(wire)
    done = await client.submit(vendor.request(), "key-0", tmp_path)
    asked = len(wire.sent("POST", vendor.post))
    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=99_000_000))
        with pytest.raises(DiskFull, match="99 MB are free") as caught:
            await client.submit(vendor.request(), "key-1", tmp_path)
        # What is begun already needs no more room than it has.
        assert await client.submit(vendor.request(), "key-0", tmp_path) == done
    assert caught.value.facts["sent"] is False
    assert len(wire.sent("POST", vendor.post)) == asked
    assert await client.submit(vendor.request(), "key-1", tmp_path)


def _as_before_the_result(folder: Path) -> None:
    """The folder as a process leaves it that dies as soon as the song is written."""
    (folder / "result.json").unlink()
    ticket = folder / "sent.json"
    ticket.write_text(ticket.read_text().replace('"job_id":"key-1"', '"job_id":null'))


@every
async def test_checking_costs_nothing_and_shows_a_bad_key(vendor: Vendor) -> None:
    wire = vendor.good()
    assert await vendor.make(wire).check()
    makes = {"minimax": 1}  # its check is an empty request, see there
    assert len(wire.sent("POST")) == makes.get(vendor.name, 0)
    denied = httpx.Response(401, json={"message": "who are you"})
    bad = build.Wire(("GET", "/", denied), ("POST", "/", denied))
    with pytest.raises(ProviderAuth):
        await vendor.make(bad).check()
    cut = httpx.ConnectError("down")
    dead = vendor.make(build.Wire(("GET", "/", cut), ("POST", "/", cut)))
    with pytest.raises(ProviderUnavailable):
        await dead.check()


@every
async def test_the_key_is_in_no_error_and_no_file(vendor: Vendor, tmp_path: Path) -> None:
    wire = vendor.good()
    client = vendor.make(wire)
    job = await client.submit(vendor.request(), "key-1", tmp_path)
    await client.fetch(job, build.nothing)
    secret = KEY.get_secret_value()
    kept = b"".join(file.read_bytes() for file in (tmp_path / "key-1").iterdir())
    assert secret.encode() not in kept
    assert secret not in repr(client) + repr(vars(client))
    assert any(secret in str(value) for value in wire.seen[0].headers.values())


@every
async def test_a_score_alone_is_refused_before_anything_is_sent(
    vendor: Vendor, tmp_path: Path
) -> None:
    wire = vendor.good()
    client = vendor.make(wire)
    mute = SongRequest(score=build.score())
    for call in (client.quote(mute), client.submit(mute, "key-1", tmp_path)):
        with pytest.raises(ProviderInputInvalid):
            await call
    assert wire.seen == []


@every
async def test_strange_keys_jobs_and_callbacks(vendor: Vendor, tmp_path: Path) -> None:
    client = vendor.make(vendor.good())
    with pytest.raises(ProviderInputInvalid):
        await client.submit(vendor.request(), "../outside", tmp_path)
    for call in (client.poll("x"), client.cancel("x"), client.fetch("x", build.nothing)):
        with pytest.raises(NotFound):
            await call
    with pytest.raises(Unauthenticated):
        await client.verify_webhook({}, b"{}")


@every
async def test_silence_is_a_recording_like_any_other(vendor: Vendor, tmp_path: Path) -> None:
    """Whether it is music is for the gates to say."""
    quiet = build.sound(build.tone("FLAC", level=0.0), "audio/flac")
    wire = vendor.good()
    for path in ("/v1/audio", "/pbxt", "/files", "/song.mp3"):
        wire.change("GET", path, quiet)
    if vendor.name == "stability":
        wire.change("POST", vendor.post, quiet)
    client = vendor.make(wire)
    job = await client.submit(vendor.request(), "key-1", tmp_path)
    assert (await client.fetch(job, build.nothing)).files


@queued
async def test_stopping(vendor: Vendor, tmp_path: Path) -> None:
    wire = vendor.good()
    client = vendor.make(wire)
    job = await client.submit(vendor.request(), "key-1", tmp_path)
    before = len(wire.seen)
    await client.cancel(job)
    cancels = {"replicate": ("POST", f"/v1/predictions/{job}/cancel"), "fal": ("PUT", "/fal-ai")}
    if vendor.name in cancels:
        assert len(wire.sent(*cancels[vendor.name])) == 1
    else:
        assert len(wire.seen) == before
