"""A strong model's draft of the whole song; code keeps the lines that can stand."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.songwriter.scoring import line_problem, tidied
from agents.songwriter.song import Lines, Song
from domain.ports.model import Sampling

_SCHEMES = {
    "ABCB": "of each four lines the second and the fourth rhyme",
    "AABB": "lines rhyme in pairs",
    "ABAB": "of each four lines the first and third rhyme, and the second and fourth",
    "AAAA": "each four lines share one rhyme",
    "XXXX": "lines do not rhyme",
}
_SAID = {"i": "I", "we": "we", "you": "you", "she": "she", "he": "he", "they": "they"}
_DRAFT = Sampling(max_tokens=1500, temperature=0.9)


class DraftedSection(BaseModel):
    """One section of a strong model's draft."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    section: str
    lines: tuple[Annotated[str, Field(min_length=3, max_length=90)], ...]


class SongDraft(BaseModel):
    """The strong model's answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sections: tuple[DraftedSection, ...] = Field(min_length=1)


def scheme_said(scheme: str) -> str:
    """A rhyme scheme in words."""
    return f"{scheme}: {_SCHEMES[scheme]}"


def persons_said(song: Song) -> str:
    """Who tells the song and about whom, in words."""
    return " and ".join(_SAID[person] for person in song.persons)


async def drafted(song: Song) -> Lines:
    """The lines of a whole draft that pass the gates; the rest is written line by line."""
    low, high = song.pack.lexicon.syllables_per_line
    inputs: dict[str, object] = {
        "name": song.profile.stage_name,
        "biography": song.profile.biography,
        "register": song.profile.voice.register_,
        "genre": song.pack.name,
        "title": song.concept.title,
        "theme": song.concept.theme,
        "story": song.concept.story,
        "images": song.concept.images,
        "plan": [f"{s.key}: {s.lines} lines" for s in song.stanzas],
        "scheme": scheme_said(song.scheme),
        "persons": persons_said(song),
        "tense": song.tense,
        "language": song.language,
        "low": low,
        "high": high,
        "words": song.profile.voice.vocabulary,
        "avoid": (*song.pack.lexicon.avoid, *song.profile.voice.avoided_words),
    }
    prompt = "lyrics.song"
    if song.again is not None:
        prompt, inputs = "lyrics.song_again", inputs | song.again.inputs(song.form)
    draft = await song.desk.fill(
        prompt,
        inputs,
        SongDraft,
        _DRAFT,
        step=f"{prompt}/{song.attempt}",
    )
    kept: Lines = {}
    for stanza, section in zip(song.stanzas, draft.sections, strict=False):
        for index, raw in enumerate(section.lines[: stanza.lines]):
            line = tidied(raw)
            if problem := line_problem(line, song.context(tuple(kept.values()))):
                song.desk.notes.note(f"{stanza.key} {index + 1}: {line[:60]!r} refused, {problem}")
            else:
                kept[stanza.key, index] = line
    return kept
