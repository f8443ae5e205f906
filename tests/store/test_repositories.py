from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta, timezone
from typing import Any

import pytest

from domain.approval import ApprovalStatus
from domain.artist import ArtistStatus
from domain.audience import AudienceEvent, AudienceKind
from domain.entity import Entity
from domain.errors import Conflict, NotFound, StaleVersion
from domain.generation import GenerationStatus
from domain.post import PostStatus
from domain.quality import QualityReport, within
from domain.release import ReleaseStatus
from domain.run import RunStatus
from domain.work import WorkStatus
from store.database import Database
from tests.store import nouns

LATER = nouns.NOW + timedelta(hours=1)

KEPT: dict[str, tuple[str, Callable[[], Entity]]] = {
    "artist": ("artists", lambda: nouns.artist("artist_09")),
    "profile": ("profiles", nouns.profile),
    "run": ("runs", lambda: nouns.run("run_09", ("artist_02", "artist_01"))),
    "step": ("steps", nouns.step),
    "work": ("works", lambda: nouns.work("work_09")),
    "release": ("releases", lambda: nouns.release("release_09", live_at=LATER)),
    "post": ("posts", lambda: nouns.post("post_09")),
    "approval": ("approvals", nouns.approval),
    "attempt": ("attempts", nouns.attempt),
    "audience": ("audience", lambda: nouns.audience(hidden=True, post_id="post_01")),
    "stage": ("stage", nouns.stage),
    "generation": ("generations", nouns.generation),
    "provider_health": ("providers", nouns.provider_health),
    "schedule": ("schedules", nouns.schedule),
    "switch": ("switches", nouns.switch),
    "channel": ("channels", nouns.channel),
    "webhook": ("webhooks", nouns.webhook),
    "alert": ("alerts", nouns.alert),
    "render": ("renders", nouns.render),
    "talk": ("talks", lambda: nouns.talk("talk_09")),
    "turn": ("turns", lambda: nouns.turn("turn_09", 9)),
    "directive": ("directives", lambda: nouns.directive("directive_09")),
    "steering": ("steerings", lambda: nouns.steering("steering_09", artist_id="artist_02")),
    "person": ("users", lambda: nouns.user("user_09", "bo")),
    "invitation": ("invitations", lambda: nouns.invitation("invitation_09", secret_hash="x")),
    "session": ("sessions", lambda: nouns.session("session_09", secret_hash="x")),
    "key": ("keys", lambda: nouns.api_key("key_09", secret_hash="x")),
    "audit": ("audit", lambda: nouns.audit_entry("audit_09")),
    "kept_request": ("kept_requests", lambda: nouns.kept_request("request_09", key_digest="x")),
}
SAVED = sorted(set(KEPT) - {"profile"})


@pytest.mark.parametrize("noun", sorted(KEPT))
async def test_every_noun_comes_back_as_it_was_stored(label: Database, noun: str) -> None:
    repository, make = KEPT[noun]
    async with label.unit() as unit:
        await getattr(unit, repository).add(make())
        await unit.commit()
    async with label.unit() as unit:
        found = await getattr(unit, repository).get(make().id)
    assert found == make()
    assert found.created_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("noun", sorted(KEPT))
async def test_what_is_not_there_is_named(label: Database, noun: str) -> None:
    async with label.unit() as unit:
        repository = getattr(unit, KEPT[noun][0])
        with pytest.raises(NotFound) as raised:
            await repository.get("nothing_01")
    assert repository.mapper.noun in raised.value.message
    assert "nothing_01" in raised.value.message
    assert raised.value.remedy


@pytest.mark.parametrize("noun", SAVED)
async def test_a_save_bumps_the_version_and_a_second_writer_is_refused(
    label: Database, noun: str
) -> None:
    repository, make = KEPT[noun]
    async with label.unit() as unit:
        mine = theirs = await getattr(unit, repository).add(make())
        stored = await getattr(unit, repository).save(mine.amend(LATER))
        await unit.commit()
    assert (stored.row_version, stored.updated_at) == (2, LATER)
    async with label.unit() as unit:
        assert await getattr(unit, repository).get(mine.id) == stored
        with pytest.raises(StaleVersion) as raised:
            await getattr(unit, repository).save(theirs.amend(LATER))
    assert raised.value.remedy == "Read it again and repeat the change."


@pytest.mark.parametrize("noun", sorted(KEPT))
async def test_an_id_is_used_once(label: Database, noun: str) -> None:
    repository, make = KEPT[noun]
    async with label.unit() as unit:
        await getattr(unit, repository).add(make())
        with pytest.raises(Conflict) as raised:
            await getattr(unit, repository).add(make())
        # The unit stays usable: nothing was aborted.
        assert (await getattr(unit, repository).get(make().id)) == make()
    assert raised.value.field == "id"


async def test_saving_what_was_never_stored_is_not_found(label: Database) -> None:
    async with label.unit() as unit:
        with pytest.raises(NotFound):
            await unit.works.save(nouns.work("work_77"))


async def test_a_taken_handle_is_refused_by_name(label: Database) -> None:
    async with label.unit() as unit:
        with pytest.raises(Conflict) as added:
            await unit.artists.add(nouns.artist("artist_08", handle="artist-01"))
        with pytest.raises(Conflict) as saved:
            await unit.artists.save(nouns.artist("artist_02", handle="artist-01"))
    assert added.value.field == saved.value.field == "handle"


async def test_a_reference_to_nothing_is_refused(label: Database) -> None:
    async with label.unit() as unit:
        with pytest.raises(NotFound, match="this work refers to"):
            await unit.works.add(nouns.work("work_05", run_id="run_77"))


async def test_a_moment_of_any_zone_is_kept_in_utc(label: Database) -> None:
    tokyo = nouns.NOW.astimezone(timezone(timedelta(hours=9)))
    async with label.unit() as unit:
        await unit.approvals.add(nouns.approval(expires_at=tokyo))
        found = await unit.approvals.get("approval_01")
        assert found.expires_at == nouns.NOW
        assert found.expires_at.utcoffset() == timedelta(0)
        assert [a.id for a in await unit.approvals.due(tokyo)] == ["approval_01"]


async def test_order_of_keys_and_unmeasured_numbers_survive(label: Database) -> None:
    nothing = within("loudness", float("nan"), low=0, what="loudness")
    reported = nouns.work("work_05", reports=(QualityReport(subject="audio", gates=(nothing,)),))
    async with label.unit() as unit:
        await unit.steps.add(nouns.step(snapshot={"b": 1, "a": {"d": 1, "c": 2}}))
        await unit.works.add(reported)
        [step] = await unit.steps.of_run("run_01")
        work = await unit.works.get("work_05")
    assert list(step.snapshot) == ["b", "a"]
    assert list(step.snapshot["a"]) == ["d", "c"]
    assert work.reports[0].gates[0].value is None


async def test_artists_by_handle_by_either_name_and_in_pages(label: Database) -> None:
    async with label.unit() as unit:
        await unit.artists.add(nouns.artist("artist_03", status=ArtistStatus.ACTIVE))
        assert (await unit.artists.by_handle("artist-02")).id == "artist_02"
        assert (await unit.artists.find("artist-02")).id == "artist_02"
        assert (await unit.artists.find("artist_02")).id == "artist_02"
        for missing in (unit.artists.by_handle("nobody"), unit.artists.find("nobody")):
            with pytest.raises(NotFound, match="nobody"):
                await missing
        first = await unit.artists.page(None, 2)
        second = await unit.artists.page(first[-1].id, 2)
        active = await unit.artists.page(None, 9, ArtistStatus.ACTIVE)
    assert [a.id for a in (*first, *second)] == ["artist_01", "artist_02", "artist_03"]
    assert [a.id for a in active] == ["artist_03"]


async def test_profile_versions(label: Database) -> None:
    async with label.unit() as unit:
        assert await unit.profiles.latest("artist_01") is None
        for number in (1, 2, 3):
            await unit.profiles.add(nouns.profile(number))
        await unit.profiles.add(nouns.profile(1, "artist_02"))
        latest = await unit.profiles.latest("artist_01")
        assert latest is not None
        assert latest.number == 3
        newest = await unit.profiles.latest_of(["artist_01", "artist_02", "artist_77"])
        assert {a: v.number for a, v in newest.items()} == {"artist_01": 3, "artist_02": 1}
        assert (await unit.profiles.number("artist_01", 2)).number == 2
        assert [v.number for v in await unit.profiles.history("artist_01")] == [1, 2, 3]
        with pytest.raises(NotFound):
            await unit.profiles.number("artist_01", 4)
        with pytest.raises(Conflict) as raised:
            await unit.profiles.add(nouns.profile(3).model_copy(update={"id": "other"}))
    assert raised.value.field == "number"


async def test_works_of_run_and_artist(label: Database) -> None:
    async with label.unit() as unit:
        await unit.runs.add(nouns.run("run_02"))
        await unit.works.add(nouns.work("work_02", run_id="run_02", status=WorkStatus.COMPLETE))
        await unit.works.add(nouns.work("work_03", artist_id="artist_02"))
        mine = await unit.works.of_artist("artist_01")
        complete = await unit.works.of_artist("artist_01", [WorkStatus.COMPLETE])
        none = await unit.works.of_artist("artist_01", [])
        last = await unit.works.of_artist("artist_01", limit=1)
        of_run = await unit.works.by_run("run_01")
        many = await unit.works.many(["work_03", "work_01", "work_77"])
    assert [w.id for w in mine] == ["work_02", "work_01"]
    assert [w.id for w in complete] == ["work_02"]
    assert none == []
    assert [w.id for w in last] == ["work_02"]
    assert [w.id for w in of_run] == ["work_01", "work_03"]
    assert sorted(many) == ["work_01", "work_03"]


async def test_live_releases_last_gone_live_first(label: Database) -> None:
    def live(number: int, hours: int) -> Any:
        at = nouns.NOW + timedelta(hours=hours)
        return nouns.release(f"release_0{number}", status=ReleaseStatus.LIVE, live_at=at)

    async with label.unit() as unit:
        await unit.releases.add(live(2, 5))
        await unit.releases.add(live(3, 1))
        await unit.releases.add(live(4, 1).model_copy(update={"artist_id": "artist_02"}))
        assert [r.id for r in await unit.releases.live("artist_01")] == ["release_02", "release_03"]
        drafts = await unit.releases.of_artist("artist_01", [ReleaseStatus.DRAFT])
        assert [r.id for r in drafts] == ["release_01"]
        assert len(await unit.releases.by_run("run_01")) == 4


async def test_published_posts_last_first(label: Database) -> None:
    def published(number: int, hours: int) -> Any:
        at = nouns.NOW + timedelta(hours=hours)
        return nouns.post(f"post_0{number}", status=PostStatus.PUBLISHED, published_at=at)

    async with label.unit() as unit:
        await unit.posts.add(published(2, 5))
        await unit.posts.add(published(3, 1))
        assert [p.id for p in await unit.posts.published("artist_01")] == ["post_02", "post_03"]
        assert await unit.posts.published("artist_02") == []
        assert [p.id for p in await unit.posts.by_run("run_01")] == [
            "post_01",
            "post_02",
            "post_03",
        ]
        drafts = await unit.posts.of_artist("artist_01", [PostStatus.DRAFT])
        assert [p.id for p in drafts] == ["post_01"]


async def test_posts_of_an_account_are_counted_and_found_by_their_names(label: Database) -> None:
    def published(number: int, hours: int, account: str | None, channel: str = "far") -> Any:
        payload = nouns.payload().model_copy(update={"channel": channel, "account": account})
        return nouns.post(
            f"post_0{number}",
            payload=payload,
            status=PostStatus.PUBLISHED,
            published_at=nouns.NOW + timedelta(hours=hours),
            remote_id=f"at://{number}",
        )

    async with label.unit() as unit:
        for post in (
            published(2, 1, "a"),
            published(3, 2, "a"),
            published(4, 3, "b"),
            published(5, 4, None),
            published(6, 5, None, "stage"),
        ):
            await unit.posts.add(post)
        since = nouns.NOW + timedelta(hours=1)
        sent = unit.posts.sent_since
        assert await sent("artist_01", "far", "a", nouns.NOW) == (2, since)
        assert await sent("artist_01", "far", "a", since) == (1, since + timedelta(hours=1))
        assert (await sent("artist_01", "far", None, nouns.NOW))[0] == 1
        assert await sent("artist_02", "far", "a", nouns.NOW) == (0, None)
        young = await unit.posts.published_since("artist_01", "far", since, 2)
        assert [p.id for p in young] == ["post_05", "post_04"]
        names = ["at://2", "at://6", "at://7"]
        assert [p.id for p in await unit.posts.by_remote_ids("artist_01", "far", names)] == [
            "post_02"
        ]
        assert await unit.posts.by_remote_ids("artist_01", "far", []) == []


async def test_stage_entries_by_key_without_the_removed(label: Database) -> None:
    async with label.unit() as unit:
        await unit.stage.add(nouns.stage())
        await unit.stage.add(nouns.stage("stage_02", "post_02", published_at=LATER))
        await unit.stage.add(nouns.stage("stage_03", "post_03", removed=True))
        assert [e.id for e in await unit.stage.of_artist("artist_01")] == ["stage_02", "stage_01"]
        assert (await unit.stage.by_key("post_03")) == nouns.stage(
            "stage_03", "post_03", removed=True
        )
        assert await unit.stage.by_key("post_04") is None
        with pytest.raises(Conflict) as raised:
            await unit.stage.add(nouns.stage("stage_04", "post_01"))
    assert raised.value.field == "client_key"


async def test_approvals_that_wait_and_are_due(label: Database) -> None:
    async with label.unit() as unit:
        await unit.approvals.add(nouns.approval())
        await unit.approvals.add(
            nouns.approval("approval_02", artist_id="artist_02", expires_at=LATER)
        )
        await unit.approvals.add(
            nouns.approval("approval_03", expires_at=LATER, status=ApprovalStatus.APPROVED)
        )
        waiting = await unit.approvals.waiting()
        assert [a.id for a in waiting] == ["approval_01", "approval_02"]
        assert [a.id for a in await unit.approvals.waiting("artist_02")] == ["approval_02"]
        assert await unit.approvals.due(LATER - timedelta(microseconds=1)) == []
        assert [a.id for a in await unit.approvals.due(LATER)] == ["approval_02"]
        assert len(await unit.approvals.of_run("run_01")) == 3
        page = await unit.approvals.page("approval_03", 1)
        assert [a.id for a in page] == ["approval_02"]
        approved = await unit.approvals.page(status=ApprovalStatus.APPROVED, artist_id="artist_01")
        assert [a.id for a in approved] == ["approval_03"]


async def test_runs_are_found_by_every_artist_that_takes_part(label: Database) -> None:
    async with label.unit() as unit:
        both = await unit.runs.add(nouns.run("run_02", ("artist_02", "artist_01")))
        await unit.runs.add(nouns.run("run_03", ("artist_02",), status=RunStatus.FAILED))
        await unit.runs.add(nouns.run("run_04", ("artist_02",), status=RunStatus.SUCCEEDED))
        assert [r.id for r in await unit.runs.of_artist("artist_01", 9)] == ["run_02", "run_01"]
        assert [r.id for r in await unit.runs.active()] == ["run_01", "run_02"]
        assert [r.id for r in await unit.runs.active("artist_02")] == ["run_02"]
        await unit.runs.save(both.amend(LATER, artist_ids=("artist_02",)))
        assert [r.id for r in await unit.runs.of_artist("artist_01", 9)] == ["run_01"]
        page = await unit.runs.page("run_04", 2, artist_id="artist_02")
        assert [r.id for r in page] == ["run_03", "run_02"]
        failed = await unit.runs.page(status=RunStatus.FAILED)
        assert [r.id for r in failed] == ["run_03"]


async def test_steps_keep_the_order_they_were_added_in(label: Database) -> None:
    ids = ["step_09", "step_01", "step_05"]
    async with label.unit() as unit:
        for step_id in ids:
            await unit.steps.add(nouns.step(step_id))
        await unit.commit()
    async with label.unit() as unit:
        first = (await unit.steps.of_run("run_01"))[0]
        await unit.steps.save(first.amend(LATER, outcome="error"))
        assert [s.id for s in await unit.steps.of_run("run_01")] == ids


async def test_an_attempt_is_planned_once_and_found_by_its_key(label: Database) -> None:
    async with label.unit() as unit:
        await unit.attempts.add(nouns.attempt())
        with pytest.raises(Conflict) as raised:
            await unit.attempts.add(nouns.attempt("attempt_02"))
        assert await unit.attempts.by_key("run_01:publish") == nouns.attempt()
        assert await unit.attempts.by_key("run_01:other") is None
    assert raised.value.field == "key"


async def _add(label: Database, *events: tuple[AudienceKind, dict[str, Any]]) -> None:
    async with label.unit() as unit:
        for number, (kind, changes) in enumerate(events):
            await unit.audience.add(nouns.audience(f"audience_{number:02}", kind, **changes))
        await unit.commit()


def _ids(events: list[AudienceEvent]) -> list[str]:
    return [event.id for event in events]


async def test_what_is_unperceived_is_perceived_once(label: Database) -> None:
    await _add(label, ("play", {}), ("comment", {}), ("comment", {"hidden": True}), ("like", {}))
    async with label.unit() as unit:
        await unit.runs.add(nouns.run("run_02"))
        seen = await unit.audience.unperceived("artist_01", 2)
        assert _ids(seen) == ["audience_00", "audience_01"]
        assert await unit.audience.mark_perceived(_ids(seen), "run_01", LATER) == 2
        assert await unit.audience.mark_perceived(_ids(seen), "run_02", LATER) == 0
        assert await unit.audience.mark_perceived([], "run_02", LATER) == 0
        perceived = await unit.audience.get("audience_00")
        assert (perceived.perceived_in_run, perceived.row_version) == ("run_01", 2)
        assert _ids(await unit.audience.unperceived("artist_01", 9)) == ["audience_03"]
        assert await unit.audience.unperceived("artist_02", 9) == []


async def test_comments_newest_first_of_what_is_named(label: Database) -> None:
    await _add(
        label,
        ("comment", {}),
        ("comment", {"post_id": "post_01", "release_id": None}),
        ("comment", {"hidden": True}),
        ("play", {}),
    )
    async with label.unit() as unit:
        comments = unit.audience.comments
        assert _ids(await comments(artist_id="artist_01")) == ["audience_01", "audience_00"]
        assert _ids(await comments(artist_id="artist_01", limit=1)) == ["audience_01"]
        assert _ids(await comments(release_id="release_01")) == ["audience_00"]
        assert _ids(await comments(post_id="post_01")) == ["audience_01"]
        shown = await comments(release_id="release_01", hidden=True)
        assert _ids(shown) == ["audience_02", "audience_00"]


async def test_totals_count_a_visitors_last_word_on_liking(label: Database) -> None:
    other = {"visitor_id": "visitor_02"}
    await _add(
        label,
        ("like", {}),
        ("unlike", {}),
        ("like", {}),
        ("like", {}),
        ("like", other),
        ("unlike", other),
        ("play", {}),
        ("play", other),
        ("comment", {}),
        ("comment", {"hidden": True}),
        ("play", {"release_id": None}),
        ("play", {"artist_id": "artist_02", "release_id": None}),
    )
    async with label.unit() as unit:
        assert await unit.audience.totals("artist_01") == {"plays": 3, "likes": 1, "comments": 1}
        one = {"plays": 2, "likes": 1, "comments": 1}
        assert await unit.audience.totals("artist_01", "release_01") == one
        none = {"plays": 0, "likes": 0, "comments": 0}
        by_release = await unit.audience.totals_by_release("artist_01", ["release_01", "other"])
        assert by_release == {"release_01": one, "other": none}
        for visitor, liked in (("01", {"release_01"}), ("02", set()), ("03", set())):
            assert await unit.audience.liked(f"visitor_{visitor}", ["release_01"]) == liked


async def test_recent_count_of_a_visitor(label: Database) -> None:
    await _add(
        label,
        ("play", {"created_at": nouns.NOW - timedelta(minutes=1)}),
        ("play", {}),
        ("comment", {}),
        ("play", {"visitor_id": "visitor_02"}),
    )
    async with label.unit() as unit:
        assert await unit.audience.recent_count("visitor_01", nouns.NOW) == 2
        assert await unit.audience.recent_count("visitor_01", nouns.NOW, kind="comment") == 1
        assert await unit.audience.recent_count("visitor_01", LATER) == 0


async def test_jobs_are_found_by_song_by_work_and_by_the_providers_own_id(label: Database) -> None:
    first = nouns.generation()
    second = nouns.generation("generation_02", "work_01-song-0-other-1", provider="other")
    third = nouns.generation(
        "generation_03",
        "work_01-song-1-scripted-1",
        song_key="work_01-song-1",
        provider_job_id="remote-2",
        status="outcome_unknown",
    )
    async with label.unit() as unit:
        for job in (second, third, first):
            await unit.generations.add(job)
        assert await unit.generations.of_song("work_01-song-0") == [first, second]
        assert await unit.generations.of_work("work_01") == [first, second, third]
        assert await unit.generations.of_work("work_02") == []
        assert await unit.generations.by_provider_job("scripted", "remote-1") == first
        assert await unit.generations.by_provider_job("other", "remote-2") is None
        assert await unit.generations.page(limit=2) == [third, second]
        assert await unit.generations.page("generation_02") == [first]
        unknown = [GenerationStatus.OUTCOME_UNKNOWN]
        assert await unit.generations.page(statuses=unknown) == [third]


async def test_a_key_goes_to_a_provider_once(label: Database) -> None:
    async with label.unit() as unit:
        await unit.generations.add(nouns.generation())
        with pytest.raises(Conflict) as raised:
            await unit.generations.add(nouns.generation("generation_02"))
        assert raised.value.field == "key"


async def test_a_providers_health_is_found_by_its_name(label: Database) -> None:
    async with label.unit() as unit:
        await unit.providers.add(nouns.provider_health())
        assert await unit.providers.by_name("scripted") == nouns.provider_health()
        assert await unit.providers.by_name("other") is None
