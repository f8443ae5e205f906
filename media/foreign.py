"""Songs that another generator made: read whatever came, and master it like our own."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import soundfile
import soxr

from domain.errors import InvalidInput
from media.container import ends_early
from media.deliver import Deliverables, Progress, deliver
from media.effects.eq import highpass
from media.loudness import SILENT_LUFS, measure
from media.master import RUMBLE_HZ, trim
from media.sound import CHANNELS, SAMPLE_RATE_HZ, Sound, gain

LONGEST_S = 900.0
# A quarter of an hour in stereo at 96 kHz, 700 MB once decoded; a small file may promise more.
MOST_VALUES = 2 * 96_000 * 900
SHORTEST_S = 1.0
SILENT_PEAK_DBFS = -60.0
LEAD_IN_S = 0.05
# A start is what comes this far up to the loudest moment.
AUDIBLE_BELOW_PEAK_DB = 50.0
MISSING_S = 0.05


class MasteredSong(Deliverables):
    """A mastered foreign song, with what its source was like."""

    source_lufs: float
    source_rate_hz: int
    cut_lead_in_s: float


def master_file(
    path: Path, out_dir: Path, *, seed: int, progress: Progress = lambda stage, share: None
) -> MasteredSong:
    """Master WAV, FLAC, MP3 or OGG into song.flac, song.mp3 and song.ogg in `out_dir`.

    The sound becomes stereo at the house's rate, loses silence before its first sound and
    after its last, and gets loudness and peaks of a finished song. Raises InvalidInput for a
    file that is no audio, is silent, or ends early.
    """
    progress("reading", 0.0)
    sound, source_rate_hz = read_audio(path)
    source_lufs = measure(sound, SAMPLE_RATE_HZ).integrated_lufs
    if source_lufs <= SILENT_LUFS:
        raise _refused("is silent", "ask the provider for another take")
    progress("master", 0.2)
    start = _first_sound(sound)
    shaped = highpass(sound[:, start:], SAMPLE_RATE_HZ, hz=RUMBLE_HZ)
    del sound
    shaped = trim(shaped, SAMPLE_RATE_HZ, earliest_s=0.0)
    out_dir.mkdir(parents=True, exist_ok=True)
    done = deliver(
        shaped, SAMPLE_RATE_HZ, out_dir, seed=seed,
        progress=lambda stage, share: progress(stage, 0.3 + 0.69 * share),
    )  # fmt: skip
    progress("done", 1.0)
    return MasteredSong(
        **done.model_dump(), source_lufs=source_lufs, source_rate_hz=source_rate_hz,
        cut_lead_in_s=start / SAMPLE_RATE_HZ,
    )  # fmt: skip


def read_audio(path: Path) -> tuple[Sound, int]:
    """A file as stereo at the house's rate, and the rate it had; see `master_file`."""
    data = path.read_bytes()
    sound, rate = _decoded(data)
    if not np.isfinite(sound).all():
        raise _refused("holds values that are no sound", "ask the provider for another take")
    if float(np.abs(sound).max(initial=0.0)) < float(gain(SILENT_PEAK_DBFS)):
        raise _refused("is silent", "ask the provider for another take")
    return _in_house_form(sound, rate), rate


def _decoded(data: bytes) -> tuple[Sound, int]:
    if not data:
        raise _refused("is empty", "fetch it again")
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate, promised = int(file.samplerate), int(file.frames)
            if promised > LONGEST_S * rate:
                raise _refused(f"is longer than {LONGEST_S:.0f} s", "ask for a shorter song")
            if promised * file.channels > MOST_VALUES:
                raise _refused("has more channels and samples than a song", "ask for stereo")
            samples = file.read(dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        if _looks_like_audio(data):
            raise _refused(f"cannot be decoded ({error})", "fetch it again") from error
        raise _refused("is not audio", "look at what the provider sent") from error
    if ends_early(data) or len(samples) < promised - MISSING_S * rate:
        raise _refused("ends early", "fetch it again")
    if len(samples) < SHORTEST_S * rate:
        raise _refused(f"is shorter than {SHORTEST_S:g} s", "ask the provider for another take")
    return np.ascontiguousarray(samples.T), rate


def _looks_like_audio(data: bytes) -> bool:
    return data[:4] in (b"RIFF", b"fLaC", b"OggS") or data[:3] == b"ID3" or data[:1] == b"\xff"


def _in_house_form(sound: Sound, rate: int) -> Sound:
    """Stereo (extra channels dropped, one doubled) at the house's rate."""
    stereo = np.vstack([sound, sound]) if len(sound) == 1 else sound[:CHANNELS]
    if rate == SAMPLE_RATE_HZ:
        return stereo
    moved = [soxr.resample(channel, rate, SAMPLE_RATE_HZ, quality="HQ") for channel in stereo]
    return np.stack(moved).astype(np.float32)


def _first_sound(sound: Sound) -> int:
    level = np.abs(sound).max(axis=0)
    threshold = float(level.max()) * float(gain(-AUDIBLE_BELOW_PEAK_DB))
    first = int(np.argmax(level > threshold))
    return max(0, first - int(LEAD_IN_S * SAMPLE_RATE_HZ))


def _refused(what: str, remedy: str) -> InvalidInput:
    return InvalidInput(f"the file {what}", field="audio", remedy=remedy)
