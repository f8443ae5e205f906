"""What every page is: a typed context with its template, and how it becomes HTML."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from secrets import token_hex
from typing import ClassVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse

from api.web.hues import apart
from api.web.shell import exists, may, shell
from api.web.static_files import static_url
from domain.spans import span

TEMPLATES = Path(__file__).parent / "templates"


class Fragment(BaseModel):
    """The typed context of one template; each field is a variable of it."""

    model_config = ConfigDict(frozen=True)
    template: ClassVar[str]

    def response(self, status: int = 200) -> HTMLResponse:
        """Render into a response."""
        return HTMLResponse(self.html(), status_code=status)

    def html(self) -> str:
        """Render into HTML."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return environment().get_template(self.template).render(values)


class Page(Fragment):
    """A whole page."""

    title: str = Field(description="Title of the window.")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates, escaping everything, refusing variables that no page declares."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    found.globals |= {"static": static_url, "shell": shell, "may": may, "exists": exists}
    # Names a form: sent twice, it is done once. What it answered is sealed with this, so it must
    # not be guessed, as neighbours of our ids can be.
    found.globals["form_key"] = lambda: token_hex(16)
    found.filters |= {
        "apart": apart,
        "minutes": minutes,
        "day": day,
        "moment": moment,
        "count": count,
        "words": words,
        "seconds": seconds,
        "span": span,
    }
    return found


def minutes(value: float | None) -> str:
    """Seconds as minutes and seconds, 91.4 as `1:31`."""
    whole = int(value or 0)
    return f"{whole // 60}:{whole % 60:02d}"


def seconds(value: float) -> str:
    """A duration for people: `0.4 s`, `12 s`, `3 min 05 s`."""
    if value < 10:
        return f"{value:.1f} s"
    if value < 100:
        return f"{value:.0f} s"
    return f"{int(value // 60)} min {int(value % 60):02d} s"


def day(value: datetime) -> str:
    """A date such as `3 May 2026`."""
    return f"{value.day} {value:%B %Y}"


def moment(value: datetime) -> str:
    """A date and time in UTC; scripts turn it into the reader's own time."""
    return f"{value.day} {value:%b %Y, %H:%M} UTC"


def count(value: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 play`, `1,204 plays`."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def words(value: str) -> str:
    """An identifier as words: `words_of_post` as `Words of post`."""
    text = value.replace("_", " ").replace("-", " ").strip()
    return text[:1].upper() + text[1:]


def key_name(key: str | None, mode: str | None) -> str:
    """A key as listeners know it: `D minor` for D aeolian."""
    plain = {"ionian": "major", "aeolian": "minor"}
    return f"{key} {plain.get(mode or '', mode or '')}".strip() if key else ""
