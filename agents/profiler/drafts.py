"""What models answer about an artist; authority, limits and genre are never among it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.art import DisplayTypeface, Motif, Style, TextTypeface

Words = Annotated[str, Field(min_length=2, max_length=60)]
Line = Annotated[str, Field(min_length=10, max_length=160)]
Unit = Annotated[float, Field(ge=0, le=1)]
Register = Literal["intimate", "plain", "poetic", "playful", "street", "formal"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CharacterWords(_Answer):
    """The small model's answer about character."""

    values: tuple[Words, ...] = Field(min_length=2, max_length=3)
    quirks: tuple[Words, ...] = Field(min_length=2, max_length=3)
    taboos: tuple[Words, ...] = Field(min_length=1, max_length=2)


class TraitNumbers(_Answer):
    """Big Five, each 0 to 1."""

    openness: Unit
    conscientiousness: Unit
    extraversion: Unit
    agreeableness: Unit
    neuroticism: Unit


class Look(_Answer):
    """The visual choices a model may make; colours come from the pack."""

    style: Style
    motifs: tuple[Motif, ...] = Field(max_length=4)
    display_typeface: DisplayTypeface
    text_typeface: TextTypeface


class Draft(_Answer):
    """Everything a brief leaves open, however it was found."""

    stage_name: Annotated[str, Field(min_length=2, max_length=40)]
    biography: Annotated[str, Field(min_length=40, max_length=700)]
    register_: Register = Field(alias="register")
    vocabulary: tuple[Words, ...]
    avoided_words: tuple[Words, ...]
    sample_lines: tuple[Line, ...]
    traits: TraitNumbers
    values: tuple[Words, ...]
    quirks: tuple[Words, ...]
    taboos: tuple[Words, ...]
    anti_influences: tuple[Words, ...]
    influences: tuple[Words, ...]
    themes: tuple[Words, ...]
    audience: Annotated[str, Field(min_length=10, max_length=200)]
    posting_tone: Words
    look: Look
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ProfileDraft(Draft):
    """The strong model's answer: the same, with enough of everything."""

    vocabulary: tuple[Words, ...] = Field(min_length=3, max_length=8)
    avoided_words: tuple[Words, ...] = Field(max_length=8)
    sample_lines: tuple[Line, ...] = Field(min_length=2, max_length=4)
    values: tuple[Words, ...] = Field(min_length=2, max_length=4)
    quirks: tuple[Words, ...] = Field(min_length=2, max_length=4)
    taboos: tuple[Words, ...] = Field(min_length=1, max_length=3)
    anti_influences: tuple[Words, ...] = Field(max_length=3)
    influences: tuple[Words, ...] = Field(min_length=2, max_length=6)
    themes: tuple[Words, ...] = Field(min_length=3, max_length=6)
