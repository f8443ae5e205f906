"""The child's song job: prepare fonts and voice, render, judge the decoded files."""

from __future__ import annotations

from pathlib import Path

from domain.genre import GenrePack
from domain.ports.providers import Generated, GeneratedFile, Progress
from domain.quality import QualityReport
from domain.requests import SongRequest
from media.analysis import fingerprint
from media.deliver import Deliverables
from media.encode import decode
from media.files import write_atomically
from media.gates.audio import check_audio
from media.song import RenderedSong, render_song
from media.soundfont import prepare as prepare_soundfont
from media.voice.model import prepare as prepare_voice
from packs import load_pack, overridden
from tools.vendors.embedded.job import Bench

RENDER_SHARE = 0.8
JUDGED_SHARE = 0.95
PLOTS = "plots"
MEDIA_TYPES = {
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "midi": "audio/midi",
    "score": "application/json",
    "musicxml": "application/vnd.recordare.musicxml+xml",
    "lyrics": "text/plain",
    "stem": "audio/flac",
    "report": "text/html",
    "fingerprint": "application/octet-stream",
}


def make_song(request: SongRequest, bench: Bench, folder: Path, progress: Progress) -> Generated:
    """Render the score into the folder and judge what was made."""
    pack = overridden(load_pack(request.score.pack_id), request.overrides)
    song = _rendered(request, pack, bench, folder, progress)
    progress("listening back", RENDER_SHARE)
    report = _judged(request, pack, song)
    page = _page(request, song, report, folder, progress)
    progress("done", 1.0)
    sheets = (
        made_file("midi", song.midi),
        made_file("score", song.score),
        made_file("musicxml", song.musicxml),
        *((made_file("lyrics", song.lyrics),) if song.lyrics else ()),
    )
    stems = tuple(made_file("stem", path) for path in song.stems)
    return Generated(
        files=(*deliverables(song, folder), *sheets, *stems, *page),
        reports=(report,),
        facts={**measured(song), "sung": int(song.sung)},
    )


def made_file(role: str, path: Path) -> GeneratedFile:
    """A file in its role."""
    return GeneratedFile(role=role, path=path, media_type=MEDIA_TYPES[role])


def deliverables(song: Deliverables, folder: Path) -> tuple[GeneratedFile, ...]:
    """The audio files and the fingerprint that later songs are compared with."""
    mark = folder / "fingerprint.bin"
    write_atomically(mark, fingerprint(song.flac))
    return (
        made_file("flac", song.flac),
        made_file("mp3", song.mp3),
        made_file("ogg", song.ogg),
        made_file("fingerprint", mark),
    )


def measured(song: Deliverables) -> dict[str, str | float | int | None]:
    """What the master measures."""
    return {
        "pcm_sha256": song.pcm_sha256,
        "duration_s": song.duration_s,
        "integrated_lufs": song.integrated_lufs,
        "loudness_range_lu": song.loudness_range_lu,
        "true_peak_dbtp": song.true_peak_dbtp,
    }


def _rendered(
    request: SongRequest, pack: GenrePack, bench: Bench, folder: Path, progress: Progress
) -> RenderedSong:
    needs_font = any(track.engine == "soundfont" for track in request.score.tracks)
    sung = request.singer is not None and bool(request.score.lyrics)
    return render_song(
        request.score,
        pack,
        folder,
        prepare_soundfont(bench.soundfont, bench.soundfont_cache) if needs_font else None,
        lambda stage, share: progress(stage, share * RENDER_SHARE),
        singer=request.singer,
        voice_model=prepare_voice(bench.voice_cache) if sung else None,
        stems=request.stems,
        mix_take=request.mix,
        repair=request.repair,
    )


def _judged(request: SongRequest, pack: GenrePack, song: RenderedSong) -> QualityReport:
    voice = decode(song.voice) if song.voice else None
    return check_audio(
        song.flac,
        song.mp3,
        request.score,
        pack,
        ogg=song.ogg,
        dry_vocal=voice[0] if voice else None,
        vocal_rate_hz=voice[1] if voice else song.sample_rate_hz,
        earlier_fingerprints=[path.read_bytes() for path in request.earlier],
    )


def _page(
    request: SongRequest,
    song: RenderedSong,
    report: QualityReport,
    folder: Path,
    progress: Progress,
) -> tuple[GeneratedFile, ...]:
    """The report page with its plots and figures, where one is wanted."""
    if request.report_with is None:
        return ()
    # Matplotlib takes a second to load, which only a song with a report should pay.
    from media.plots import Subject, draw_plots  # noqa: PLC0415
    from media.report import write_report  # noqa: PLC0415

    progress("drawing the report", JUDGED_SHARE)
    score = request.score
    sound, rate = decode(song.flac)
    plots = draw_plots(Subject(score.title, sound, rate, score), folder / PLOTS)
    facts = {"tempo_bpm": score.tempo_bpm, "key": f"{score.key} {score.mode}", **measured(song)}
    path = write_report(
        folder, (*request.report_with, report), facts, title=score.title, plots=plots
    )
    pictures = tuple(GeneratedFile(role="plot", path=p.path, media_type="image/png") for p in plots)
    record = GeneratedFile(
        role="record", path=path.with_suffix(".json"), media_type="application/json"
    )
    return (made_file("report", path), record, *pictures)
