"""What every network checks of a payload, by its capabilities; and how long a text is."""

from __future__ import annotations

import regex

from domain.errors import InvalidInput
from domain.ports.network import NetworkCapabilities
from domain.post import Payload
from domain.trimmed import trim_to_sentence


def graphemes(text: str) -> int:
    """How many characters a person counts."""
    return len(regex.findall(r"\X", text))


def check_limits(payload: Payload, limits: NetworkCapabilities) -> None:
    """Raise `InvalidInput` naming `text`, `media` or `alt`."""
    length = graphemes(payload.text)
    if not 1 <= length <= limits.text_max_graphemes:
        raise InvalidInput(
            f"the post has {length} characters",
            field="text",
            remedy=f"Write 1 to {limits.text_max_graphemes}.",
        )
    size = len(payload.text.encode())
    if limits.text_max_bytes is not None and size > limits.text_max_bytes:
        raise InvalidInput(
            f"the post has {size} bytes", field="text", remedy=f"At most {limits.text_max_bytes}."
        )
    if len(payload.media) > limits.media_max:
        raise InvalidInput("too many files", field="media", remedy=f"At most {limits.media_max}.")
    if any(not part.alt.strip() for part in payload.media):
        raise InvalidInput(
            "a picture has no alternative text", field="alt", remedy="Say what it shows."
        )


def shortened(text: str, limits: NetworkCapabilities) -> str:
    """The text as it is where it fits, else cut back to a full sentence, or to a word and `…`."""
    text = text.strip()
    most_bytes = limits.text_max_bytes or len(text.encode())
    if graphemes(text) <= limits.text_max_graphemes and len(text.encode()) <= most_bytes:
        return text
    kept = "".join(regex.findall(r"\X", text)[: limits.text_max_graphemes - 1])
    while len(kept.encode()) > most_bytes - len("…".encode()):
        kept = "".join(regex.findall(r"\X", kept)[:-1])
    cut = trim_to_sentence(kept + " …", len(kept))
    return cut if cut.endswith((".", "!", "?", "”", '"')) else f"{cut}…"
