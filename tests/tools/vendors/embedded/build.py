"""Small requests and an engine over the real child process."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from domain.art import ArtDirection, DisplayTypeface, Style, TextTypeface
from domain.ports.providers import Capabilities
from domain.requests import CoverRequest, SongRequest
from media.compose.composer import compose
from packs import SOUND_FONT, load_pack
from runtime.settings import Settings
from services.renders import RenderService
from tests.media.songs import sketch_brief
from tools.vendors.embedded.engine import EmbeddedEngine
from tools.vendors.embedded.job import Bench
from tools.vendors.embedded.process import Renderers
from tools.vendors.embedded.slots import RenderSlots

MAKER = Capabilities(
    name="greenroom-test", version="1", kind="music", made_by="algorithm", offline=True
)


def engine(
    soundfont: Path = SOUND_FONT,
    room: int = 1,
    renderers: Renderers | None = None,
    kept: RenderService | None = None,
) -> EmbeddedEngine:
    """One with slots of its own, and none that stays idle."""
    cache = Settings().cache_dir
    bench = Bench(
        soundfont=soundfont, soundfont_cache=cache / "soundfonts", voice_cache=cache / "voices"
    )
    slots = RenderSlots(Path(tempfile.mkdtemp(prefix="gr-slots-")), room)
    return EmbeddedEngine(MAKER, bench, renderers or Renderers(slots), kept)


def song(pack_id: str = "synthwave", seed: int = 1) -> SongRequest:
    """Four bars."""
    return SongRequest(score=compose(sketch_brief(pack_id, seed), load_pack(pack_id)))


def cover(seed: int = 1, earlier: tuple[Path, ...] = ()) -> CoverRequest:
    """A small cover."""
    return CoverRequest(
        title="Sketch",
        artist="Nobody",
        art=ArtDirection(
            style=Style.NEON_HORIZON,
            palette=("#050816", "#5b2be0", "#f9f871"),
            display_typeface=DisplayTypeface.SYNE,
            text_typeface=TextTypeface.INTER,
        ),
        seed=seed,
        size_px=300,
        earlier=earlier,
    )


class Heard:
    """Collects progress; `begun` is set at the first."""

    def __init__(self) -> None:
        self.said: list[tuple[str, float]] = []
        self.begun = asyncio.Event()

    def __call__(self, stage: str, fraction: float) -> None:
        self.said.append((stage, fraction))
        self.begun.set()
