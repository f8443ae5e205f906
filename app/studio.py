"""The embedded engines as the artists' studio."""

from __future__ import annotations

import asyncio

from domain.ports.providers import Capabilities
from runtime.settings import Settings
from tools.context import Studio
from tools.vendors.embedded.engine import EmbeddedEngine

VERSION = "1"
CHILDREN_AT_ONCE = 1


def build_studio(settings: Settings) -> Studio:
    """All generators offline; one child process at a time, since each takes a whole core."""
    room = asyncio.Semaphore(CHILDREN_AT_ONCE)
    environment = {"GREENROOM_CACHE_DIR": str(settings.cache_dir)}
    if settings.soundfont is not None:
        environment["GREENROOM_SOUNDFONT"] = str(settings.soundfont)
    music = Capabilities(
        name="greenroom-music",
        version=VERSION,
        kind="music",
        made_by="algorithm",
        offline=True,
        features=frozenset({"instrumental", "stems", "midi", "score"}),
    )
    pictures = music.model_copy(
        update={"name": "greenroom-pictures", "kind": "image", "features": frozenset({"cover"})}
    )
    return Studio(
        music=EmbeddedEngine(music, environment, room),
        covers=EmbeddedEngine(pictures, environment, room),
        portraits=EmbeddedEngine(pictures, environment, room),
        packager=EmbeddedEngine(music, environment, room),
    )
