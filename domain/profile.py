"""Who an artist is: a versioned profile, and the rules by which one may not contradict itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.art import ArtDirection
from domain.entity import Entity
from domain.errors import ProfileContradiction

Unit = Annotated[float, Field(ge=0, le=1)]
Short = Annotated[str, Field(min_length=1, max_length=80)]
Autonomy = Literal["manual", "supervised", "autopilot"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Voice(_Part):
    """How the artist speaks and writes."""

    register_: Literal["intimate", "plain", "poetic", "playful", "street", "formal"] = Field(
        alias="register"
    )
    vocabulary: tuple[Short, ...] = ()
    avoided_words: tuple[Short, ...] = ()
    sample_lines: tuple[Annotated[str, Field(max_length=200)], ...] = ()
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Personality(_Part):
    """Big Five (Goldberg 1990), each 0 to 1, with what the traits do not say."""

    openness: Unit
    conscientiousness: Unit
    extraversion: Unit
    agreeableness: Unit
    neuroticism: Unit
    values: tuple[Short, ...] = ()
    quirks: tuple[Short, ...] = ()
    taboos: tuple[Short, ...] = ()
    anti_influences: tuple[Short, ...] = ()


class MusicalRanges(_Part):
    """Inside what the artist composes."""

    tempo_bpm: tuple[float, float]
    keys: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    energy: tuple[Unit, Unit] = (0.0, 1.0)
    forms: tuple[str, ...] = ()
    singer: Annotated[
        str, Field(description="Preset; `auto`: chosen for the artist; `none`: instrumental.")
    ] = "auto"


class PostingStyle(_Part):
    """How the artist posts."""

    tone: Short
    emoji: Literal["never", "rare", "often"] = "never"
    hashtags_max: int = Field(default=0, ge=0, le=5)
    posts_per_week: float = Field(default=2.0, ge=0, le=21)


class EvolutionBounds(_Part):
    """How far the profile may move by itself in one version."""

    trait_step: Unit = 0.1
    tempo_step_bpm: float = Field(default=6.0, ge=0)
    locked: tuple[str, ...] = ("stage_name", "personality.taboos")


class Member(_Part):
    """One member of a duo or group."""

    name: Short
    artist_id: str | None = None
    weight: Unit


class Profile(_Part):
    """The whole of an artist's character, looks and limits."""

    kind: Literal["solo", "duo", "group"] = "solo"
    members: tuple[Member, ...] = ()
    stage_name: Short
    biography: Annotated[str, Field(min_length=1, max_length=1200)]
    voice: Voice
    personality: Personality
    influences: tuple[Short, ...] = ()
    genre_pack: Short
    genre_pack_version: int = 1
    genre_overrides: dict[str, str | float | int | bool] = Field(default_factory=dict)
    music: MusicalRanges
    themes: tuple[Short, ...]
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...] = ("en",)
    audience: Annotated[str, Field(max_length=300)] = ""
    visual: ArtDirection
    posting: PostingStyle
    evolution: EvolutionBounds = EvolutionBounds()
    autonomy: Autonomy = "supervised"


class ProfileVersion(Entity):
    """One version of a profile; versions are only ever added."""

    artist_id: str
    number: int = Field(ge=1)
    profile: Profile
    reason: str
    evidence: tuple[str, ...] = ()
    author: str


class Contradiction(_Part):
    """Fields that cannot all be meant."""

    fields: tuple[str, ...]
    reason: str


def contradictions(profile: Profile) -> list[Contradiction]:
    """List every way in which the profile argues with itself."""
    return [*_taste(profile), *_words(profile), *_ranges(profile), *_members(profile)]


def check_profile(profile: Profile) -> Profile:
    """Return the profile, or raise `ProfileContradiction` that names the fields."""
    found = contradictions(profile)
    if found:
        fields = sorted({f for c in found for f in c.fields})
        raise ProfileContradiction(
            "; ".join(c.reason for c in found),
            field=", ".join(fields),
            remedy="Change one of the named fields of each contradiction.",
            contradictions=[c.model_dump() for c in found],
        )
    return profile


def _shared(a: tuple[str, ...], b: tuple[str, ...]) -> list[str]:
    return sorted({x.casefold().strip() for x in a} & {x.casefold().strip() for x in b})


def _says(text: str, words: str) -> bool:
    """Tell whether `words` stand in the text as whole words: “art” is not in “heart”."""
    wanted = words.casefold().split()
    pattern = r"(?<!\w)" + r"\s+".join(re.escape(w) for w in wanted) + r"(?!\w)"
    return bool(wanted) and re.search(pattern, text.casefold()) is not None


def _clash(
    a: tuple[str, ...], b: tuple[str, ...], fields: tuple[str, str]
) -> Iterator[Contradiction]:
    for word in _shared(a, b):
        reason = f"“{word}” stands in {fields[0]} and {fields[1]}"
        yield Contradiction(fields=fields, reason=reason)


def _taste(p: Profile) -> Iterator[Contradiction]:
    who = p.personality
    yield from _clash(
        p.influences, who.anti_influences, ("influences", "personality.anti_influences")
    )
    yield from _clash(p.themes, who.taboos, ("themes", "personality.taboos"))
    yield from _clash(who.values, who.taboos, ("personality.values", "personality.taboos"))


def _words(p: Profile) -> Iterator[Contradiction]:
    yield from _clash(
        p.voice.vocabulary, p.voice.avoided_words, ("voice.vocabulary", "voice.avoided_words")
    )
    samples = " / ".join(p.voice.sample_lines)
    for field, avoided in (
        ("voice.avoided_words", p.voice.avoided_words),
        ("personality.taboos", p.personality.taboos),
    ):
        for word in avoided:
            if _says(samples, word):
                yield Contradiction(
                    fields=("voice.sample_lines", field),
                    reason=f"a sample line uses “{word}”, which the artist avoids",
                )
    if p.posting.emoji == "often" and p.voice.register_ == "formal":
        yield Contradiction(
            fields=("posting.emoji", "voice.register"),
            reason="a formal register does not go with emoji in most posts",
        )


def _ranges(p: Profile) -> Iterator[Contradiction]:
    for field, (low, high) in (
        ("music.tempo_bpm", p.music.tempo_bpm),
        ("music.energy", p.music.energy),
    ):
        if low > high:
            yield Contradiction(
                fields=(field,), reason=f"{field} runs from {low:g} down to {high:g}"
            )
    if not 30 <= p.music.tempo_bpm[0] <= 300 or not 30 <= p.music.tempo_bpm[1] <= 300:
        yield Contradiction(
            fields=("music.tempo_bpm",), reason="tempo must lie between 30 and 300 BPM"
        )
    if not p.themes:
        yield Contradiction(fields=("themes",), reason="there is no theme to sing about")
    if not p.languages:
        yield Contradiction(fields=("languages",), reason="there is no language to sing in")


def _members(p: Profile) -> Iterator[Contradiction]:
    wanted = {"solo": (0, 0), "duo": (2, 2), "group": (3, 12)}[p.kind]
    if not wanted[0] <= len(p.members) <= wanted[1]:
        yield Contradiction(
            fields=("kind", "members"),
            reason=f"a {p.kind} cannot have {len(p.members)} listed members",
        )
    elif p.members and abs(sum(m.weight for m in p.members) - 1) > 1e-6:
        yield Contradiction(fields=("members",), reason="the members' weights do not sum to 1")
