"""A strong model reads the whole song and points at weak lines; code decides what it may say."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from agents.songwriter.song import Lines, Song
from domain.ports.model import Sampling
from media.lyrics.review import Place, Taste, Weakness

_CRITIQUE = Sampling(max_tokens=300, temperature=0.3)
MOST_NAMED = 4


class NamedLine(BaseModel):
    """One weak line by its number, with one reason of a closed list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: int = Field(ge=1, le=400)
    reason: Taste


class SongCritique(BaseModel):
    """The strong model's answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weak: tuple[NamedLine, ...] = Field(max_length=MOST_NAMED)


async def criticised(song: Song, lines: Lines, weak: Sequence[Weakness]) -> list[Weakness]:
    """Code's weak lines first, then those only the model sees; unknown numbers are passed over."""
    places = list(lines)
    critique = await song.desk.fill(
        "lyrics.critique",
        {
            "name": song.profile.stage_name,
            "register": song.profile.voice.register_,
            "title": song.concept.title,
            "theme": song.concept.theme,
            "story": song.concept.story,
            "lines": [f"{n}. {lines[place]}" for n, place in enumerate(places, start=1)],
            "most": MOST_NAMED,
        },
        SongCritique,
        _CRITIQUE,
        # A song that changed is read anew; the same song is the same question.
        step=f"lyrics.critique/{song.attempt}",
    )
    found: dict[Place, Weakness] = {weakness.place: weakness for weakness in weak}
    for named in critique.weak:
        if named.line > len(places):
            song.desk.notes.note(f"the critique names line {named.line}, which does not exist")
            continue
        place = places[named.line - 1]
        known = found.get(place, Weakness(place, ()))
        found[place] = Weakness(place, tuple(dict.fromkeys((*known.reasons, named.reason))))
    return list(found.values())
