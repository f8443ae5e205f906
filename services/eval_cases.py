"""Cases that people add to suites, among them what they decided on an artist's works.

Only what the artist set out with and what a person of the label said enters a case. What fans and
strangers wrote never does: answers to them are not taken, nor is anything an artist remembers.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from domain.actor import Actor
from domain.approval import Approval, Decision
from domain.errors import NotFound
from domain.evaluation import SPLIT_SEED, Case, KeptCase
from domain.ids import new_id
from domain.profile import Profile
from domain.work import Work
from learning.splits import part_of
from services.base import Service
from store.unit import UnitOfWork

_LYRICS_BARS = 8
POSTS, LYRICS = "posts", "lyrics"


class EvalCaseService(Service):
    """Use cases of kept cases; one of an artist is for those who may see it."""

    async def add(
        self, actor: Actor, suite: str, cases: Sequence[Case], artist_id: str | None = None
    ) -> list[KeptCase]:
        """Keep cases of one suite; raises `Conflict` where one of this name is kept already."""
        actor.must("evaluate", "system", artist_id=artist_id)
        now = self.clock.now()
        kept = [
            KeptCase(
                id=new_id("case"),
                created_at=now,
                updated_at=now,
                suite=suite,
                case_id=case.id,
                case=case,
                artist_id=artist_id,
                added_by=actor.id,
            )
            for case in cases
        ]
        async with self.database.unit() as unit:
            for one in kept:
                await unit.eval_cases.add(one)
            await unit.commit()
        return kept

    async def add_from_run(self, actor: Actor, run_id: str) -> list[KeptCase]:
        """Keep every decision on posts and songs of an artist's run that is not kept yet."""
        async with self.database.unit() as unit:
            run = await unit.runs.get(run_id)
            actor.must("evaluate", "system", artist_id=run.artist_id)
            found = await self._decided(unit, run_id, run.artist_id)
            there = {(one.suite, one.case_id) for one in await unit.eval_cases.of_suite()}
        if not found:
            raise NotFound(
                f"nobody has decided on a song or a post about one in {run_id}",
                field="from_run",
                remedy="Approve or reject what it made, and add it then.",
            )
        kept: list[KeptCase] = []
        for suite in (POSTS, LYRICS):
            new = [case for name, case in found if name == suite and (name, case.id) not in there]
            kept += await self.add(actor, suite, new, run.artist_id)
        return kept

    async def of_suite(self, actor: Actor, suite: str | None = None) -> list[KeptCase]:
        """Kept cases that the actor may see, oldest first."""
        actor.must_read()
        async with self.database.unit() as unit:
            return await unit.eval_cases.of_suite(suite, only=actor.artists)

    async def remove(self, actor: Actor, kept_id: str) -> KeptCase:
        """Take a case out of its suite; runs that asked it keep what they found."""
        async with self.database.unit() as unit:
            kept = await unit.eval_cases.get(kept_id)
            actor.must("evaluate", "system", artist_id=kept.artist_id)
            await unit.eval_cases.remove(kept_id)
            await unit.commit()
        return kept

    async def _decided(
        self, unit: UnitOfWork, run_id: str, artist_id: str
    ) -> list[tuple[str, Case]]:
        artist = await unit.artists.get(artist_id)
        if not artist.profile_number:
            return []
        profile = (await unit.profiles.number(artist_id, artist.profile_number)).profile
        found = []
        for approval in await unit.approvals.of_run(run_id):
            if approval.decision is not None:
                found += await _cases_of(unit, approval, approval.decision, profile)
        return found


async def _cases_of(
    unit: UnitOfWork, approval: Approval, decision: Decision, profile: Profile
) -> list[tuple[str, Case]]:
    """The songs and the posts about them that one decision was about."""
    ids = {
        kind: [s.id for s in approval.subjects if s.kind == kind] for kind in ("release", "post")
    }
    releases = await unit.releases.many(ids["release"])
    works = await unit.works.many(w for release in releases.values() for w in release.work_ids)
    blamed = decision.reasons
    found = [
        (LYRICS, _lyrics_case(approval, decision, work, profile))
        for work in works.values()
        if work.lyrics and (not blamed or "lyrics" in blamed)
    ]
    for post in (await unit.posts.many(ids["post"])).values():
        release = releases.get(post.payload.release_id or "")
        if release is None or (blamed and "words_of_post" not in blamed):
            continue
        work = works[release.work_ids[0]]
        said = {"network": post.payload.channel, "text": post.payload.text}
        found.append((POSTS, _post_case(approval, decision, work, profile, said, post.id)))
    return found


def _post_case(
    approval: Approval,
    decision: Decision,
    work: Work,
    profile: Profile,
    said: dict[str, str],
    post_id: str,
) -> Case:
    concept = work.concept
    rejected = decision.verdict == "reject"
    asked = {"kind": "announcement", "network": said["network"], "title": work.title}
    told = {"theme": concept.theme, "story": concept.story}
    says: list[JsonValue] = [[work.title]]
    avoids: list[JsonValue] = [[said["text"]]] if rejected else []
    target: dict[str, JsonValue] = {"says": says, "avoids": avoids, **_note(decision)}
    tags = {"network": said["network"], "kind": "announcement"}
    return _case(f"kept-{post_id}", approval, profile, {**asked, **told}, target, tags, rejected)


def _lyrics_case(approval: Approval, decision: Decision, work: Work, profile: Profile) -> Case:
    form = ",".join(f"{section.section}:{_LYRICS_BARS}" for section in work.lyrics)
    asked: dict[str, JsonValue] = {"concept": work.concept.model_dump(mode="json"), "form": form}
    rejected = decision.verdict == "reject"
    return _case(f"kept-{work.id}", approval, profile, asked, _note(decision), {}, rejected)


def _note(decision: Decision) -> dict[str, JsonValue]:
    return {
        "verdict": decision.verdict,
        "reasons": list(decision.reasons),
        "note": decision.comment,
    }


def _case(
    case_id: str,
    approval: Approval,
    profile: Profile,
    asked: dict[str, JsonValue] | dict[str, str],
    target: dict[str, JsonValue],
    tags: dict[str, str],
    expensive: bool,
) -> Case:
    return Case(
        id=case_id.lower(),
        split=part_of(case_id.lower(), seed=SPLIT_SEED),
        input={**asked, "artist": profile.stage_name, "profile": profile.model_dump(mode="json")},
        target=target,
        tags={"genre": profile.genre_pack, "decision": str(target["verdict"]), **tags},
        expensive=expensive,
        source=approval.id,
    )
