"""Overview, artists, runs, inbox: what they show, to whom, and within which bounds."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import insert, select

from api.web.static_files import STATIC
from domain.actor import OPERATOR, SYSTEM, artist_actor
from domain.approval import ApprovalStatus
from domain.artist import Artist
from domain.ids import new_id
from domain.memory import MemoryRecord, hash_text
from domain.mood import MoodCause
from domain.ports.model import CallScope, ChatMessage, TokenUsage, UsageRecord
from domain.rhythm_words import parse_rhythm
from services.schedules import ScheduleChange
from services.usage import UsageService
from store.memory_records import SqlMemoryRecords
from store.tables import runs
from tests.api.conftest import OURS, client_of
from tests.store.test_query_counts import counted
from tests.support.label import (
    START,
    TestLabel,
    ask,
    cycle,
    debut,
    live_release,
    profile,
    song,
    step,
    visit,
)
from tests.support.people import PASSWORD, joined

EVIL = '<script>alert("x")</script>'
PAGE_MAX_BYTES = 150_000
INBOX = "/operator/approvals"


def text_of(page: httpx.Response) -> str:
    """What a person reads, in one line."""
    body = re.sub(r"<[^>]+>", " ", page.text.split("<main", 1)[1])
    return re.sub(r"\s+", " ", body)


async def used(
    label: TestLabel, artist: Artist, tokens: int, cost_usd: float, **scope: str
) -> None:
    await label.usage.record(
        UsageRecord(
            scope=CallScope.model_validate({"artist_id": artist.id, **scope}),
            tier="smart",
            model="m",
            prompt="plan/1",
            usage=TokenUsage(prompt_tokens=tokens),
            cost_usd=cost_usd,
            cached=False,
            latency_s=1.0,
            outcome="ok",
            at=label.clock.now(),
            asked=(ChatMessage(role="user", content=f"Plan on {tokens} tokens."),),
            answered=f"A song about {EVIL}.",
        )
    )


async def test_the_overview_tells_what_goes_on(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    await visit(label, artist, await live_release(label, artist))
    await used(label, artist, 1200, 0.25)
    rhythm = ScheduleChange.model_validate({"rhythm": parse_rhythm("daily at 12")})
    await label.schedules.put(OPERATOR, artist.handle, rhythm)
    approval = await ask(label, run := await cycle(label, artist), await song(label, run, "Salt"))
    page = await operator.get("/operator")
    words = text_of(page)
    for wanted in ("Salt", "waits for a decision", "$0.25", "1,200 tokens", "Plays 1", "Next"):
        assert wanted in words, wanted
    assert f'href="/operator/approvals/{approval.id}"' in page.text
    assert 'aria-label="Tokens of each of the last 30 days"' in page.text


async def test_the_frame_shows_who_where_and_what_waits(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    await ask(label, run, await song(label, run))
    page = (await operator.get("/operator/runs")).text
    assert '<a href="/operator/runs" aria-current="page">' in page
    assert "This machine" in page
    assert re.search(r'side-count-approvals">1<span class="visually-hidden"> waiting', page)
    assert 'class="side"' not in (await operator.get("/operator/live")).text


async def test_somebody_sees_their_name_and_only_doors_they_may_open(label: TestLabel) -> None:
    run = await cycle(label, await debut(label))
    approval = await ask(label, run, await song(label, run))
    await joined(label, "viewer", "bo")
    async with client_of(label, Accept="text/html", **OURS) as client:
        await client.post("/sign-in", data={"name": "bo", "password": PASSWORD})
        home = (await client.get("/operator")).text
        page = (await client.get(f"{INBOX}/{approval.id}")).text
        refused = await client.post(f"{INBOX}/{approval.id}/approve", data={"digest": "0"})
        bulk = await client.post(INBOX, data={"verdict": "approve", "chosen": "a b"})
    assert 'aria-label="My account: bo"' in home
    assert "/operator/people" not in home
    assert "Approve and publish" not in page
    assert "somebody who may approve" in page
    assert (refused.status_code, bulk.status_code) == (403, 403)


async def test_people_see_their_artists_only(label: TestLabel) -> None:
    mine, other = await debut(label), await debut(label, profile("Salt Lake Radio"))
    await joined(label, "operator", "bo", [mine.id])
    async with client_of(label, Accept="text/html", **OURS) as client:
        await client.post("/sign-in", data={"name": "bo", "password": PASSWORD})
        for path in ("/operator", "/operator/artists", "/operator/runs"):
            page = (await client.get(path)).text
            assert mine.stage_name in page
            assert other.stage_name not in page
        for tab in ("", "/live", "/profile", "/memory"):
            hidden = await client.get(f"/operator/artists/{other.handle}{tab}")
            assert hidden.status_code == 403


async def test_an_artist_with_mood_plan_works_and_slots(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    cause = MoodCause(what="Three people wrote.", valence=0.4, at=START)
    await label.artists.feel(artist_actor(artist.id), artist.id, (cause,))
    await live_release(label, artist)
    await step(label, await cycle(label, artist), "plan", "A song about the last boat.")
    words = text_of(await operator.get(f"/operator/artists/{artist.handle}"))
    for wanted in ("Three people wrote.", "A song about the last boat.", "Last Ferry Home"):
        assert wanted in words, wanted
    assert "It has no rhythm." in words


async def test_a_profile_shows_what_each_version_changed(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    fresh = profile(themes=("night crossings", "radio static", "first frost"))
    await label.artists.adopt_profile(OPERATOR, artist.id, fresh, reason="Winter came.")
    page = (await operator.get(f"/operator/artists/{artist.handle}/profile")).text
    assert "Winter came." in page
    assert "by this machine" in page
    assert re.search(r"<del>home ports</del><ins>first frost</ins>", page)


async def remember(label: TestLabel, artist: Artist, text: str, kind: str = "episodic") -> None:
    now = label.clock.now()
    record = {
        "id": new_id("memory"),
        "created_at": now,
        "updated_at": now,
        "artist_id": artist.id,
        "kind": kind,
        "text": text,
        "happened_at": now,
        "importance": 0.5,
        "text_sha256": hash_text(text),
    }
    await SqlMemoryRecords(label.database).add(MemoryRecord.model_validate(record))


async def test_memories_are_read_by_kind_and_forgotten(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    path = f"/operator/artists/{artist.handle}/memory"
    assert "It remembers nothing yet" in text_of(await operator.get(path))
    await remember(label, artist, "The harbour froze.")
    await remember(label, artist, "Listeners like rain.", "audience")
    page = await operator.get(path, params={"kind": "audience"})
    assert "Listeners like rain." in page.text
    assert "The harbour froze." not in page.text
    forget = re.search(r'action="(/operator/artists/[^"]+/forget)"', page.text)
    assert forget
    done = await operator.post(forget[1])
    after = await operator.get(done.headers["location"])
    assert "Forgotten" in after.text
    assert "Listeners like rain." not in after.text


async def test_what_was_typed_stays_when_it_is_refused(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    approval = await ask(label, run, await song(label, run))
    path = f"{INBOX}/{approval.id}"
    post = next(s.id for s in approval.subjects if s.kind == "post")
    no = {"digest": approval.digest, "comment": "The bridge drifts."}
    unreasoned = await operator.post(f"{path}/reject", data=no)
    assert unreasoned.status_code == 422
    assert "The bridge drifts.</textarea>" in unreasoned.text
    await operator.post(f"{path}/approve", data={"digest": approval.digest})
    late = await operator.post(f"{path}/posts/{post}", data={"text": "Out at dawn."})
    assert late.status_code == 409
    assert "readonly>Out at dawn.</textarea>" in late.text


async def test_the_second_of_two_people_learns_who_was_first(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    approval = await ask(label, run, await song(label, run))
    ana = await joined(label, "operator", "ana")
    async with client_of(label, Accept="text/html", **OURS) as client:
        await client.post("/sign-in", data={"name": "ana", "password": PASSWORD})
        no = {"digest": approval.digest, "reason": "mix", "comment": "Too loud."}
        twice = [await client.post(f"{INBOX}/{approval.id}/reject", data=no) for _ in range(2)]
    assert [answer.status_code for answer in twice] == [303, 303]
    label.clock.advance(timedelta(seconds=2))
    late = await operator.post(f"{INBOX}/{approval.id}/approve", data={"digest": approval.digest})
    assert late.status_code == 409
    name = ana.user.display_name
    assert f"{name[:1].upper()}{name[1:]} rejected this 2 s ago: mix." in text_of(late)
    chosen = {"verdict": "approve", "chosen": f"{approval.id} {approval.digest}"}
    bulk = await operator.post(INBOX, data=chosen)
    assert bulk.status_code == 409
    assert "rejected this 2 s ago" in text_of(bulk)


async def test_an_edit_shows_what_it_changed(label: TestLabel, operator: httpx.AsyncClient) -> None:
    run = await cycle(label, await debut(label))
    approval = await ask(label, run, await song(label, run), "Out now, friends.")
    post = next(s.id for s in approval.subjects if s.kind == "post")
    edited = await operator.post(
        f"{INBOX}/{approval.id}/posts/{post}", data={"text": "Out tonight, friends."}
    )
    page = (await operator.get(edited.headers["location"])).text
    assert "This machine changed the words" in page
    assert re.search(r"<del>now, </del><ins>tonight, </ins>", page)


async def test_asked_for_changes_the_next_approval_shows_both(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    first = await ask(label, run, await song(label, run, "Salt"))
    no = {
        "digest": first.digest,
        "reason": ["lyrics", "artwork"],
        "comment": "Less rain.",
        "again": "yes",
    }
    sent = await operator.post(f"{INBOX}/{first.id}/reject", data=no)
    again = await label.runs.begin(SYSTEM, sent.headers["location"].rpartition("/")[2])
    assert f"/operator/runs/{run.id}" in (await operator.get(sent.headers["location"])).text
    gone = await operator.get(f"{INBOX}/{first.id}")
    assert f"/operator/runs/{again.id}" in gone.text
    second = await ask(label, again, await song(label, again, "Salt, again"))
    assert f"/operator/approvals/{second.id}" in (await operator.get(f"{INBOX}/{first.id}")).text
    page = await operator.get(f"{INBOX}/{second.id}")
    assert "Version 2" in text_of(page)
    assert "was sent back by this machine" in text_of(page)
    assert "Less rain." in page.text
    assert page.text.count("data-player") == 3
    # The song was made by hand here, with the same words: what was not done is told as well.
    assert "Not a line was changed." in page.text
    assert "Exactly as before: the words" in page.text
    assert "Version 2" in text_of(await operator.get(INBOX))


async def test_what_was_chosen_and_typed_stays_when_it_is_refused(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    approval = await ask(label, run, await song(label, run))
    no = {"digest": approval.digest, "reason": ["mix", "artwork"], "comment": " ", "again": "yes"}
    refused = await operator.post(f"{INBOX}/{approval.id}/reject", data=no)
    assert refused.status_code == 422
    assert "Nothing says what should be different." in text_of(refused)
    assert re.findall(r'value="(\w+)"(?: id="reason")? checked', refused.text) == ["mix", "artwork"]
    later = no | {"reason": ["timing"], "comment": "Next week."}
    refused = await operator.post(f"{INBOX}/{approval.id}/reject", data=later)
    assert "Another time is nothing that an artist can make anew." in text_of(refused)
    assert "Next week." in refused.text
    assert (await label.approvals.get(OPERATOR, approval.id)).decision is None


async def test_a_run_is_stopped_given_up_and_begun_again(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    run = await cycle(label, artist)
    assert f"{run.id}/stop" in (await operator.get(f"/operator/runs/{run.id}")).text
    await operator.post(f"/operator/runs/{run.id}/stop")
    again = await operator.post(f"/operator/runs/{run.id}/again")
    fresh = await label.runs.get(OPERATOR, again.headers["location"].rpartition("/")[2])
    assert (fresh.seed, fresh.artist_id) == (run.seed, artist.id)
    refused = await operator.post(f"/operator/runs/{run.id}/discard")
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text


async def test_a_step_tells_every_call_of_a_model(
    label: TestLabel, operator: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    run = await cycle(label, artist)
    await step(label, run, "plan", "A song.")
    await used(label, artist, 1200, 0.25, run_id=run.id, step="plan")
    await used(label, artist, 77, 0.0, run_id=run.id, step="reflect")
    detail = (await operator.get(f"/operator/runs/{run.id}/steps/1")).text
    for wanted in ("plan/1", "1,200", "$0.2500", "1.0 s", "Plan on 1200 tokens.", "A song about"):
        assert wanted in detail, wanted
    assert "77 read" not in detail
    assert EVIL not in detail
    calls = (await api.get(f"/api/v1/runs/{run.id}/calls")).json()
    only = await api.get(f"/api/v1/runs/{run.id}/calls", params={"step": "reflect"})
    assert [call["step"] for call in calls] == ["plan", "reflect"]
    assert calls[1]["asked"] == [{"role": "user", "content": "Plan on 77 tokens."}]
    assert only.json() == calls[1:]
    label.clock.advance(timedelta(days=15))
    assert await UsageService(label.database, label.clock).forget_texts(SYSTEM, 14) == 2
    detail = (await operator.get(f"/operator/runs/{run.id}/steps/1")).text
    assert "not kept any more" in detail


async def test_nothing_anybody_wrote_is_executed(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    artist = await debut(label, profile(f"Salt {EVIL}", biography=EVIL, themes=(EVIL,)))
    cause = MoodCause(what=EVIL, at=START)
    await label.artists.feel(artist_actor(artist.id), artist.id, (cause,))
    await remember(label, artist, EVIL)
    run = await cycle(label, artist)
    await step(label, run, "plan", EVIL, snapshot={EVIL: EVIL}, report={"says": EVIL, "x": [EVIL]})
    approval = await ask(label, run, await song(label, run, f"Salt {EVIL}"), EVIL)
    paths = (
        "/operator",
        "/operator/artists",
        *(f"/operator/artists/{artist.handle}{tab}" for tab in ("", "/profile", "/memory")),
        f"/operator/runs/{run.id}",
        f"/operator/runs/{run.id}/steps/1",
        INBOX,
        f"{INBOX}/{approval.id}",
    )
    for path in paths:
        page = await operator.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text, path
        assert "&lt;script&gt;alert" in page.text, path
    no = {"digest": approval.digest, "reason": "mix", "comment": EVIL}
    await operator.post(f"{INBOX}/{approval.id}/reject", data=no)
    for path in (INBOX, f"{INBOX}/{approval.id}"):
        assert "<script>alert" not in (await operator.get(path)).text
    looked = await operator.get(f"/operator/artists/{artist.handle}/memory", params={"kind": EVIL})
    assert looked.status_code == 422
    assert "<script>alert" not in looked.text


async def fill(label: TestLabel, count: int) -> None:
    for number in range(count):
        artist = await debut(label, profile(f"Artist {number}"))
        run = await cycle(label, artist)
        await step(label, run, "plan", "A song.")
        await ask(label, run, await song(label, run, f"Song {number}"))


MOST_QUERIES = {
    "/operator": 26,
    "/operator/artists": 8,
    "/operator/runs": 8,
    INBOX: 20,
}


async def test_queries_do_not_grow_with_what_is_shown(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    taken: list[dict[str, int]] = []
    for _ in range(2):
        await fill(label, 3)
        now: dict[str, int] = {}
        for path in MOST_QUERIES:
            with counted(label.database) as seen:
                page = await operator.get(path)
            now[path] = len(seen)
            assert len(page.content) <= PAGE_MAX_BYTES
        taken.append(now)
    assert taken[0] == taken[1]
    assert {path: n for path, n in taken[0].items() if n > MOST_QUERIES[path]} == {}


async def test_ten_thousand_runs_come_in_pages(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    run = await cycle(label, artist)
    async with label.database.engine.begin() as connection:
        row = (await connection.execute(select(runs).where(runs.c.id == run.id))).mappings().one()
        many = [
            dict(row) | {"id": (key := f"run_{number:026d}"), "body": row["body"] | {"id": key}}
            for number in range(10_000)
        ]
        await connection.execute(insert(runs), many)
    first = await operator.get("/operator/runs")
    assert len(first.content) <= PAGE_MAX_BYTES
    behind = re.search(r'href="(/operator/runs\?after=[^"]+)" rel="next"', first.text)
    assert behind
    second = await operator.get(behind[1])
    shown = [set(re.findall(r"/operator/runs/(run_\w+)", page.text)) for page in (first, second)]
    assert [len(ids) for ids in shown] == [50, 50]
    assert shown[0].isdisjoint(shown[1])
    assert len((await operator.get("/operator")).content) <= PAGE_MAX_BYTES


async def test_a_page_with_its_styles_and_scripts_is_light(operator: httpx.AsyncClient) -> None:
    page = await operator.get(INBOX)
    names = set(re.findall(r'"/static/\w+/([\w.]+\.(?:css|js))"', page.text))
    sent = len(gzip.compress(page.content)) + sum(
        len(gzip.compress((STATIC / name).read_bytes())) for name in names
    )
    assert {"htmx.js", "shell.css", "decide.js"} <= names
    assert sent <= PAGE_MAX_BYTES


@pytest.mark.parametrize("path", ["/operator", "/operator/artists", "/operator/runs", INBOX])
async def test_an_empty_house_says_what_will_stand_there(
    operator: httpx.AsyncClient, path: str
) -> None:
    assert 'class="nothing-title"' in (await operator.get(path)).text


async def test_bulk_approves_what_was_seen(label: TestLabel, operator: httpx.AsyncClient) -> None:
    artist = await debut(label)
    found = []
    for title in ("Salt", "Radar"):
        run = await cycle(label, artist)
        found.append(await ask(label, run, await song(label, run, title)))
    page = (await operator.get(INBOX)).text
    chosen = re.findall(r'name="chosen" value="([^"]+)"', page)
    assert chosen == [f"{one.id} {one.digest}" for one in found]
    nothing = await operator.post(INBOX, data={"verdict": "reject", "comment": "Too loud."})
    assert nothing.status_code == 422
    assert 'value="Too loud."' in nothing.text
    done = await operator.post(INBOX, data={"verdict": "approve", "chosen": chosen})
    assert done.status_code == 200
    assert "Approved: “Salt”, “Radar”." in text_of(done)
    statuses = {(await label.approvals.get(OPERATOR, one.id)).status for one in found}
    assert statuses == {ApprovalStatus.APPROVED}
