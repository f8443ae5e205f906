from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.actor import OPERATOR, artist_actor, visitor_actor
from domain.artist import ArtistStatus
from domain.errors import (
    Conflict,
    Forbidden,
    IllegalTransition,
    InvalidInput,
    NotFound,
    ProfileContradiction,
)
from domain.mood import MoodCause
from services.seeds import MOST
from tests.services.build import artist
from tests.support import label as play
from tests.support.label import BRIEF, TestLabel


async def test_a_new_artist_is_a_candidate_without_a_page(label: TestLabel) -> None:
    made = await label.artists.create(OPERATOR, f"  {BRIEF}\x00 ", "lofi", seed=5)
    assert (made.status, made.profile_number, made.seed) == (ArtistStatus.CANDIDATE, 0, 5)
    assert (made.brief, made.genre_pack) == (BRIEF, "lofi")
    assert (
        await label.artists.find(OPERATOR, made.handle)
        == made
        == await label.artists.find(OPERATOR, made.id)
    )
    with pytest.raises(NotFound) as refused:
        await label.artists.profile(OPERATOR, made.id)
    assert "debut" in str(refused.value.remedy)


@pytest.mark.parametrize(
    ("brief", "genre", "seed", "field"),
    [
        ("", None, None, "brief"),
        ("x" * 100_000, None, None, "brief"),
        (BRIEF, "polka-of-the-moon", None, "genre"),
        (BRIEF, "../genres/lofi", None, "genre"),
        (BRIEF, None, -1, "seed"),
        (BRIEF, None, MOST + 1, "seed"),
    ],
)
async def test_bad_input_is_named_and_leaves_nothing(
    label: TestLabel, brief: str, genre: str | None, seed: int | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await label.artists.create(OPERATOR, brief, genre, seed)
    assert refused.value.field == field
    assert refused.value.remedy
    assert await label.artists.page(OPERATOR) == []


@pytest.mark.parametrize(
    ("brief", "pack"),
    [
        ("Synthwave about the sea", "synthwave"),
        ("An indie folk singer with a picked guitar", "indie-folk"),
        ("lo-fi hip hop for rain", "lofi"),
    ],
)
async def test_without_a_genre_the_brief_finds_one(label: TestLabel, brief: str, pack: str) -> None:
    assert (await label.artists.create(OPERATOR, brief)).genre_pack == pack


async def test_a_debut_makes_it_active_under_its_own_name(label: TestLabel) -> None:
    made = await artist(label, "Mara Voss")
    assert (made.status, made.handle, made.stage_name) == ("active", "mara-voss", "Mara Voss")
    assert made.profile_number == 1
    assert made.mood.valence == made.mood.rest_valence != 0


async def test_adopting_the_same_profile_again_adds_no_version(label: TestLabel) -> None:
    made = await artist(label)
    actor = artist_actor(made.id)
    first = await label.artists.profile(OPERATOR, made.id)
    again = await label.artists.adopt_profile(actor, made.id, first.profile, reason="debut")
    assert again == first
    changed = first.profile.model_copy(update={"themes": ("ice",)})
    second = await label.artists.adopt_profile(OPERATOR, made.id, changed, reason="winter")
    assert (second.number, second.reason, second.author) == (2, "winter", "operator:local")
    assert await label.artists.profile_history(OPERATOR, made.id) == [first, second]
    assert await label.artists.profile(OPERATOR, made.id) == second
    assert (await label.artists.find(OPERATOR, made.id)).handle == made.handle


async def test_namesakes_get_handles_of_their_own(label: TestLabel) -> None:
    handles = [(await artist(label, name)).handle for name in ("Mara", "Mara", "мара", "Mara")]
    assert handles == ["mara", "mara-2", "artist", "mara-3"]


async def test_a_contradictory_or_rootless_profile_is_refused(label: TestLabel) -> None:
    made = await label.artists.create(OPERATOR, BRIEF, "synthwave")
    torn = play.profile(themes=())
    with pytest.raises(ProfileContradiction) as refused:
        await label.artists.adopt_profile(OPERATOR, made.id, torn, reason="x")
    assert refused.value.field == "themes"
    with pytest.raises(InvalidInput) as unknown:
        await label.artists.adopt_profile(
            OPERATOR, made.id, play.profile(genre_pack="polka"), reason="x"
        )
    assert unknown.value.field == "genre"
    assert (await label.artists.find(OPERATOR, made.id)).status is ArtistStatus.CANDIDATE


async def test_pause_resume_and_retire(label: TestLabel) -> None:
    made = await artist(label)
    assert (await label.artists.pause(OPERATOR, made.handle)).status is ArtistStatus.PAUSED
    again = await label.artists.pause(OPERATOR, made.handle)
    assert again == await label.artists.find(OPERATOR, made.id)
    assert (await label.artists.resume(OPERATOR, made.handle)).status is ArtistStatus.ACTIVE
    assert (await label.artists.resume(OPERATOR, made.handle)).status is ArtistStatus.ACTIVE
    assert (await label.artists.retire(OPERATOR, made.handle)).status is ArtistStatus.RETIRED
    with pytest.raises(Conflict) as refused:
        await label.artists.resume(OPERATOR, made.handle)
    assert "final" in str(refused.value.remedy)
    with pytest.raises(IllegalTransition):
        await label.artists.pause(OPERATOR, made.handle)
    assert (await label.stage.page(made.handle)).artist.id == made.id


async def test_a_candidate_is_not_resumed_into_life_without_a_profile(label: TestLabel) -> None:
    made = await label.artists.create(OPERATOR, BRIEF, "synthwave")
    with pytest.raises(Conflict) as refused:
        await label.artists.resume(OPERATOR, made.handle)
    assert "debut" in str(refused.value.remedy)
    assert (await label.artists.find(OPERATOR, made.id)).status is ArtistStatus.CANDIDATE


async def test_only_operators_steer(label: TestLabel) -> None:
    made = await artist(label)
    for actor in (artist_actor(made.id), visitor_actor("v")):
        for steer in (label.artists.pause, label.artists.resume, label.artists.retire):
            with pytest.raises(Forbidden):
                await steer(actor, made.handle)
        with pytest.raises(Forbidden):
            await label.artists.create(actor, BRIEF)
    with pytest.raises(Forbidden):
        await label.artists.feel(visitor_actor("v"), made.id, ())


async def test_a_cause_moves_the_mood_once(label: TestLabel) -> None:
    made = await artist(label)
    cause = MoodCause(what="12 new plays", valence=0.2, at=label.clock.now())
    actor = artist_actor(made.id)
    once = await label.artists.feel(actor, made.id, (cause, cause))
    again = await label.artists.feel(actor, made.id, (cause,))
    assert once.mood.valence == pytest.approx(made.mood.valence + 0.2)
    assert again.mood == once.mood
    label.clock.advance(timedelta(hours=1))
    later = cause.model_copy(update={"at": label.clock.now()})
    assert (await label.artists.feel(actor, made.id, (later,))).mood != once.mood


async def test_two_writers_at_once_lose_nothing(label: TestLabel) -> None:
    made = await artist(label)
    found = await asyncio.gather(
        label.artists.pause(OPERATOR, made.handle),
        label.artists.set_pictures(OPERATOR, made.id, "1" * 64, "2" * 64),
        return_exceptions=True,
    )
    now = await label.artists.find(OPERATOR, made.id)
    failed = [f for f in found if isinstance(f, BaseException)]
    assert all(isinstance(f, Conflict) for f in failed)
    if not failed:
        assert (now.status, now.portrait_sha256) == (ArtistStatus.PAUSED, "1" * 64)
    assert now.row_version == made.row_version + 2 - len(failed)
