"""What the form of a profile shows: its fields as typed, what is wrong, what somebody else did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.artist_views import ArtistHead, head_of
from api.web.diffs import Change, changes
from api.web.operator_views import Notice
from api.web.page import Page
from api.web.profile_fields import GROUPS, LABELS, Choices, Entry
from api.web.profile_form import REASON_MAX_CHARS, Values
from domain.actor import Actor
from domain.artist import Artist
from domain.profile import ProfileVersion

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
REASON = "reason"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class FieldView(_Part):
    """A field as it stands in the form; `theirs` is what somebody else gave it meanwhile."""

    entry: Entry
    value: str
    error: str
    taken: bool
    theirs: str | None

    @property
    def chosen(self) -> tuple[str, ...]:
        """The boxes that are ticked, or the lines."""
        return tuple(self.value.splitlines())

    @property
    def choices(self) -> Choices:
        """What may be chosen, and what is chosen already though nobody would offer it."""
        known = {value for _, values in self.entry.choices for value in values}
        odd = tuple(value for value in self.chosen if value not in known)
        return (*self.entry.choices, *((("", odd),) if odd else ()))

    @property
    def colours(self) -> tuple[str, ...]:
        """The lines that are colours."""
        return tuple(line for line in self.chosen if _COLOUR.fullmatch(line))


class GroupView(_Part):
    """Fields that belong together."""

    id: str
    title: str
    lead: str
    fields: tuple[FieldView, ...]


class OtherEdit(_Part):
    """A version that came while this person was writing."""

    number: int
    at: datetime
    by: str
    reason: str


class Others(_Part):
    """What others did meanwhile; `clashing` names the fields that this person changed as well."""

    edits: tuple[OtherEdit, ...]
    changes: tuple[Change, ...]
    clashing: tuple[str, ...]


class State(_Part):
    """The form between two answers: what stands in it, and what is to be told about it."""

    values: dict[str, str]
    reason: str = ""
    errors: dict[str, str] = {}
    taken: frozenset[str] = frozenset()
    clashes: dict[str, str] = {}


class ProfileEditPage(Page):
    """The form of a profile."""

    template: ClassVar[str] = "profile_edit.html"

    head: ArtistHead = Field(description="Who it is.")
    groups: tuple[GroupView, ...] = Field(description="The fields.")
    seen: int = Field(description="The version that the form was filled with.")
    reason: str = Field(description="Why, as typed.")
    reason_error: str = Field(description="What is wrong with that.")
    reason_max: int = Field(description="How long it may be.")
    wrong: tuple[tuple[str, str], ...] = Field(description="Path and label of what is wrong.")
    others: Others | None = Field(description="What somebody else did meanwhile.")
    notice: Notice | None = Field(description="What went wrong, if it belongs to no field.")


def edit_page(
    context: ApiContext,
    artist: Artist,
    seen: int,
    state: State,
    others: Others | None = None,
) -> ProfileEditPage:
    """Lay out the form."""
    named = (*LABELS, REASON)
    labels = {**LABELS, REASON: "Why"}
    loose = "; ".join(said for path, said in state.errors.items() if path not in named)
    return ProfileEditPage(
        title=f"Edit {artist.stage_name} · Greenroom",
        head=head_of(context, artist),
        groups=tuple(
            GroupView(
                id=group.id,
                title=group.title,
                lead=group.lead,
                fields=tuple(_field(entry, state) for entry in group.entries),
            )
            for group in GROUPS
        ),
        seen=seen,
        reason=state.reason,
        reason_error=state.errors.get(REASON, ""),
        reason_max=REASON_MAX_CHARS,
        wrong=tuple((path, labels[path]) for path in named if path in state.errors),
        others=others,
        notice=Notice(kind="bad", text=f"{loose[:1].upper()}{loose[1:]}.") if loose else None,
    )


async def others_since(
    context: ApiContext,
    operator: Actor,
    base: ProfileVersion,
    clashes: Mapping[str, str],
) -> Others:
    """What was done to the profile after a version."""
    history = await context.artists.profile_history(operator, base.artist_id)
    later = [version for version in history if version.number > base.number]
    names = await context.overview.names({version.author for version in later})
    before, after = (
        version.profile.model_dump(mode="json", by_alias=True) for version in (base, history[-1])
    )
    return Others(
        edits=tuple(
            OtherEdit(
                number=version.number,
                at=version.created_at,
                by=names[version.author],
                reason=version.reason,
            )
            for version in later
        ),
        changes=changes(before, after),
        clashing=tuple(LABELS[path] for path in LABELS if path in clashes),
    )


def _field(entry: Entry, state: State) -> FieldView:
    return FieldView(
        entry=entry,
        value=state.values[entry.path],
        error=state.errors.get(entry.path, ""),
        taken=entry.path in state.taken,
        theirs=state.clashes.get(entry.path),
    )


def untouched(values: Values) -> State:
    """The form as it is opened."""
    return State(values=dict(values))
