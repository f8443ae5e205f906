"""A revision: what a person asked to be different, and which parts that leaves as they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Literal

from domain.approval import RejectReason
from domain.errors import InvalidInput
from domain.work import AssetRole, Work

Part = Literal["concept", "lyrics", "score", "audio", "cover", "post"]
# In the order in which a song is made.
PARTS: tuple[Part, ...] = ("concept", "lyrics", "score", "audio", "cover", "post")
SONG_ONLY: frozenset[RejectReason] = frozenset({"lyrics", "music", "mix", "artwork"})
# What is wrong with the whole; beside a reason that names a part it only says why.
BROAD: frozenset[RejectReason] = frozenset({"off_brand", "legal", "other"})
# What each reason has made anew: a part, and the parts that rest on it.
ANEW: Mapping[RejectReason, tuple[Part, ...]] = {
    "lyrics": ("lyrics", "score", "audio"),
    "music": ("score", "audio"),
    "mix": ("audio",),
    "artwork": ("cover",),
    "words_of_post": ("post",),
    "off_brand": PARTS,
    "legal": PARTS,
    "other": PARTS,
    "timing": (),
}


def parts_anew(reasons: Iterable[RejectReason]) -> frozenset[Part]:
    """The parts that are made anew; a broad reason counts only where no part is named."""
    given = set(reasons)
    named = {reason for reason in given - BROAD if ANEW[reason]}
    return frozenset(part for reason in named or given for part in ANEW[reason])


def parts_kept(reasons: Iterable[RejectReason]) -> tuple[Part, ...]:
    """The parts that stay exactly as they were."""
    anew = parts_anew(reasons)
    return tuple(part for part in PARTS if part not in anew)


def redone(kept: Iterable[str], part: str) -> list[str]:
    """Of the parts kept, those that still stay when a failed check has `part` made anew."""
    onto: dict[str, frozenset[str]] = {
        "lyrics": frozenset({"lyrics", "score", "audio"}),
        "score": frozenset({"score", "audio"}),
        "audio": frozenset({"score", "audio"}),
        "mix": frozenset({"audio"}),
    }
    gone = onto.get(part, frozenset({part}))
    return [one for one in kept if one not in gone]


def check_reasons(
    reasons: Iterable[RejectReason], *, song: bool, sung: bool
) -> tuple[RejectReason, ...]:
    """The reasons, each once; raises `InvalidInput` for one that asks for nothing to be changed."""
    given = tuple(dict.fromkeys(reasons))
    if not given:
        raise InvalidInput(
            "nothing says what it is about",
            field="reasons",
            remedy="Choose what should be different.",
        )
    if not parts_anew(given):
        raise InvalidInput(
            "another time is nothing that an artist can make anew",
            field="reasons",
            remedy="Leave it open until the time has come, set quiet hours, or reject it.",
        )
    missing = [reason for reason in given if not song and reason in SONG_ONLY]
    if missing:
        raise InvalidInput(
            f"there is no song here, so nothing can be done about its {missing[0]}",
            field="reasons",
            remedy="Ask about the words of the post.",
        )
    if "lyrics" in given and not sung:
        raise InvalidInput(
            "this song has no words", field="reasons", remedy="Ask about its music instead."
        )
    return given


_SCORE_FILES: frozenset[AssetRole] = frozenset({"score", "lyrics"})
_COVER_FILES: frozenset[AssetRole] = frozenset({"cover", "plate", "cover_thumb"})
_PROVENANCE: Mapping[str, Part] = {"composition": "score", "vocals": "audio"}


def next_version(
    work: Work, kept: Collection[str], *, work_id: str, run_id: str, seed: int, at: datetime
) -> Work:
    """The work that another run makes of this one: its concept, and of the rest what is kept."""
    fresh = Work(
        id=work_id,
        created_at=at,
        updated_at=at,
        artist_id=work.artist_id,
        run_id=run_id,
        title=work.title,
        concept=work.concept,
        seed=seed,
        revises=work.id,
        assets=tuple(a for a in work.assets if _part_of(a.role) in kept),
        reports=tuple(r for r in work.reports if r.subject in kept),
        provenance=tuple(p for p in work.provenance if _PROVENANCE.get(p.part, p.part) in kept),
        choices=work.choices,
        credits=work.credits,
    )
    changes: dict[str, object] = {}
    if "lyrics" in kept:
        changes["lyrics"] = work.lyrics
    if "score" in kept:
        changes |= {"tempo_bpm": work.tempo_bpm, "key": work.key, "mode": work.mode}
    if "audio" in kept:
        changes |= {"pcm_sha256": work.pcm_sha256, "duration_s": work.duration_s}
    return fresh.amend(at, **changes)


def _part_of(role: AssetRole) -> Part:
    if role in _SCORE_FILES:
        return "score"
    return "cover" if role in _COVER_FILES else "audio"
