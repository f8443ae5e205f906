"""Create, show, pause, resume and retire artists; adopt profiles; move moods."""

from __future__ import annotations

from domain.actor import Actor
from domain.artist import Artist, ArtistStatus, check_brief, handle_from
from domain.errors import Conflict, NotFound
from domain.ids import new_id
from domain.mood import Mood, MoodCause
from domain.profile import Profile, ProfileVersion, check_profile
from domain.seen import Seen
from packs import load_pack
from services.base import Service
from services.genres import best_pack
from services.seeds import check_seed, fresh_seed
from store.unit import UnitOfWork

NOT_RESUMED = {
    ArtistStatus.CANDIDATE: "A candidate becomes active by its debut run.",
    ArtistStatus.RETIRED: "Retiring is final; create another artist.",
}


class ArtistService(Service):
    """Use cases of artists."""

    async def create(
        self, actor: Actor, brief: str, genre: str | None = None, seed: int | None = None
    ) -> Artist:
        """Take a brief in; the artist is a candidate until its debut gives it a profile.

        Raises `InvalidInput` naming `brief`, `genre` or `seed`.
        """
        actor.must("steer", "system", "supervisor")
        actor.must_see_all()
        text = check_brief(brief)
        pack = load_pack(genre) if genre else best_pack(text)
        check_seed(seed)
        now = self.clock.now()
        artist_id = new_id("artist")
        artist = Artist(
            id=artist_id,
            created_at=now,
            updated_at=now,
            handle=f"new-{artist_id[-8:]}",
            stage_name="Unnamed",
            brief=text,
            genre_pack=pack.id,
            seed=fresh_seed() if seed is None else seed,
            mood=Mood(at=now),
        )
        async with self.database.unit() as unit:
            await unit.artists.add(artist)
            unit.emit(self.event("artist.created", actor, artist_id=artist.id))
            await unit.commit()
        return artist

    async def adopt_profile(
        self,
        actor: Actor,
        artist_id: str,
        profile: Profile,
        *,
        reason: str,
        evidence: tuple[str, ...] = (),
        seen: Seen | None = None,
    ) -> ProfileVersion:
        """Append a profile version and put it in force; a candidate becomes active.

        The same profile as the one in force is not appended again. Raises
        `ProfileContradiction` naming the fields, `InvalidInput` for an unknown genre pack, and
        `StaleVersion` when the version in force is not the one that was `seen`.
        """
        actor.must("steer", "artist", "system", artist_id=artist_id)
        check_profile(profile)
        load_pack(profile.genre_pack)
        now = self.clock.now()
        async with self.database.unit() as unit:
            await unit.lock(f"profile:{artist_id}")
            artist = await unit.artists.get(artist_id)
            if seen is not None:
                seen.check("profile", artist.profile_number or None)
            if artist.profile_number:
                current = await unit.profiles.number(artist_id, artist.profile_number)
                if current.profile == profile:
                    return current
            version = ProfileVersion(
                id=new_id("profile"),
                created_at=now,
                updated_at=now,
                artist_id=artist_id,
                number=artist.profile_number + 1,
                profile=profile,
                reason=reason,
                evidence=evidence,
                author=f"{actor.kind}:{actor.id}",
            )
            await self._put_in_force(unit, actor, artist, version)
            await unit.commit()
        return version

    async def _put_in_force(
        self, unit: UnitOfWork, actor: Actor, artist: Artist, version: ProfileVersion
    ) -> None:
        """Keep the version and let the artist be it from now on."""
        now, profile = version.created_at, version.profile
        await unit.profiles.add(version)
        artist = artist.amend(now, profile_number=version.number, stage_name=profile.stage_name)
        if artist.status is ArtistStatus.CANDIDATE:
            artist = artist.move_to(ArtistStatus.ACTIVE, now)
            handle = await _free_handle(unit, handle_from(profile.stage_name))
            artist = artist.amend(now, handle=handle, mood=_resting_mood(profile, artist.mood))
        await unit.artists.save(artist)
        unit.emit(
            self.event(
                "profile.adopted",
                actor,
                artist_id=artist.id,
                subject_id=version.id,
                number=version.number,
                handle=artist.handle,
                stage_name=profile.stage_name,
            )
        )

    async def set_pictures(
        self, actor: Actor, artist_id: str, portrait_sha256: str, banner_sha256: str
    ) -> Artist:
        """Give the artist its portrait and the banner of its page."""
        actor.must("steer", "artist", "system", artist_id=artist_id)
        async with self.database.unit() as unit:
            artist = (await unit.artists.get(artist_id)).amend(
                self.clock.now(), portrait_sha256=portrait_sha256, banner_sha256=banner_sha256
            )
            return await self._save(unit, actor, artist)

    async def pause(self, actor: Actor, handle: str) -> Artist:
        """Stop new runs; what runs already goes to its end."""
        return await self._move(actor, handle, ArtistStatus.PAUSED)

    async def resume(self, actor: Actor, handle: str) -> Artist:
        """Let a paused artist run again; raises `Conflict` for one that is not paused."""
        return await self._move(actor, handle, ArtistStatus.ACTIVE, only=ArtistStatus.PAUSED)

    async def retire(self, actor: Actor, handle: str) -> Artist:
        """End an artist's work for good; its page stays."""
        return await self._move(actor, handle, ArtistStatus.RETIRED)

    async def feel(self, actor: Actor, artist_id: str, causes: tuple[MoodCause, ...]) -> Artist:
        """Move the mood; the same cause at the same time moves it once."""
        actor.must("steer", "artist", "system", artist_id=artist_id)
        async with self.database.unit() as unit:
            artist = await unit.artists.get(artist_id)
            mood = artist.mood
            known = {(c.what, c.at) for c in mood.causes}
            for cause in causes:
                if (cause.what, cause.at) not in known:
                    mood = mood.moved(cause)
                    known.add((cause.what, cause.at))
            return await self._save(unit, actor, artist.amend(self.clock.now(), mood=mood))

    async def find(self, actor: Actor, handle: str) -> Artist:
        """An artist by handle or id; raises `NotFound`."""
        actor.must_read()
        async with self.database.unit() as unit:
            artist = await unit.artists.find(handle)
        actor.must_see(artist.id)
        return artist

    async def page(
        self,
        actor: Actor,
        after: str | None = None,
        limit: int = 50,
        status: ArtistStatus | None = None,
    ) -> list[Artist]:
        """The artists that the actor sees, in the order they came."""
        actor.must_read()
        async with self.database.unit() as unit:
            return await unit.artists.page(after, limit, status, actor.artists)

    async def profile(self, actor: Actor, artist_id: str) -> ProfileVersion:
        """The profile in force; raises `NotFound` for a candidate."""
        actor.must_read(artist_id)
        async with self.database.unit() as unit:
            artist = await unit.artists.get(artist_id)
            if not artist.profile_number:
                raise NotFound(
                    f"{artist.handle} has no profile yet", remedy="Wait for its debut run to end."
                )
            return await unit.profiles.number(artist_id, artist.profile_number)

    async def profile_number(self, actor: Actor, artist_id: str, number: int) -> ProfileVersion:
        """One version of the profile; raises `NotFound`."""
        actor.must_read(artist_id)
        async with self.database.unit() as unit:
            return await unit.profiles.number(artist_id, number)

    async def profile_history(self, actor: Actor, artist_id: str) -> list[ProfileVersion]:
        """Every version, oldest first."""
        actor.must_read(artist_id)
        async with self.database.unit() as unit:
            return await unit.profiles.history(artist_id)

    async def _move(
        self,
        actor: Actor,
        handle: str,
        status: ArtistStatus,
        *,
        only: ArtistStatus | None = None,
    ) -> Artist:
        actor.must("steer", "supervisor")
        async with self.database.unit() as unit:
            artist = await unit.artists.find(handle)
            actor.must_see(artist.id)
            if artist.status is status:
                return artist
            if only is not None and artist.status is not only:
                raise Conflict(
                    f"{artist.handle} is {artist.status}, not {only}",
                    field="status",
                    remedy=NOT_RESUMED.get(artist.status, "Nothing needs to be done."),
                )
            return await self._save(unit, actor, artist.move_to(status, self.clock.now()))

    async def _save(self, unit: UnitOfWork, actor: Actor, artist: Artist) -> Artist:
        saved = await unit.artists.save(artist)
        unit.emit(
            self.event(
                "artist.changed",
                actor,
                artist_id=artist.id,
                handle=artist.handle,
                status=artist.status.value,
            )
        )
        await unit.commit()
        return saved


async def _free_handle(unit: UnitOfWork, wanted: str) -> str:
    for number in range(1, 1000):
        handle = wanted if number == 1 else f"{wanted[:36]}-{number}"
        try:
            await unit.artists.by_handle(handle)
        except NotFound:
            return handle
    raise Conflict(f"no free handle like {wanted}", field="stage_name", remedy="Rename the artist.")


def _resting_mood(profile: Profile, mood: Mood) -> Mood:
    """Where the mood rests, from the Big Five, after Mehrabian (1996), p. 96.

    Pleasure 0.21 E + 0.59 A + 0.19 S; arousal 0.15 O + 0.30 A - 0.57 S;
    dominance 0.25 O + 0.17 C + 0.60 E - 0.32 A; S is emotional stability, -N.
    """
    who = profile.personality
    o, c, e, a, n = (
        2 * x - 1
        for x in (
            who.openness,
            who.conscientiousness,
            who.extraversion,
            who.agreeableness,
            who.neuroticism,
        )
    )
    rest = {
        "rest_valence": _clip(0.21 * e + 0.59 * a - 0.19 * n),
        "rest_arousal": _clip(0.15 * o + 0.30 * a + 0.57 * n),
        "rest_dominance": _clip(0.25 * o + 0.17 * c + 0.60 * e - 0.32 * a),
    }
    return mood.model_copy(
        update=rest
        | {
            "valence": rest["rest_valence"],
            "arousal": rest["rest_arousal"],
            "dominance": rest["rest_dominance"],
        }
    )


def _clip(value: float) -> float:
    return max(-1.0, min(1.0, value))
