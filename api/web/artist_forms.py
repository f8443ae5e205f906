"""The form for another artist."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from domain.artist import BRIEF_MAX_CHARS
from domain.errors import InvalidInput

BRIEF_KEPT = 20_000


class ArtistForm(BaseModel):
    """The form, kept as typed when something is wrong."""

    model_config = ConfigDict(frozen=True)

    brief: str = ""
    genre: str = ""
    seed: str = ""
    field: str | None = None
    error: str | None = None
    remedy: str | None = None
    brief_max: int = BRIEF_MAX_CHARS

    def refused(self, error: InvalidInput) -> ArtistForm:
        """The same, with what is wrong."""
        return self.model_copy(
            update={"field": error.field, "error": error.message, "remedy": error.remedy}
        )

    def wrong(self, field: str) -> str:
        """What is wrong with a field; empty where nothing is."""
        return (self.error or "") if self.field == field else ""

    @property
    def seed_number(self) -> int | None:
        """The seed as a number, None where none was given; raises `InvalidInput`."""
        text = self.seed.strip()
        if not text:
            return None
        if not text.isdecimal() or int(text) >= 2**31:
            raise InvalidInput(
                "the seed is not a whole number",
                field="seed",
                remedy="Leave it empty, or give 0 to 2147483647.",
            )
        return int(text)
