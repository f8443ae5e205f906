"""Reads what came of the songs of an experiment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from domain.experiment import Exposure
from domain.release import Release
from learning.reward import reward_of
from services.experiment_looks import Outcome
from services.tuning import HEARD_FOR, MOST_RELEASES
from store.unit import UnitOfWork

_ENDED = {"succeeded": 0.0, "rejected": 0.0, "failed": 1.0}
_DECIDED = {"approved": 0.0, "rejected": 1.0}


async def outcomes_of(unit: UnitOfWork, experiment_id: str, now: datetime) -> list[Outcome]:
    """One outcome for each song, in the order that arms were given."""
    exposures = await unit.exposures.of_experiment(experiment_id)
    statuses = await unit.exposures.run_statuses(experiment_id)
    # Of a run's decisions the last one counts.
    decided = dict(await unit.exposures.decisions(experiment_id))
    costs = await unit.exposures.costs_usd(experiment_id)
    songs: dict[str, set[str]] = {}
    for one in exposures:
        songs.setdefault(one.artist_id, set()).add(one.work_id)
    rewards: dict[str, float] = {}
    for artist_id, works in songs.items():
        rewards |= await rewards_of(unit, artist_id, now, works)

    def outcome(one: Exposure) -> Outcome:
        failed = _ENDED.get(statuses.get(one.run_id, ""))
        return Outcome(
            arm=one.arm,
            unit=one.unit,
            reward=rewards.get(one.work_id),
            cost=None if failed is None else costs.get(one.run_id, 0.0),
            failure=failed,
            rejection=_DECIDED.get(decided.get(one.run_id, "")),
        )

    return [outcome(one) for one in exposures]


async def rewards_of(
    unit: UnitOfWork, artist_id: str, now: datetime, only: set[str] | None = None
) -> Mapping[str, float]:
    """What the first week of each song earned, by work; songs that had no full week are left out.

    `only`: of these works.
    """
    most = MOST_RELEASES if only is None else MOST_RELEASES + len(only)
    live = _heard(await unit.releases.live(artist_id, most), now, only)
    events = await unit.audience.of_releases(artist_id, [release.id for release, _ in live])
    found = (
        (release.work_ids[0], reward_of(e for e in events[release.id] if e.created_at < until))
        for release, until in live
    )
    return {work_id: reward for work_id, reward in found if reward is not None}


def _heard(
    releases: Iterable[Release], now: datetime, only: set[str] | None
) -> list[tuple[Release, datetime]]:
    return [
        (release, release.live_at + HEARD_FOR)
        for release in releases
        if release.live_at is not None
        and release.live_at + HEARD_FOR <= now
        and (only is None or release.work_ids[0] in only)
    ]
