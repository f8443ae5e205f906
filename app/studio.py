"""The embedded engines as the artists' studio."""

from __future__ import annotations

from domain.ports.providers import Capabilities
from packs import SOUND_FONT
from runtime.settings import Settings
from services.renders import RenderService
from tools.context import Studio
from tools.vendors.embedded.engine import EmbeddedEngine
from tools.vendors.embedded.job import Bench
from tools.vendors.embedded.process import Renderers
from tools.vendors.embedded.slots import RenderSlots, renders_at_once

VERSION = "1"
VOICES = "voices"
SLOTS = "renderers"
# Between the jobs of one cycle; longer, and idle artists would keep memory for nothing.
IDLE_S = 90.0


def build_renderers(settings: Settings, idle_s: float = IDLE_S) -> Renderers:
    """What renders on this host: bounded over all its processes, and quick at the second job."""
    count = renders_at_once(settings.renders, settings.render_memory_mb)
    return Renderers(RenderSlots(settings.cache_dir / SLOTS, count), idle_s)


def build_studio(
    settings: Settings, renderers: Renderers | None = None, kept: RenderService | None = None
) -> Studio:
    """All generators offline; what was `kept` of an equal request is not made again.

    Without `renderers`, which are to be closed, none stays idle.
    """
    renderers = renderers or build_renderers(settings, idle_s=0.0)
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
        music=EmbeddedEngine(music, bench, renderers, kept),
        covers=EmbeddedEngine(pictures, bench, renderers, kept),
        portraits=EmbeddedEngine(pictures, bench, renderers, kept),
        packager=EmbeddedEngine(music, bench, renderers, kept),
        masterer=EmbeddedEngine(music, bench, renderers, kept),
        keep_stems=settings.song_stems,
    )
