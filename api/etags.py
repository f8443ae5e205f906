"""ETags of what can be edited: given with every answer, asked for with every edit."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header
from starlette.responses import Response

from domain.seen import UNSAID, Seen

_TAG = re.compile(r'"(\d{1,9})"')
IF_MATCH = "The ETag of what is edited, as it was read; `*` for whatever is there."
IF_NONE_MATCH = "`*`: only where there is none yet."


async def seen_by(
    if_match: Annotated[str | None, Header(description=IF_MATCH, examples=['"3"'])] = None,
) -> Seen:
    """What the sender of an edit saw, by its `If-Match`."""
    if if_match is None:
        return UNSAID
    if if_match.strip() == "*":
        return Seen(anything=True)
    # A tag of another form is none of ours, and matches nothing.
    return Seen(versions=frozenset(int(number) for number in _strong(if_match)))


async def seen_or_none_by(
    seen: Annotated[Seen, Depends(seen_by)],
    if_none_match: Annotated[str | None, Header(description=IF_NONE_MATCH)] = None,
) -> Seen:
    """The same where an edit may also create."""
    if not seen.said and if_none_match is not None and if_none_match.strip() == "*":
        return Seen(nothing=True)
    return seen


SeenVersion = Annotated[Seen, Depends(seen_by)]
SeenOrNone = Annotated[Seen, Depends(seen_or_none_by)]


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def tag(response: Response, version: int) -> None:
    """Give an answer the ETag of the version that it shows."""
    response.headers["ETag"] = etag(version)


def _strong(header: str) -> list[str]:
    tags = [part.strip() for part in header.split(",")]
    return [found[1] for part in tags if (found := _TAG.fullmatch(part))]
