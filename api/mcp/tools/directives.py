"""Tools to tell artists what the label wants of them."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, Field

from api.mcp.tool import Arguments, Caller, McpTool, Result
from api.mcp.tools.artists import HANDLE, NameArtist
from domain.directive import (
    STANDING_MAX,
    TEXT_MAX_CHARS,
    Directive,
    DirectiveKind,
    DirectiveStatus,
    Target,
)


class AddDirective(Arguments):
    """What is wanted of whom, and for how long."""

    artist: str = Field(description=HANDLE)
    text: str = Field(min_length=1, max_length=TEXT_MAX_CHARS)
    kind: DirectiveKind = Field(default="directive", description="`goal`: something to reach.")
    target: Target | None = Field(default=None, description="What a goal is measured by.")
    until: AwareDatetime | None = None
    lasting: bool | None = Field(default=None, description="None: read from the words.")


class NameDirective(Arguments):
    """Which directive."""

    directive_id: str


class DirectiveLine(Result):
    """A directive and where it stands."""

    id: str
    kind: str
    text: str
    status: str
    lasting: bool
    until: datetime | None
    by: str


class Directives(Result):
    """What stands."""

    directives: list[DirectiveLine]


def _line(directive: Directive) -> DirectiveLine:
    return DirectiveLine(
        id=directive.id,
        kind=directive.kind,
        text=directive.text,
        status=directive.status.value,
        lasting=directive.lasting,
        until=directive.until,
        by=directive.by,
    )


async def list_directives(caller: Caller, asked: NameArtist) -> Directives:
    """List the directives and goals that an artist's next plan will see."""
    found = await caller.context.directives.page(
        caller.actor, asked.artist, limit=STANDING_MAX, status=DirectiveStatus.STANDING
    )
    return Directives(directives=[_line(shown.directive) for shown in found])


async def add_directive(caller: Caller, asked: AddDirective) -> DirectiveLine:
    """Give an artist a directive or a goal; its next plan follows it until it is done or revoked.

    The same words again are the same directive.
    """
    added = await caller.context.directives.add(
        caller.actor,
        asked.artist,
        asked.text,
        kind=asked.kind,
        target=asked.target,
        until=asked.until,
        lasting=asked.lasting,
    )
    return _line(added)


async def revoke_directive(caller: Caller, asked: NameDirective) -> DirectiveLine:
    """Take a directive back; it is kept, and no plan sees it any more."""
    return _line(await caller.context.directives.revoke(caller.actor, asked.directive_id))


TOOLS = (
    McpTool(
        "list_directives",
        "List directives",
        "read",
        NameArtist,
        Directives,
        list_directives,
        read_only=True,
    ),
    McpTool(
        "add_directive",
        "Add a directive",
        "steer",
        AddDirective,
        DirectiveLine,
        add_directive,
        idempotent=True,
    ),
    McpTool(
        "revoke_directive",
        "Revoke a directive",
        "steer",
        NameDirective,
        DirectiveLine,
        revoke_directive,
        destructive=True,
        idempotent=True,
    ),
)
