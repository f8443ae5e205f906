"""How recent songs came to be: every provider tried for each, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.generation import GenerationJob, GenerationStatus, may_have_paid, spent_on
from store.unit import UnitOfWork

TRIES_A_SONG = 4


class SongTrail(BaseModel):
    """One song with its jobs, oldest first; the last that is done made it."""

    model_config = ConfigDict(frozen=True)

    song_key: str
    title: str
    stage_name: str | None
    work_id: str | None
    run_id: str | None
    at: AwareDatetime
    maker: str | None
    cost_usd: float
    in_doubt: bool
    jobs: tuple[GenerationJob, ...]


async def recent_trails(
    unit: UnitOfWork, limit: int, only: Collection[str] | None = None
) -> list[SongTrail]:
    """The newest songs, each with all its jobs; `only` of these artists."""
    newest = await unit.generations.page(limit=limit * TRIES_A_SONG, only=only)
    keys = list(dict.fromkeys(job.song_key for job in newest))[:limit]
    songs = [await unit.generations.of_song(key) for key in keys]
    return await _told(unit, songs)


async def _told(unit: UnitOfWork, songs: Sequence[list[GenerationJob]]) -> list[SongTrail]:
    works = await unit.works.many(j.work_id for jobs in songs for j in jobs if j.work_id)
    artists = await unit.artists.many(j.artist_id for jobs in songs for j in jobs if j.artist_id)
    found = []
    for jobs in songs:
        last = jobs[-1]
        work = works.get(last.work_id or "")
        artist = artists.get(last.artist_id or "")
        found.append(
            SongTrail(
                song_key=last.song_key,
                title=work.title if work else last.song_key,
                stage_name=artist.stage_name if artist else None,
                work_id=last.work_id,
                run_id=last.run_id,
                at=last.created_at,
                maker=_maker(jobs),
                cost_usd=spent_on(jobs),
                in_doubt=may_have_paid(jobs),
                jobs=tuple(jobs),
            )
        )
    return found


def _maker(jobs: Sequence[GenerationJob]) -> str | None:
    """Who made what is heard now; the embedded engine's row may be older than a later try's."""
    done = [job for job in jobs if job.status is GenerationStatus.DONE and not job.settled_by]
    return max(done, key=lambda job: job.finished_at or job.created_at).provider if done else None
