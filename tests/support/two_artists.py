"""A small label of two artists, to try who sees and does what about which of them."""

from __future__ import annotations

from typing import Any

from tests.store import nouns
from tests.support.label import TestLabel

MINE, THEIRS = "a", "b"
# Stands for what does not exist.
NOBODYS = "nobodys"
# Who began the talks.
TALKER = "user_operator"


async def settle_in(label: TestLabel) -> None:
    """Two artists, each with one of everything, and people to be looked after."""
    async with label.database.unit() as unit:
        for x in (MINE, THEIRS):
            own: dict[str, Any] = {"artist_id": f"artist_{x}"}
            made: dict[str, Any] = own | {"run_id": f"run_{x}"}
            await unit.artists.add(
                nouns.artist(f"artist_{x}", handle=f"handle-{x}", profile_number=1, status="active")
            )
            await unit.profiles.add(nouns.profile(1, f"artist_{x}", id=f"profile_{x}"))
            await unit.runs.add(nouns.run(f"run_{x}", (f"artist_{x}",)))
            work = nouns.work(f"work_{x}", **made)
            kept = [a.model_copy(update={"sha256": x * 64}) for a in work.assets]
            await unit.works.add(work.model_copy(update={"assets": tuple(kept)}))
            release = nouns.release(f"release_{x}", **made, work_ids=(work.id,))
            await unit.releases.add(release)
            await unit.posts.add(nouns.post(f"post_{x}", **made))
            await unit.approvals.add(nouns.approval(f"approval_{x}", **made))
            job = nouns.generation(f"job_{x}", key=x, song_key=x, work_id=work.id, **made)
            await unit.generations.add(job)
            await unit.audience.add(nouns.audience(f"comment_{x}", release_id=release.id, **own))
            await unit.schedules.add(nouns.schedule(f"schedule_{x}", **own))
            await unit.directives.add(nouns.directive(f"directive_{x}", **own))
            await unit.adaptations.add(nouns.adaptation(f"adaptation_{x}", of=f"artist_{x}"))
            await unit.talks.add(nouns.talk(f"talk_{x}", f"artist_{x}", person=TALKER))
            said: dict[str, Any] = own | {"talk_id": f"talk_{x}"}
            await unit.turns.add(nouns.turn(f"turn_{x}", **said))
            await unit.users.add(nouns.user(f"user_{x}", f"person-{x}", artists=(f"artist_{x}",)))
            unit.emit(nouns.event(**made))
        await unit.commit()
