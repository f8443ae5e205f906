"""Names of records and files, made before anything is sent so that sending again is harmless."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

_TID_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_TID_LENGTH = 13
_CLOCK_IDS = 1 << 10
# CIDv1, raw bytes, SHA-256 of 32 bytes.
_RAW_CID = bytes((0x01, 0x55, 0x12, 0x20))


def record_key(client_key: str, frozen_at: datetime) -> str:
    """The TID of a post: its time to the millisecond, the rest from its own id.

    The same post has the same one however often it is sent; two posts of one millisecond differ
    but for one pair in a million.
    """
    salt = int.from_bytes(hashlib.sha256(client_key.encode()).digest()[:8], "big")
    micros = int(frozen_at.timestamp() * 1000) * 1000 + salt % 1000
    number = (micros << 10) | ((salt // 1000) % _CLOCK_IDS)
    letters = []
    for _ in range(_TID_LENGTH):
        letters.append(_TID_LETTERS[number & 31])
        number >>= 5
    return "".join(reversed(letters))


def frozen_text(frozen_at: datetime) -> str:
    """The time as a record holds it."""
    return f"{frozen_at.strftime('%Y-%m-%dT%H:%M:%S')}.{frozen_at.microsecond // 1000:03d}Z"


def file_cid(content: bytes) -> str:
    """The name under which a server keeps a file, from nothing but its bytes."""
    digest = _RAW_CID + hashlib.sha256(content).digest()
    return "b" + base64.b32encode(digest).decode().rstrip("=").lower()
