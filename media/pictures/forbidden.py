"""Words that shops refuse on covers: addresses, prices, platforms, formats (their style guides)."""

from __future__ import annotations

import re
import unicodedata

_URL = re.compile(
    r"https?:|www\.|@\w|\b[\w-]+\.(?:com|net|org|io|fm|me|co|app|music|tv|de|uk|eu|shop)\b", re.I
)
_PRICE = re.compile(
    r"[$€£¥]\s?\d|\d\s?[$€£¥]|\b\d+([.,]\d\d)?\s?(?:usd|eur|gbp|dollars?|euros?)\b", re.I
)
_PLATFORMS = re.compile(
    r"\b(?:spotify|itunes|apple music|amazon music|you ?tube|deezer|sound ?cloud|bandcamp|tik ?tok"
    r"|instagram|facebook|beatport|qobuz|audiomack|napster)\b",
    re.I,
)
_PHYSICAL = re.compile(
    r"\b(?:cds?|dvds?|lps?|vinyls?|cassettes?|compact dis[ck]s?|blu-?ray|mp3|digital download"
    r"|\d{1,2}[\s-]?inch)\b|\b\d{1,2}\"",
    re.I,
)
_PATTERNS = {
    "no_url": _URL,
    "no_price": _PRICE,
    "no_platform": _PLATFORMS,
    "no_physical_format": _PHYSICAL,
}
FORBIDDEN = {
    "no_url": "an address or handle",
    "no_price": "a price",
    "no_platform": "a platform's name",
    "no_physical_format": "a physical or file format",
}


def forbidden_in(text: str) -> dict[str, str]:
    """What may not stand on a cover, by gate; empty for a text that may."""
    plain = unicodedata.normalize("NFKC", text)
    found = {gate: pattern.search(plain) for gate, pattern in _PATTERNS.items()}
    return {gate: match.group(0) for gate, match in found.items() if match}
