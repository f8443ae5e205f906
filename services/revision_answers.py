"""How a newer version answers what was asked, told by comparing both; nobody's word is taken."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict

from domain.approval import RejectReason
from domain.genre import Mode
from domain.work import AssetRole, Work
from services.inbox import InboxItem


class Answer(BaseModel):
    """One reason, whether anything was changed for it, and what."""

    model_config = ConfigDict(frozen=True)

    reason: RejectReason
    changed: bool
    words: str


def answers(before: InboxItem, after: InboxItem) -> list[Answer]:
    """What each reason of the rejection led to."""
    decision = before.approval.decision
    found = []
    for reason in decision.reasons if decision else ():
        said = _SAID[reason](before, after)
        found.append(Answer(reason=reason, changed=bool(said), words=said or _UNCHANGED[reason]))
    return found


def same_parts(before: InboxItem, after: InboxItem) -> list[str]:
    """The parts that are exactly what they were, in words."""
    kept = []
    if (both := _works(before, after)) is not None:
        old, new = both
        kept += ["the words"] if old.lyrics and old.lyrics == new.lyrics else []
        kept += ["the score"] if _same_file(old, new, "score") else []
        if old.pcm_sha256 and old.pcm_sha256 == new.pcm_sha256:
            kept.append("the recording")
        kept += ["the cover"] if _same_file(old, new, "cover") else []
    if _texts(before) == _texts(after):
        kept.append("the words of the post" if len(before.posts) == 1 else "the posts' words")
    return kept


def _lyrics(before: InboxItem, after: InboxItem) -> str:
    both = _works(before, after)
    if both is None:
        return ""
    old = {line for part in both[0].lyrics for line in part.lines}
    new = list(dict.fromkeys(line for part in both[1].lyrics for line in part.lines))
    fresh = sum(line not in old for line in new)
    if not fresh:
        return ""
    told = f"{fresh} of {len(new)} lines {'is' if fresh == 1 else 'are'} new"
    return f"{told}, and the song is set and sung anew to them." if both[1].pcm_sha256 else told


def _music(before: InboxItem, after: InboxItem) -> str:
    both = _works(before, after)
    if both is None or _same_file(*both, "score"):
        return ""
    old, new = both
    return f"A new score: {_sound(new)}. It was {_sound(old)}."


def _mix(before: InboxItem, after: InboxItem) -> str:
    both = _works(before, after)
    if both is None or both[0].pcm_sha256 == both[1].pcm_sha256:
        return ""
    same = _same_file(*both, "score")
    return "The same notes, mixed anew." if same else "It is mixed anew, as its notes are new too."


def _artwork(before: InboxItem, after: InboxItem) -> str:
    both = _works(before, after)
    if both is None or _same_file(*both, "cover"):
        return ""
    return "Another cover, in the same art direction."


def _post(before: InboxItem, after: InboxItem) -> str:
    old, new = _texts(before), _texts(after)
    changed = [channel for channel in new if new[channel] != old.get(channel)]
    if not changed:
        return ""
    return "Other words." if len(new) == 1 else f"Other words on {len(changed)} of {len(new)}."


def _whole(before: InboxItem, after: InboxItem) -> str:
    both = _works(before, after)
    if both is not None and both[0].concept != both[1].concept:
        return f"Another song: “{both[1].title}”, about {both[1].concept.theme}."
    return " ".join(filter(None, (said(before, after) for said in _PARTS)))


def _timing(before: InboxItem, after: InboxItem) -> str:
    return "It goes out when you approve it."


_PARTS: tuple[Callable[[InboxItem, InboxItem], str], ...] = (_lyrics, _music, _artwork, _post)
_SAID: dict[RejectReason, Callable[[InboxItem, InboxItem], str]] = {
    "lyrics": _lyrics,
    "music": _music,
    "mix": _mix,
    "artwork": _artwork,
    "words_of_post": _post,
    "off_brand": _whole,
    "legal": _whole,
    "other": _whole,
    "timing": _timing,
}
_NOTHING = "Nothing was changed for it."
_UNCHANGED: dict[RejectReason, str] = {
    "lyrics": "Not a line was changed.",
    "music": "The score is the same.",
    "mix": "The recording is the same.",
    "artwork": "The cover is the same.",
    "words_of_post": "The words are the same.",
    "off_brand": _NOTHING,
    "legal": _NOTHING,
    "other": _NOTHING,
    "timing": _NOTHING,
}
_MODES: dict[Mode, str] = {"ionian": "major", "aeolian": "minor"}


def _works(before: InboxItem, after: InboxItem) -> tuple[Work, Work] | None:
    return (before.works[0], after.works[0]) if before.works and after.works else None


def _same_file(old: Work, new: Work, role: AssetRole) -> bool:
    one, other = old.asset(role), new.asset(role)
    return one is not None and other is not None and one.sha256 == other.sha256


def _texts(item: InboxItem) -> dict[str, str]:
    return {post.payload.channel: post.payload.text for post in item.posts}


def _sound(work: Work) -> str:
    if work.tempo_bpm is None or work.key is None or work.mode is None:
        return "unmeasured"
    return f"{work.tempo_bpm:.0f} BPM in {work.key} {_MODES.get(work.mode, work.mode)}"
