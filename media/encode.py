"""Encoding: FLAC at 24 bit, MP3 at 256 kbit/s, and the hash of what was encoded."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import lameenc
import numpy as np
import numpy.typing as npt
import soundfile

from media.sound import Sound, require_sound

MP3_KBITS = 256
_BLOCK = 65_536
_PCM24 = 2**23


def to_pcm24(sound: Sound) -> npt.NDArray[np.int32]:
    """Quantise to 24 bits, interleaved as (samples, channels)."""
    require_sound(sound)
    scaled = np.rint(sound.T.astype(np.float64) * _PCM24)
    return np.clip(scaled, -_PCM24, _PCM24 - 1).astype(np.int32)


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


def mp3_bytes(sound: Sound, sample_rate_hz: int, seed: int = 0) -> bytes:
    """MP3 at a constant bit rate, from 16 bits with triangular dither."""
    require_sound(sound)
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(MP3_KBITS)
    encoder.set_in_sample_rate(sample_rate_hz)
    encoder.set_channels(sound.shape[0])
    encoder.set_quality(2)
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


def decode(source: Path | bytes) -> tuple[Sound, int]:
    """Read FLAC or MP3 back as (sound, sample rate)."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.T), int(rate)
