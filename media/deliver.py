"""Deliverables: FLAC, MP3 and OGG of one shaped song, each judged after decoding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from media.encode import decode, mp3_bytes, ogg_bytes, write_flac
from media.files import write_atomically
from media.loudness import measure, true_peak_dbtp
from media.master import FLAC_CEILING_DBTP, LOSSY_CEILING_DBTP, TARGET_LUFS, Finisher
from media.sound import Sound

DECODED_CEILING_DBTP = -1.1
LOUDNESS_TOLERANCE_LU = 0.2
LOSSY_TRIES = 4
Progress = Callable[[str, float], None]


class Deliverables(BaseModel):
    """A mastered song as files, and what was measured; peaks are those of the decoded files."""

    model_config = ConfigDict(frozen=True)

    flac: Path
    mp3: Path
    ogg: Path
    pcm_sha256: str
    duration_s: float
    sample_rate_hz: int
    integrated_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    mp3_true_peak_dbtp: float
    ogg_true_peak_dbtp: float


def deliver(
    shaped: Sound, sample_rate_hz: int, out_dir: Path, *, seed: int, progress: Progress
) -> Deliverables:
    """Master the shaped song three times, once under the ceiling of each format."""
    finisher = Finisher.of(shaped, sample_rate_hz)
    progress("flac", 0.0)
    master = finisher.finish(FLAC_CEILING_DBTP)
    digest = write_flac(out_dir / "song.flac", master, sample_rate_hz)
    loudness = measure(master, sample_rate_hz)
    peak, samples = true_peak_dbtp(master, sample_rate_hz), master.shape[1]
    del master
    progress("mp3", 0.3)
    mp3, mp3_peak = _lossy(finisher, lambda s: mp3_bytes(s, sample_rate_hz, seed % 2**32))
    write_atomically(out_dir / "song.mp3", mp3)
    del mp3
    progress("ogg", 0.75)
    ogg, ogg_peak = _lossy(finisher, lambda s: ogg_bytes(s, sample_rate_hz))
    write_atomically(out_dir / "song.ogg", ogg)
    progress("delivered", 1.0)
    return Deliverables(
        flac=out_dir / "song.flac",
        mp3=out_dir / "song.mp3",
        ogg=out_dir / "song.ogg",
        pcm_sha256=digest,
        duration_s=samples / sample_rate_hz,
        sample_rate_hz=sample_rate_hz,
        integrated_lufs=loudness.integrated_lufs,
        loudness_range_lu=loudness.range_lu,
        true_peak_dbtp=peak,
        mp3_true_peak_dbtp=mp3_peak,
        ogg_true_peak_dbtp=ogg_peak,
    )


def _lossy(finisher: Finisher, encode: Callable[[Sound], bytes]) -> tuple[bytes, float]:
    """Encode so that the decoded file keeps ceiling and loudness.

    Encoding raises peaks, and loses the treble that counts for loudness.
    """
    ceiling, target = LOSSY_CEILING_DBTP, TARGET_LUFS
    encoded, peak = b"", 0.0
    for _ in range(LOSSY_TRIES):
        encoded = encode(finisher.finish(ceiling, target))
        sound, rate = decode(encoded)
        peak = true_peak_dbtp(sound, rate)
        missing = TARGET_LUFS - measure(sound, rate).integrated_lufs
        del sound
        if peak <= DECODED_CEILING_DBTP and abs(missing) <= LOUDNESS_TOLERANCE_LU:
            break
        ceiling -= max(0.0, peak + 0.1 - DECODED_CEILING_DBTP)
        target += missing
    return encoded, peak
