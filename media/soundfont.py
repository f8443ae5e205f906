"""The sound font: unpack SF3 (Vorbis samples) to SF2 (plain samples) once, and play tracks.

The renderer reads only SF2, and plays garbage or nothing where a sample is missing, so what it
returns is checked.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import midirenderer
import numpy as np
import soundfile
import soxr

from domain.errors import InvalidInput, PartMissing
from domain.score import Track
from media.files import write_atomically
from media.midi import stem_to_midi
from media.sound import Sound, silence

RENDER_RATE_HZ = 48_000
_HEADER_BYTES = 46
_VORBIS_FLAG = 0x10
# SF2 asks for at least 46 zero samples after each sample.
_GUARD = bytes(92)
_AUDIBLE = 1e-4


def prepare(sf3: Path, cache_dir: Path) -> Path:
    """The SF2 twin of a sound font, made once and cached under the hash of its content."""
    if not sf3.is_file():
        raise PartMissing(
            f"the sound font {sf3.name} is not at {sf3}",
            field="soundfont",
            remedy="restore it from the repository (packs/soundfonts) or set its path",
        )
    data = sf3.read_bytes()
    target = cache_dir / f"{hashlib.sha256(data).hexdigest()[:32]}.sf2"
    if not target.is_file():
        cache_dir.mkdir(parents=True, exist_ok=True)
        write_atomically(target, convert(data))
    return target


@dataclass(frozen=True)
class _Sample:
    start: int
    length: int


def convert(sf3: bytes) -> bytes:
    """SF3 to SF2; raises InvalidInput when the bytes are no sound font."""
    if sf3[:4] != b"RIFF" or sf3[8:12] != b"sfbk":
        raise InvalidInput("this is no sound font", field="soundfont", remedy="use an .sf2 or .sf3")
    try:
        lists = {sf3[at : at + 4]: (at, size) for _, at, size in _chunks(sf3, 12, len(sf3))}
        return _rebuild(sf3, lists)
    except (KeyError, struct.error, StopIteration, soundfile.LibsndfileError) as error:
        raise InvalidInput(
            f"the sound font is damaged: {error}", field="soundfont", remedy="restore the file"
        ) from error


def _chunks(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while at + 8 <= end:
        (size,) = struct.unpack_from("<I", data, at + 4)
        yield data[at : at + 4], at + 8, size
        at += 8 + size + (size & 1)


def _rebuild(sf3: bytes, lists: dict[bytes, tuple[int, int]]) -> bytes:
    info_at, info_size = lists[b"INFO"]
    info = bytearray(sf3[info_at : info_at + info_size])
    struct.pack_into("<HH", info, info.index(b"ifil") + 8, 2, 4)
    at, size = lists[b"pdta"]
    tables = {name: sf3[a : a + n] for name, a, n in _chunks(sf3, at + 4, at + size)}
    at, size = lists[b"sdta"]
    samples_at, _ = next(
        (a, n) for name, a, n in _chunks(sf3, at + 4, at + size) if name == b"smpl"
    )
    headers, pcm = _decode(sf3, samples_at, tables[b"shdr"])
    tables[b"shdr"] = headers
    body = b"".join(
        (
            b"sfbk",
            _chunk(b"LIST", bytes(info)),
            _chunk(b"LIST", b"sdta" + _chunk(b"smpl", pcm)),
            _chunk(b"LIST", b"pdta" + b"".join(_chunk(k, v) for k, v in tables.items())),
        )
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + (b"\0" if len(data) & 1 else b"")


def _decode(sf3: bytes, samples_at: int, headers: bytes) -> tuple[bytes, bytes]:
    """Sample headers with new positions, and all samples as 16-bit PCM."""
    out, pcm = bytearray(), bytearray()
    known: dict[tuple[int, int], _Sample] = {}
    for at in range(0, len(headers), _HEADER_BYTES):
        name = headers[at : at + 20]
        start, end, loop_start, loop_end, rate = struct.unpack_from("<5I", headers, at + 20)
        pitch, correction, link, kind = struct.unpack_from("<BbHH", headers, at + 40)
        if not kind & _VORBIS_FLAG:
            out += headers[at : at + _HEADER_BYTES]
            continue
        if (start, end) not in known:
            packed = io.BytesIO(sf3[samples_at + start : samples_at + end])
            samples, _ = soundfile.read(packed, dtype="int16")
            known[start, end] = _Sample(len(pcm) // 2, len(samples))
            pcm += samples.tobytes() + _GUARD
        place = known[start, end]
        # Loop points of SF3 count from the sample's own start.
        out += name + struct.pack(
            "<5I", place.start, place.start + place.length, place.start + loop_start,
            place.start + loop_end, rate,
        )  # fmt: skip
        out += struct.pack("<BbHH", pitch, correction, link, kind & ~_VORBIS_FLAG)
    return bytes(out), bytes(pcm)


@lru_cache(maxsize=1)
def _load(path: Path) -> bytes:
    return path.read_bytes()


def forget() -> None:
    """Release the loaded sound font (some 120 MB)."""
    _load.cache_clear()


def render_track(
    track: Track, sf2: Path, tempo_bpm: float, samples: int, sample_rate_hz: int
) -> Sound:
    """Play one track dry; raises PartMissing when the renderer returns silence."""
    seconds = samples / sample_rate_hz
    midi = stem_to_midi(track, tempo_bpm, seconds * tempo_bpm / 60.0 + 1.0)
    wave = midirenderer.render_wave_from(_load(sf2), midi)
    pcm, rate = soundfile.read(io.BytesIO(wave), dtype="float32", always_2d=True)
    if not len(pcm) or float(np.abs(pcm).max()) < _AUDIBLE:
        raise PartMissing(
            f"the sound font plays nothing for {track.voice!r} (program {track.program})",
            field="soundfont",
            remedy="delete the cached .sf2 so that it is made again, or use another sound font",
        )
    out = silence(samples)
    for channel in range(2):
        moved = soxr.resample(pcm[:, channel], rate, sample_rate_hz, quality="HQ")
        count = min(samples, len(moved))
        out[channel, :count] = moved[:count]
    return out
