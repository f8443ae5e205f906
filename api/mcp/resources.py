"""Resources: artists' profiles and works' words, to be read without calling a tool."""

from __future__ import annotations

import re

from mcp import MCPError, types

from api.context import ApiContext
from api.mcp.tools.works import lyrics_of
from domain.actor import Actor
from domain.errors import GreenroomError

PAGE = 100
JSON, TEXT = "application/json", "text/plain"
PROFILE = re.compile(r"greenroom://artists/([^/]+)/profile")
LYRICS = re.compile(r"greenroom://works/([^/]+)/lyrics")
TEMPLATES = [
    types.ResourceTemplate(
        name="artist_profile",
        title="An artist's profile",
        uri_template="greenroom://artists/{handle}/profile",
        description="Who the artist is: voice, personality, themes, music, looks.",
        mime_type=JSON,
    ),
    types.ResourceTemplate(
        name="work_lyrics",
        title="A work's words",
        uri_template="greenroom://works/{work_id}/lyrics",
        description="The words of a song, a section a paragraph.",
        mime_type=TEXT,
    ),
]


async def list_resources(
    context: ApiContext, actor: Actor, cursor: str | None
) -> types.ListResourcesResult:
    """The profiles of the artists that the actor sees; works are found by `list_works`."""
    if "read" not in actor.rights:
        return types.ListResourcesResult(resources=[])
    found = await context.artists.page(actor, cursor, PAGE)
    return types.ListResourcesResult(
        resources=[
            types.Resource(
                uri=f"greenroom://artists/{artist.handle}/profile",
                name=artist.handle,
                title=artist.stage_name,
                description=f"Profile of {artist.stage_name}.",
                mime_type=JSON,
            )
            for artist in found
            if artist.profile_number
        ],
        next_cursor=found[-1].id if len(found) == PAGE else None,
    )


async def read_resource(context: ApiContext, actor: Actor, uri: str) -> types.ReadResourceResult:
    """One resource; raises `MCPError` where there is none for this actor."""
    try:
        if named := PROFILE.fullmatch(uri):
            artist = await context.artists.find(actor, named[1])
            version = await context.artists.profile(actor, artist.id)
            return _read(uri, JSON, version.profile.model_dump_json(by_alias=True))
        if named := LYRICS.fullmatch(uri):
            work = await context.works.get(actor, named[1])
            return _read(uri, TEXT, f"{work.title}\n\n{lyrics_of(work)}")
    except GreenroomError as error:
        raise MCPError(types.INVALID_PARAMS, error.message, {"uri": uri}) from error
    raise MCPError(types.INVALID_PARAMS, "there is no such resource", {"uri": uri})


def _read(uri: str, mime_type: str, text: str) -> types.ReadResourceResult:
    content = types.TextResourceContents(uri=uri, mime_type=mime_type, text=text)
    return types.ReadResourceResult(contents=[content])
