"""Two versions of one thing side by side: what was asked for, and how it was answered."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.diffs import Piece, text_diff
from api.web.lyrics import lyric_blocks
from api.web.operator_views import WaitingCard, media_url, waiting_card
from api.web.page import key_name
from domain.actor import Actor
from domain.approval import Approval
from domain.ports.network import NetworkCapabilities
from domain.post import Post
from domain.work import Work
from services.inbox import InboxItem
from services.revisions import Compared


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Asked(_Part):
    """One thing that was asked for, and what became of it."""

    reason: str
    changed: bool
    words: str


class Side(_Part):
    """A song of one of the two versions."""

    title: str
    cover_url: str | None
    audio_url: str | None
    duration_s: float | None
    facts: str


class LyricRow(_Part):
    """A line of both versions; a heading stands alone."""

    kind: Literal["heading", "same", "changed"]
    before: str
    now: str


class PostPair(_Part):
    """What one channel would have shown, and what it would show now."""

    channel: str
    before: str
    pieces: tuple[Piece, ...] = Field(description="Empty where the words are the same.")


class RevisionCard(_Part):
    """What an approval revises."""

    version: int
    url: str
    by: str
    at: datetime | None
    said: str
    asked: tuple[Asked, ...]
    same: str
    before: Side | None
    now: Side | None
    same_cover: bool
    same_sound: bool
    lyrics: tuple[LyricRow, ...] = Field(description="Empty where the words are the same.")
    posts: tuple[PostPair, ...]


async def revision_card(
    context: ApiContext, operator: Actor, approval: Approval
) -> RevisionCard | None:
    """What an approval's page shows of the version before; None where there is none."""
    found = await context.revisions.compared(operator, approval)
    if found is None:
        return None
    decision = found.before.approval.decision
    names = await context.overview.names({decision.by} if decision else ())
    old, new = _work(found.before), _work(found.after)
    channels = {
        post.payload.channel: context.channels.capabilities(post.payload.channel)
        for post in found.after.posts
    }
    return RevisionCard(
        version=approval.version,
        url=f"/operator/approvals/{found.before.approval.id}",
        by=names[decision.by] if decision else "",
        at=decision.at if decision else None,
        said=decision.comment if decision else "",
        asked=_asked(found),
        same=_listed(found.same),
        before=_side(found.before, old),
        now=_side(found.after, new),
        same_cover="the cover" in found.same,
        same_sound="the recording" in found.same,
        lyrics=_rows(old, new),
        posts=_posts(found.before.posts, found.after.posts, channels),
    )


def _asked(found: Compared) -> tuple[Asked, ...]:
    return tuple(
        Asked(reason=one.reason, changed=one.changed, words=one.words) for one in found.answers
    )


def _work(item: InboxItem) -> Work | None:
    return item.works[0] if item.works else None


def _side(item: InboxItem, work: Work | None) -> Side | None:
    if work is None:
        return None
    card: WaitingCard = waiting_card(item)
    cover = work.asset("cover") or work.asset("cover_thumb")
    tempo = f"{work.tempo_bpm:.0f} BPM" if work.tempo_bpm else ""
    return Side(
        title=work.title,
        cover_url=media_url(cover) if cover else None,
        audio_url=card.audio_url,
        duration_s=card.duration_s,
        facts=" · ".join(fact for fact in (tempo, key_name(work.key, work.mode)) if fact),
    )


def _rows(old: Work | None, new: Work | None) -> tuple[LyricRow, ...]:
    """Both lyrics line by line, those that are the same in one row."""
    if old is None or new is None or old.lyrics == new.lyrics:
        return ()
    left, right = _lines(old), _lines(new)
    rows: list[LyricRow] = []
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        for before, now in zip_longest(left[a:b], right[c:d]):
            rows.append(_row(before, now, same=kind == "equal"))
    return tuple(rows)


def _lines(work: Work) -> list[tuple[bool, str]]:
    """Headings and lines in order, each section that is sung again only once."""
    found: list[tuple[bool, str]] = []
    seen: set[tuple[str, ...]] = set()
    for block in lyric_blocks(work.lyrics):
        if block.lines not in seen:
            seen.add(block.lines)
            found += [(True, block.heading), *((False, line) for line in block.lines)]
    return found


def _row(before: tuple[bool, str] | None, now: tuple[bool, str] | None, *, same: bool) -> LyricRow:
    heading = same and bool(now and now[0])
    return LyricRow(
        kind="heading" if heading else "same" if same else "changed",
        before=before[1] if before else "",
        now=now[1] if now else "",
    )


def _posts(
    before: Sequence[Post],
    now: Sequence[Post],
    channels: Mapping[str, NetworkCapabilities | None],
) -> tuple[PostPair, ...]:
    had = {post.payload.channel: post.payload.text for post in before}
    pairs = []
    for post in now:
        name, text = post.payload.channel, post.payload.text
        known = channels.get(name)
        pairs.append(
            PostPair(
                channel=(known.title if known else "") or name.capitalize(),
                before=had.get(name, ""),
                pieces=text_diff(had.get(name, ""), text),
            )
        )
    return tuple(pairs)


def _listed(parts: Sequence[str]) -> str:
    *first, last = parts or [""]
    return f"{', '.join(first)} and {last}" if first else last
