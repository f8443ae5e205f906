"""The tool that draws an artist's mark and the banner of its page."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from domain.art import ArtDirection
from domain.errors import ProviderError
from domain.requests import PortraitRequest
from tools.context import ToolContext
from tools.jobs import generate, number
from tools.tool import Tool


class DrawPortrait(BaseModel):
    """Whose mark, in which art direction."""

    model_config = ConfigDict(frozen=True)

    stage_name: str
    art: ArtDirection
    seed: int


class DrawnPortrait(BaseModel):
    """The kept pictures, by the hash of their content."""

    model_config = ConfigDict(frozen=True)

    portrait_sha256: str
    banner_sha256: str
    cpu_s: float


async def draw_portrait(context: ToolContext, arguments: DrawPortrait) -> DrawnPortrait:
    """Draw the artist's mark and banner and give them to the artist."""
    request = PortraitRequest(artist=arguments.stage_name, art=arguments.art, seed=arguments.seed)
    key = f"{context.artist_id}-portrait-{arguments.seed}"
    made = await generate(context, context.studio.portraits, request, key)
    kept = {f.role: await context.works.media.put_file(f.path) for f in made.files}
    if not {"portrait", "banner"} <= set(kept):
        raise ProviderError("the provider made no portrait or no banner", field="files")
    await context.artists.set_pictures(
        context.actor, context.artist_id, kept["portrait"], kept["banner"]
    )
    return DrawnPortrait(
        portrait_sha256=kept["portrait"],
        banner_sha256=kept["banner"],
        cpu_s=number(made, "cpu_s"),
    )


DRAW_PORTRAIT = Tool("draw_portrait", DrawPortrait, draw_portrait, "make")
