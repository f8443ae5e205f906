"""Render a score to a finished song: stems, mix, master, files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

from pydantic import BaseModel, ConfigDict

from domain.errors import PartMissing
from domain.genre import GenrePack
from domain.score import Score, Track
from media import soundfont
from media.effects.chain import Context
from media.encode import decode, flac_bytes, mp3_bytes, pcm_sha256, to_pcm24
from media.files import write_atomically
from media.loudness import measure, true_peak_dbtp
from media.master import FLAC_CEILING_DBTP, MP3_CEILING_DBTP, finish, tone, trim
from media.midi import score_to_midi
from media.mix import mix
from media.sound import SAMPLE_RATE_HZ, Sound
from media.synth.track import render_track

RELEASE_S = 4.0
DECODED_CEILING_DBTP = -1.1
MP3_TRIES = 3
Progress = Callable[[str, float], None]


class RenderedSong(BaseModel):
    """What a rendering left behind, and what was measured on the way."""

    model_config = ConfigDict(frozen=True)

    flac: Path
    mp3: Path
    midi: Path
    score: Path
    pcm_sha256: str
    duration_s: float
    sample_rate_hz: int
    integrated_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float


def silent_progress(stage: str, share: float) -> None:
    """Report to nobody."""


def render_song(
    score: Score, pack: GenrePack, out_dir: Path, soundfont_sf2: Path | None,
    progress: Progress = silent_progress,
) -> RenderedSong:  # fmt: skip
    """Render into `out_dir` as song.flac, song.mp3, song.mid and score.json.

    The same score gives the same PCM on one machine. `soundfont_sf2` comes from
    `media.soundfont.prepare`; a pack that only synthesises needs none.
    """
    samples = int((score.duration_s + RELEASE_S) * SAMPLE_RATE_HZ)
    bus = mix(score, pack, _stems(score, soundfont_sf2, samples, progress), samples, SAMPLE_RATE_HZ)
    soundfont.forget()
    progress("master", 0.7)
    context = Context(SAMPLE_RATE_HZ, score.tempo_bpm, crc32(f"{score.seed}:bus".encode()))
    shaped = tone(bus, pack, context)
    del bus
    shaped = trim(shaped, SAMPLE_RATE_HZ, earliest_s=score.duration_s * 0.9)
    master = finish(shaped, SAMPLE_RATE_HZ, ceiling_dbtp=FLAC_CEILING_DBTP)
    out_dir.mkdir(parents=True, exist_ok=True)
    progress("flac", 0.85)
    pcm = to_pcm24(master)
    write_atomically(out_dir / "song.flac", flac_bytes(pcm, SAMPLE_RATE_HZ))
    digest = pcm_sha256(pcm)
    del pcm
    progress("mp3", 0.92)
    write_atomically(out_dir / "song.mp3", _mp3(shaped, score.seed))
    write_atomically(out_dir / "song.mid", score_to_midi(score))
    write_atomically(out_dir / "score.json", score.model_dump_json(indent=1).encode())
    progress("done", 1.0)
    return _result(out_dir, master, digest)


def _stems(
    score: Score, sf2: Path | None, samples: int, progress: Progress
) -> Iterator[tuple[Track, Sound]]:
    for index, track in enumerate(score.tracks):
        progress(f"stem {track.role}", 0.7 * index / len(score.tracks))
        yield track, render_stem(track, score.tempo_bpm, sf2, samples)


def render_stem(track: Track, tempo_bpm: float, sf2: Path | None, samples: int) -> Sound:
    """One dry stem by the engine its voice asks for."""
    if track.engine == "synth":
        return render_track(track, tempo_bpm, samples, SAMPLE_RATE_HZ)
    if sf2 is None:
        raise PartMissing(
            f"{track.voice!r} needs a sound font and none is set",
            field="soundfont",
            remedy="restore packs/soundfonts/FluidR3Mono_GM.sf3 or set its path",
        )
    return soundfont.render_track(track, sf2, tempo_bpm, samples, SAMPLE_RATE_HZ)


def _mp3(shaped: Sound, seed: int) -> bytes:
    """Encode under a ceiling that the decoded file keeps; encoding itself raises peaks."""
    ceiling = MP3_CEILING_DBTP
    encoded = b""
    for _ in range(MP3_TRIES):
        limited = finish(shaped, SAMPLE_RATE_HZ, ceiling_dbtp=ceiling)
        encoded = mp3_bytes(limited, SAMPLE_RATE_HZ, seed % 2**32)
        excess = true_peak_dbtp(*decode(encoded)) - DECODED_CEILING_DBTP
        if excess <= 0.0:
            break
        ceiling -= excess + 0.1
    return encoded


def _result(out_dir: Path, master: Sound, digest: str) -> RenderedSong:
    loudness = measure(master, SAMPLE_RATE_HZ)
    return RenderedSong(
        flac=out_dir / "song.flac",
        mp3=out_dir / "song.mp3",
        midi=out_dir / "song.mid",
        score=out_dir / "score.json",
        pcm_sha256=digest,
        duration_s=master.shape[1] / SAMPLE_RATE_HZ,
        sample_rate_hz=SAMPLE_RATE_HZ,
        integrated_lufs=loudness.integrated_lufs,
        loudness_range_lu=loudness.range_lu,
        true_peak_dbtp=true_peak_dbtp(master, SAMPLE_RATE_HZ),
    )
