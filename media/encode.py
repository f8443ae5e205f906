"""Encoding: FLAC at 24 bit, MP3, OGG Vorbis; decoding; and the hash of what was encoded."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import lameenc
import numpy as np
import numpy.typing as npt
import soundfile

from media.files import write_atomically
from media.sound import Sound, require_sound

MP3_KBITS = 256
# Quality 3 differs from 2 by half the time and nothing a test or an ear has found.
MP3_EFFORT = 3
OGG_COMPRESSION = 0.3
_BLOCK = 65_536
_PCM24 = 2**23


def to_pcm24(sound: Sound) -> npt.NDArray[np.int32]:
    """Quantise to 24 bits, interleaved as (samples, channels)."""
    require_sound(sound)
    pcm = np.empty(sound.shape[::-1], np.int32)
    for first in range(0, sound.shape[1], _BLOCK):
        block = sound[:, first : first + _BLOCK].T.astype(np.float64)
        pcm[first : first + _BLOCK] = np.clip(np.rint(block * _PCM24), -_PCM24, _PCM24 - 1)
    return pcm


def pcm_sha256(pcm: npt.NDArray[np.int32]) -> str:
    """Hash of the audio alone: the same whatever tags or container surround it."""
    return hashlib.sha256(np.ascontiguousarray(pcm, dtype="<i4").data).hexdigest()


def flac_bytes(pcm: npt.NDArray[np.int32], sample_rate_hz: int) -> bytes:
    """FLAC, 24 bit."""
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer, "w", sample_rate_hz, pcm.shape[1], subtype="PCM_24", format="FLAC"
    ) as file:
        for first in range(0, len(pcm), _BLOCK):
            # soundfile takes 24-bit samples in the upper bits of 32.
            file.write(pcm[first : first + _BLOCK] << 8)
    return buffer.getvalue()


def write_flac(path: Path, sound: Sound, sample_rate_hz: int) -> str:
    """Write a sound as FLAC and return the hash of its samples."""
    pcm = to_pcm24(sound)
    write_atomically(path, flac_bytes(pcm, sample_rate_hz))
    return pcm_sha256(pcm)


def mp3_bytes(sound: Sound, sample_rate_hz: int, seed: int = 0) -> bytes:
    """MP3 at a constant bit rate, from 16 bits with triangular dither."""
    require_sound(sound)
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(MP3_KBITS)
    encoder.set_in_sample_rate(sample_rate_hz)
    encoder.set_channels(sound.shape[0])
    encoder.set_quality(MP3_EFFORT)
    encoder.silence()
    rng = np.random.default_rng(seed)
    out = bytearray()
    for first in range(0, sound.shape[1], _BLOCK):
        block = sound[:, first : first + _BLOCK].T * np.float32(32766.0)
        dither = rng.random(block.shape, np.float32) - rng.random(block.shape, np.float32)
        pcm = np.clip(np.rint(block + dither), -32768, 32767).astype("<i2")
        out += encoder.encode(pcm.tobytes())
    out += encoder.flush()
    return bytes(out)


def ogg_bytes(sound: Sound, sample_rate_hz: int) -> bytes:
    """OGG Vorbis at some 220 kbit/s, written a second at a time: one long write crashes."""
    require_sound(sound)
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer, "w", sample_rate_hz, sound.shape[0], subtype="VORBIS", format="OGG",
        compression_level=OGG_COMPRESSION,
    ) as file:  # fmt: skip
        for first in range(0, sound.shape[1], sample_rate_hz):
            file.write(sound[:, first : first + sample_rate_hz].T)
    return buffer.getvalue()


def decode(source: Path | bytes) -> tuple[Sound, int]:
    """Read FLAC, MP3 or OGG back as (sound, sample rate)."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.T), int(rate)
