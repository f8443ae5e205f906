"""Tools about profiles: who an artist is, version by version, and saying it anew."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.mcp.tool import Arguments, Caller, McpTool, Result
from api.mcp.tools.artists import HANDLE, NameArtist
from domain.profile import Profile, ProfileVersion
from domain.seen import Seen


class NameProfile(Arguments):
    """Whose profile, and which version of it."""

    artist: str = Field(description=HANDLE)
    version: int | None = Field(
        default=None, ge=1, le=1_000_000, description="Null: the one in force."
    )


class EditProfile(Arguments):
    """The whole profile as it shall be from now on."""

    artist: str = Field(description=HANDLE)
    version: int = Field(description="As `show_profile` told it; refused when it has changed.")
    profile: Profile = Field(description="The whole of it, as `show_profile` gave it, changed.")
    reason: str = Field(min_length=1, max_length=500, description="Why; kept with the version.")


class VersionLine(Result):
    """A version in a list."""

    version: int
    reason: str
    author: str
    since: datetime


class ProfileSheet(VersionLine):
    """A version with all that it says."""

    profile: Profile


class Versions(Result):
    """Versions, oldest first; the last is in force."""

    versions: list[VersionLine]


def _line(found: ProfileVersion) -> VersionLine:
    return VersionLine(
        version=found.number, reason=found.reason, author=found.author, since=found.created_at
    )


def _sheet(found: ProfileVersion) -> ProfileSheet:
    return ProfileSheet(profile=found.profile, **_line(found).model_dump())


async def show_profile(caller: Caller, asked: NameProfile) -> ProfileSheet:
    """Show the whole profile of an artist: the one in force, or an earlier version."""
    artists = caller.context.artists
    artist = await artists.find(caller.actor, asked.artist)
    if asked.version is None:
        return _sheet(await artists.profile(caller.actor, artist.id))
    return _sheet(await artists.profile_number(caller.actor, artist.id, asked.version))


async def list_profile_versions(caller: Caller, asked: NameArtist) -> Versions:
    """List how an artist's profile came: every version with its reason and who wrote it."""
    artist = await caller.context.artists.find(caller.actor, asked.artist)
    found = await caller.context.artists.profile_history(caller.actor, artist.id)
    return Versions(versions=[_line(version) for version in found])


async def edit_profile(caller: Caller, asked: EditProfile) -> ProfileSheet:
    """Put a new version of an artist's profile in force; earlier ones are kept.

    One that argues with itself is refused, the fields named.
    """
    artists = caller.context.artists
    artist = await artists.find(caller.actor, asked.artist)
    # Without a profile there is nothing to edit: the debut writes the first one.
    await artists.profile(caller.actor, artist.id)
    version = await artists.adopt_profile(
        caller.actor,
        artist.id,
        asked.profile,
        reason=asked.reason,
        seen=Seen(versions=frozenset({asked.version})),
    )
    return _sheet(version)


TOOLS = (
    McpTool(
        "show_profile",
        "Show a profile",
        "read",
        NameProfile,
        ProfileSheet,
        show_profile,
        read_only=True,
    ),
    McpTool(
        "list_profile_versions",
        "List a profile's versions",
        "read",
        NameArtist,
        Versions,
        list_profile_versions,
        read_only=True,
    ),
    McpTool("edit_profile", "Edit a profile", "steer", EditProfile, ProfileSheet, edit_profile),
)
