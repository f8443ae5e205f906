"""The embedded engines as the artists' studio."""

from __future__ import annotations

import asyncio

from domain.ports.providers import Capabilities
from packs import SOUND_FONT
from runtime.settings import Settings
from tools.context import Studio
from tools.vendors.embedded.engine import EmbeddedEngine
from tools.vendors.embedded.job import Bench

VERSION = "1"
CHILDREN_AT_ONCE = 1
VOICES = "voices"


def build_studio(settings: Settings) -> Studio:
    """All generators offline; one child process at a time, since each takes a whole core."""
    room = asyncio.Semaphore(CHILDREN_AT_ONCE)
    bench = Bench(
        soundfont=settings.soundfont or SOUND_FONT,
        soundfont_cache=settings.cache_dir / "soundfonts",
        voice_cache=settings.cache_dir / VOICES,
    )
    music = Capabilities(
        name="greenroom-music",
        version=VERSION,
        kind="music",
        made_by="algorithm",
        offline=True,
        features=frozenset({"sung", "lyrics", "instrumental", "stems", "midi", "score"}),
    )
    pictures = music.model_copy(
        update={"name": "greenroom-pictures", "kind": "image", "features": frozenset({"cover"})}
    )
    return Studio(
        music=EmbeddedEngine(music, bench, room),
        covers=EmbeddedEngine(pictures, bench, room),
        portraits=EmbeddedEngine(pictures, bench, room),
        packager=EmbeddedEngine(music, bench, room),
        masterer=EmbeddedEngine(music, bench, room),
        keep_stems=settings.song_stems,
    )
