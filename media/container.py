"""Whether an audio file was cut off: what its container promises against what is there."""

from __future__ import annotations

import struct

_MPEG1_LAYER3_KBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_LAYER3_KBITS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_STREAMED = (0, 0xFFFFFFFF)
_END_OF_STREAM = 0x04
_TAG_BYTES = 128


def ends_early(data: bytes) -> bool:
    """True when a WAV, OGG or MP3 file ends before its container says so.

    A FLAC file counts its samples itself, so its decoder notices. An MP3 that announces no
    length and was cut exactly between two frames cannot be told from a whole one.
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return _wav_ends_early(data)
    if data[:4] == b"OggS":
        last = data.rfind(b"OggS")
        return len(data) < last + 6 or not data[last + 5] & _END_OF_STREAM
    start = _after_id3(data)
    if _mp3_frame_bytes(data, start):
        return _mp3_ends_early(data, start)
    return False


def _wav_ends_early(data: bytes) -> bool:
    at = 12
    while at + 8 <= len(data):
        name, (size,) = data[at : at + 4], struct.unpack_from("<I", data, at + 4)
        if name == b"data":
            return size not in _STREAMED and at + 8 + size > len(data)
        at += 8 + size + (size & 1)
    return True


def _after_id3(data: bytes) -> int:
    """Where sound begins behind an ID3v2 tag, whose size is written in seven-bit bytes."""
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _mp3_ends_early(data: bytes, at: int) -> bool:
    """Whether the last frame is incomplete, or frames lack that the first one announced."""
    announced = _announced_frames(data, at)
    end = len(data) - _TAG_BYTES if data[-_TAG_BYTES:-125] == b"TAG" else len(data)
    count = 0
    while at + 4 <= end:
        size = _mp3_frame_bytes(data, at)
        if not size:
            break
        if at + size > end:
            return True
        at, count = at + size, count + 1
    # The frame that carries the announcement does not count itself.
    return announced is not None and count - 1 < announced


def _announced_frames(data: bytes, at: int) -> int | None:
    size = _mp3_frame_bytes(data, at)
    for name in (b"Xing", b"Info"):
        place = data.find(name, at, at + size)
        if place >= 0 and len(data) >= place + 12 and data[place + 7] & 1:
            return int(struct.unpack_from(">I", data, place + 8)[0])
    return None


def _mp3_frame_bytes(data: bytes, at: int) -> int:
    """Length of the Layer III frame that begins here; 0 when none does."""
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return 0
    version, layer = data[at + 1] >> 3 & 3, data[at + 1] >> 1 & 3
    kbits_index, rate_index = data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version == 1 or layer != 1 or kbits_index in (0, 15) or rate_index == 3:
        return 0
    kbits = (_MPEG1_LAYER3_KBITS if version == 3 else _MPEG2_LAYER3_KBITS)[kbits_index]
    per_kbit = 144_000 if version == 3 else 72_000
    return per_kbit * kbits // _RATES_HZ[version][rate_index] + (data[at + 2] >> 1 & 1)
