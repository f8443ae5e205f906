"""The child's song job: prepare the sound font, render, judge the decoded files."""

from __future__ import annotations

from pathlib import Path

from domain.ports.providers import Generated, GeneratedFile, Progress
from domain.requests import SongRequest
from media.analysis import fingerprint
from media.files import write_atomically
from media.gates.audio import check_audio
from media.song import render_song
from media.soundfont import prepare
from packs import load_pack
from tools.vendors.embedded.job import Bench

RENDER_SHARE = 0.85


def make_song(request: SongRequest, bench: Bench, folder: Path, progress: Progress) -> Generated:
    """Render the score into the folder and judge what was made."""
    pack = load_pack(request.score.pack_id)
    needs_font = any(track.engine == "soundfont" for track in request.score.tracks)
    font = prepare(bench.soundfont, bench.soundfont_cache) if needs_font else None
    song = render_song(
        request.score,
        pack,
        folder,
        font,
        lambda stage, share: progress(stage, share * RENDER_SHARE),
    )
    progress("listening back", RENDER_SHARE)
    earlier = [path.read_bytes() for path in request.earlier]
    report = check_audio(song.flac, song.mp3, request.score, pack, earlier_fingerprints=earlier)
    mark = folder / "fingerprint.bin"
    write_atomically(mark, fingerprint(song.flac))
    progress("listening back", 1.0)
    return Generated(
        files=(
            GeneratedFile(role="flac", path=song.flac, media_type="audio/flac"),
            GeneratedFile(role="mp3", path=song.mp3, media_type="audio/mpeg"),
            GeneratedFile(role="midi", path=song.midi, media_type="audio/midi"),
            GeneratedFile(role="fingerprint", path=mark, media_type="application/octet-stream"),
        ),
        reports=(report,),
        facts={
            "pcm_sha256": song.pcm_sha256,
            "duration_s": song.duration_s,
            "integrated_lufs": song.integrated_lufs,
            "true_peak_dbtp": song.true_peak_dbtp,
        },
    )
