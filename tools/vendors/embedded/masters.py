"""The child's mastering job: a recording from outside becomes a song like our own."""

from __future__ import annotations

from pathlib import Path

from domain.ports.providers import Generated, Progress
from domain.requests import MasterRequest
from media.foreign import master_file
from media.gates.foreign import check_foreign
from packs import load_pack, overridden
from tools.vendors.embedded.songs import deliverables, measured

MASTER_SHARE = 0.8


def make_master(request: MasterRequest, folder: Path, progress: Progress) -> Generated:
    """Master the recording and judge what is left of it.

    Raises `InvalidInput` naming `audio` for a file that is no audio, is silent or ends early.
    """
    song = master_file(
        request.audio,
        folder,
        seed=request.ask.seed,
        progress=lambda stage, share: progress(stage, share * MASTER_SHARE),
    )
    progress("listening back", MASTER_SHARE)
    pack = overridden(load_pack(request.pack_id), request.overrides)
    earlier = [path.read_bytes() for path in request.earlier]
    report = check_foreign(
        song.flac, song.mp3, song.ogg, request.ask, pack, earlier, told=request.told
    )
    progress("done", 1.0)
    return Generated(files=deliverables(song, folder), reports=(report,), facts=measured(song))
