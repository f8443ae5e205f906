"""What the signed call-backs of vendors have in common."""

from __future__ import annotations

from domain.errors import Unauthenticated

TOLERATED_S = 300
MOST_DIGITS = 12


def must_be_fresh(timestamp: str, now: float) -> None:
    """Raise `Unauthenticated` unless the UNIX time in seconds lies within five minutes of `now`.

    The text comes from strangers: it may hold superscripts or a number beyond all floats.
    """
    told = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= MOST_DIGITS
    if not told or abs(now - int(timestamp)) > TOLERATED_S:
        raise Unauthenticated("the call-back is too old or carries no time")
