"""Singers: presets that turn one recorded voice into several, and what they can sing."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.genre import KEYS

INSTRUMENTAL = "none"
NARROWEST_SEMITONES = 12


class Singer(BaseModel):
    """A singer preset; pitches are MIDI numbers.

    `formant` stretches the spectral envelope (above 1 a shorter vocal tract: brighter, younger),
    `breath` is the share of noise in vowels, 0 to 1; vibrato is a rate and a depth to each side.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: str
    description: str
    languages: tuple[str, ...] = ("en",)
    low: int = Field(ge=36, le=84)
    high: int = Field(ge=36, le=96)
    formant: float = Field(default=1.0, ge=0.7, le=1.5)
    breath: float = Field(default=0.05, ge=0.0, le=1.0)
    vibrato_hz: float = Field(default=5.6, ge=3.0, le=8.0)
    vibrato_cents: float = Field(default=28.0, ge=0.0, le=100.0)
    glide_ms: float = Field(default=45.0, ge=0.0, le=200.0)

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.high - self.low < NARROWEST_SEMITONES:
            raise ValueError(f"a singer needs a range of {NARROWEST_SEMITONES} semitones")
        return self

    def sings(self, language: str) -> bool:
        """Whether the voice has the sounds of a language (ISO 639-1 code)."""
        return language in self.languages

    @property
    def compass(self) -> str:
        """Lowest and highest note by name, middle C being C4, such as `A2–E4`."""
        return "–".join(f"{KEYS[p % 12]}{p // 12 - 1}" for p in (self.low, self.high))
