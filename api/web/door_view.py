"""The pages at the door: signing in, coming in by a link, sending again what was interrupted."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.web.once import FIELD
from api.web.page import Page
from domain.errors import GreenroomError

HOME = "/operator"
DOORS = (HOME, "/api/docs")
KEPT_MAX_CHARS = 200_000
# What may never come back in a page, even to the person who typed it.
# An artist's musical `keys` are none.
_SECRET = re.compile(r"password|secret|token|key(?!s$)|link|credential", re.IGNORECASE)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class FormError(_Part):
    """What is wrong with a form, and in which field."""

    field: str
    says: str
    remedy: str = ""


class Typed(_Part):
    """A form that could not be taken because its person was signed out meanwhile."""

    action: str
    fields: tuple[tuple[str, str], ...]
    left_out: bool = Field(default=False, description="Whether a secret must be typed again.")

    @property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """What a person recognises of it."""
        return tuple((n, value) for n, value in self.fields if value.strip() and n != FIELD)


class SignInPage(Page):
    """Name and password."""

    template: ClassVar[str] = "sign_in.html"

    next_url: str = Field(description="Where the person wanted to go.")
    name: str = Field(description="What was typed as the name.")
    error: FormError | None = Field(description="Why it did not work.")
    typed: Typed | None = Field(description="A form that is kept meanwhile.")
    local: bool = Field(description="Whether the browser is on the label's own machine.")


class JoinPage(Page):
    """Coming in by a link."""

    template: ClassVar[str] = "join.html"

    kind: Literal["first", "invite", "reset"] = Field(description="What the link is for.")
    role: str = Field(description="What the person becomes.")
    artists: int | None = Field(description="How many artists they will see; None: all.")
    link: str = Field(description="The link's secret, sent back with the form.")
    name: str = Field(description="What was typed, or whose password it is.")
    display_name: str = Field(description="What was typed.")
    password_min: int = Field(description="How long a password is at least.")
    error: FormError | None = Field(description="What is wrong.")


class ResendPage(Page):
    """Signed in again: what was typed before, to be sent or left."""

    template: ClassVar[str] = "resend.html"

    person: str = Field(description="Who signed in.")
    typed: Typed = Field(description="What was typed.")
    back_url: str = Field(description="The page to go on with when nothing is sent.")


def form_error(error: GreenroomError, field: str) -> FormError:
    """An error of the family, as a form shows it."""
    return FormError(field=error.field or field, says=error.message, remedy=error.remedy or "")


def safe_next(wanted: str) -> str:
    """An address within our own pages; whatever else was asked for becomes the first page."""
    inside = any(wanted == door or wanted.startswith((f"{door}/", f"{door}?")) for door in DOORS)
    return wanted if inside and "\\" not in wanted and wanted.isprintable() else HOME


def typed_form(action: str, items: list[tuple[str, str]]) -> Typed | None:
    """What is kept of a form: all but secrets; None where nothing is worth it, or it is too long.

    The action is an address of the dashboard.
    """
    fields = tuple((name, value) for name, value in items if not _SECRET.search(name))
    if safe_next(action) != action or not any(value.strip() for _, value in fields):
        return None
    if sum(len(name) + len(value) for name, value in fields) > KEPT_MAX_CHARS:
        return None
    return Typed(action=action, fields=fields, left_out=len(fields) < len(items))
