"""Directives and goals: give them, change them, take them back, and see what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.directive import (
    STANDING_MAX,
    Directive,
    DirectiveKind,
    DirectiveStatus,
    Measure,
    Source,
    Target,
    check_target,
    check_text,
    check_until,
    is_lasting,
)
from domain.errors import Conflict
from domain.ids import new_id
from domain.plan import Order
from domain.prohibition import forbidden
from domain.seen import Seen
from services.base import Service
from store.unit import UnitOfWork

_NOUNS: dict[Measure, tuple[str, str]] = {
    "songs": ("song", "songs"),
    "posts": ("post", "posts"),
    "plays": ("play", "plays"),
    "likes": ("like", "likes"),
}
TYPED = Source()
Same = Literal["same"]


class Progress(BaseModel):
    """How near a measured goal is."""

    model_config = ConfigDict(frozen=True)

    done: int
    of: int
    measure: Measure

    @property
    def reached(self) -> bool:
        """Whether the number is there."""
        return self.done >= self.of

    @property
    def words(self) -> str:
        """Such as “1 of 3 songs”."""
        one, many = _NOUNS[self.measure]
        return f"{self.done} of {self.of} {one if self.of == 1 else many}"


class Shown(BaseModel):
    """A directive with how near it is, where it is measured."""

    model_config = ConfigDict(frozen=True)

    directive: Directive
    progress: Progress | None = None


class DirectiveService(Service):
    """Use cases of directives. What is given here, the artist's next plan sees."""

    async def add(
        self,
        actor: Actor,
        artist: str,
        text: str,
        *,
        kind: DirectiveKind = "directive",
        target: Target | None = None,
        until: datetime | None = None,
        lasting: bool | None = None,
        source: Source = TYPED,
    ) -> Directive:
        """Give an artist, by handle or id, a directive or a goal.

        `lasting` unsaid is read from the words. The same standing words again are the same
        directive. Raises `InvalidInput` naming `text`, `until` or `target`.
        """
        now = self.clock.now()
        plain = check_text(text)
        check_until(until, now)
        check_target(kind, target)
        async with self.database.unit() as unit:
            found = await unit.artists.find(artist)
            actor.must("steer", artist_id=found.id)
            await _lock(unit, found.id)
            standing = await unit.directives.standing(found.id)
            for known in standing:
                if _means(known) == (plain, kind, target, until):
                    return known
            _check_room(standing)
            directive = Directive(
                id=new_id("directive"),
                created_at=now,
                updated_at=now,
                artist_id=found.id,
                kind=kind,
                text=plain,
                target=target,
                until=until,
                lasting=is_lasting(kind, plain, lasting, until),
                forbids=forbidden(plain) if kind == "directive" else (),
                source=source,
                by=_name(actor),
            )
            await unit.directives.add(directive)
            self._changed(unit, actor, directive)
            await unit.commit()
        return directive

    async def edit(
        self,
        actor: Actor,
        directive_id: str,
        text: str,
        *,
        seen: Seen | None = None,
        target: Target | Same | None = "same",
        until: datetime | Same | None = "same",
        lasting: bool | Same | None = "same",
    ) -> Directive:
        """Say a standing directive otherwise; how it read before is kept.

        What is not given stays; words that now sound as if meant for good make it lasting. An
        edit of what is not as it was `seen` raises `StaleVersion`; raises `IllegalTransition` when
        it no longer stands.
        """
        now = self.clock.now()
        plain = check_text(text)
        async with self.database.unit() as unit:
            known = await _held(unit, directive_id)
            actor.must("steer", artist_id=known.artist_id)
            if seen is not None:
                seen.check("directive", known.row_version)
            goal = known.target if target == "same" else target
            end = known.until if until == "same" else until
            if end != known.until:
                check_until(end, now)
            check_target(known.kind, goal)
            said = (known.lasting or None) if lasting == "same" else lasting
            holds = is_lasting(known.kind, plain, said, end)
            changed = known.edited(
                _name(actor), now, text=plain, target=goal, until=end, lasting=holds
            )
            if changed is known:
                return known
            return await self._save(unit, actor, changed)

    async def revoke(
        self, actor: Actor, directive_id: str, *, seen: Seen | None = None, why: str = ""
    ) -> Directive:
        """Take a directive back; again is harmless.

        Raises `IllegalTransition` once it has ended otherwise.
        """
        async with self.database.unit() as unit:
            known = await _held(unit, directive_id)
            actor.must("steer", artist_id=known.artist_id)
            if known.status is DirectiveStatus.REVOKED:
                return known
            if seen is not None:
                seen.check("directive", known.row_version)
            ended = known.end(
                DirectiveStatus.REVOKED, _name(actor), self.clock.now(), why=why.strip()[:500]
            )
            return await self._save(unit, actor, ended)

    async def fulfil(
        self, actor: Actor, directive_id: str, *, run_id: str | None = None, why: str = ""
    ) -> Directive:
        """Mark it as done, by the run that did it or by a person; twice is harmless."""
        async with self.database.unit() as unit:
            known = await _held(unit, directive_id)
            actor.must("steer", "artist", "system", artist_id=known.artist_id)
            if not known.standing and actor.kind != "operator":
                return known  # Revoked while the run was at it, or done already.
            if known.status is DirectiveStatus.FULFILLED:
                return known
            done = known.end(
                DirectiveStatus.FULFILLED, _name(actor), self.clock.now(), run_id=run_id, why=why
            )
            return await self._save(unit, actor, done)

    async def done_once(self, actor: Actor, directive_id: str, run_id: str) -> Directive:
        """Mark it as done by a run, unless it holds for good."""
        async with self.database.unit() as unit:
            known = await unit.directives.get(directive_id)
        if known.lasting or not known.standing:
            return known
        return await self.fulfil(actor, directive_id, run_id=run_id)

    async def expire_due(self, actor: Actor) -> list[Directive]:
        """End what has a time that is over; a goal that was reached by then is fulfilled."""
        actor.must_be("system")
        now = self.clock.now()
        async with self.database.unit() as unit:
            over = [item.id for item in await unit.directives.over(now)]
        return [ended for item in over if (ended := await self._expire(actor, item)) is not None]

    async def _expire(self, actor: Actor, directive_id: str) -> Directive | None:
        now = self.clock.now()
        async with self.database.unit() as unit:
            known = await _held(unit, directive_id)
            if not known.standing or known.until is None or known.until > now:
                return None
            progress = (await _shown(unit, [known]))[0].progress
            reached = progress is not None and progress.reached
            status = DirectiveStatus.FULFILLED if reached else DirectiveStatus.EXPIRED
            why = progress.words if progress else "its time is over"
            return await self._save(unit, actor, known.end(status, _name(actor), now, why=why))

    async def get(self, actor: Actor, directive_id: str) -> Shown:
        """One directive; raises `NotFound`."""
        async with self.database.unit() as unit:
            directive = await unit.directives.get(directive_id)
            actor.must("read", "artist", "system", artist_id=directive.artist_id)
            return (await _shown(unit, [directive]))[0]

    async def page(
        self,
        actor: Actor,
        artist: str,
        *,
        after: str | None = None,
        limit: int = 50,
        kind: DirectiveKind | None = None,
        status: DirectiveStatus | None = None,
    ) -> list[Shown]:
        """An artist's directives, newest first, ended ones too unless a status is asked for."""
        async with self.database.unit() as unit:
            found = await unit.artists.find(artist)
            actor.must("read", "artist", "system", artist_id=found.id)
            page = await unit.directives.page(found.id, after, limit, kind=kind, status=status)
            return await _shown(unit, page)

    async def orders(self, actor: Actor, artist_id: str) -> list[Order]:
        """What counts for the artist's next plan, oldest first; reached goals are closed here."""
        actor.must("read", "artist", "system", artist_id=artist_id)
        now = self.clock.now()
        async with self.database.unit() as unit:
            standing = await unit.directives.standing(artist_id)
            shown = await _shown(unit, standing)
        counting = []
        for each in shown:
            item, progress = each.directive, each.progress
            if progress is not None and progress.reached and actor.kind != "operator":
                await self.fulfil(actor, item.id, why=progress.words)
            elif item.until is None or item.until > now:
                counting.append(item.order(progress.words if progress else ""))
        return counting

    async def _save(self, unit: UnitOfWork, actor: Actor, directive: Directive) -> Directive:
        saved = await unit.directives.save(directive)
        self._changed(unit, actor, saved)
        await unit.commit()
        return saved

    def _changed(self, unit: UnitOfWork, actor: Actor, directive: Directive) -> None:
        unit.emit(
            self.event(
                "directive.changed",
                actor,
                artist_id=directive.artist_id,
                run_id=directive.run_id,
                subject_id=directive.id,
                kind=directive.kind,
                status=directive.status.value,
                text=directive.text,
                version=directive.row_version,
            )
        )


def _means(directive: Directive) -> tuple[str, DirectiveKind, Target | None, datetime | None]:
    """What makes two standing directives the same."""
    return directive.text, directive.kind, directive.target, directive.until


def _name(actor: Actor) -> str:
    return f"{actor.kind}:{actor.id}"


async def _lock(unit: UnitOfWork, artist_id: str) -> None:
    await unit.lock(f"directives:{artist_id}")


async def _held(unit: UnitOfWork, directive_id: str) -> Directive:
    """A directive that nobody else changes until this unit ends."""
    await unit.lock(f"directive:{directive_id}")
    return await unit.directives.get(directive_id)


def _check_room(standing: Sequence[Directive]) -> None:
    if len(standing) >= STANDING_MAX:
        raise Conflict(
            f"{len(standing)} directives stand already; an artist heeds at most {STANDING_MAX}",
            field="text",
            remedy="Revoke those that no longer matter.",
        )


async def _shown(unit: UnitOfWork, found: Sequence[Directive]) -> list[Shown]:
    done = await unit.directives.counted(found)
    return [Shown(directive=each, progress=_progress(each, done.get(each.id, 0))) for each in found]


def _progress(directive: Directive, done: int) -> Progress | None:
    target = directive.target
    return None if target is None else Progress(done=done, of=target.count, measure=target.measure)
