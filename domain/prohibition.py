"""What a directive rules out, where its words leave no doubt; and whether it is meant for good.

Only a plain no counts: “don't post this week” rules out posts, “don't post about politics” does
not. What is left open here is told to whoever plans, in the label's own words.
"""

from __future__ import annotations

import re

from domain.plan import Action

# “a song about not posting” tells of a subject.
_NOT = (
    r"(?<!about )(?:do not|don'?t|does not|must not|mustn'?t|may not|should not|shouldn'?t"
    r"|never|stop|no|avoid|not)"
)
_FILL = (
    r"(?:ever|please|any|anything|something|new|more|further|a|an|the|your|to|be|or|and|write|make"
    r"|writing|making|publish|publishing|put|out|record|recording|compose|composing|release"
    r"|releasing|releases|post|posting|posts|songs?|singles?|tracks?|music|updates?"
    r"|announcements?)"
)
_SPAN = r"(?:while|moment|hours?|days?|weeks?|months?|years?|weekend)"
_WHEN = r"(?:morning|afternoon|evening|week|weekend|month|year|spring|summer|autumn|fall|winter)"
_END = (
    r"(?=\s*(?:$|[.,;:!?\n]|(?:but|until|till|before|while|unless|today|tonight|tomorrow|now|again"
    r"|anymore|any more|at all|yet|either|because|as)\b"
    rf"|(?:this|next|over the|during the|for the rest of the) {_WHEN}"
    rf"|for (?:now|the moment|(?:a|an|the|\w+)(?: next)? ?(?:\w+ )?{_SPAN})"
    r"|in \d+))"
)
_WHAT: dict[Action, str] = {
    "write_and_release_song": r"(?:songs?|singles?|tracks?|music|release|releases|releasing)",
    "post_update": r"(?:post|posts|posting|updates?|announcements?)",
}
_BARE: dict[Action, re.Pattern[str]] = {
    action: re.compile(rf"\b{_NOT}\s+(?:{_FILL}\s+)*?{what}\b(?:\s+{_FILL})*{_END}", re.IGNORECASE)
    for action, what in _WHAT.items()
}
_DENIED = re.compile(
    rf"\b{_NOT}\b[^.;:!?\n]{{0,40}}?\b(?:songs?|singles?|tracks?|music|write|record|compose"
    r"|releas\w*|post\w*|updates?|announce\w*|tell|share|say|thank)\b",
    re.IGNORECASE,
)
_LASTS = re.compile(
    r"\b(?:always|never|every|each|from now on|whenever|any ?time|as a rule|in general|keep"
    r"|should|must|prefer|all your|no more|not any ?more)\b",
    re.IGNORECASE,
)

_RESTS = re.compile(r"\b(?:rest|pause|break|holiday|vacation|quiet)\b", re.IGNORECASE)


def forbidden(text: str) -> tuple[Action, ...]:
    """The actions that a text rules out altogether."""
    plain = _plain(text)
    return tuple(action for action, pattern in _BARE.items() if pattern.search(plain))


def denies_something(text: str) -> bool:
    """Whether the text says no to some song or post: then it asks for none by naming it."""
    return _DENIED.search(_plain(text)) is not None


def lasts(text: str) -> bool:
    """Whether a directive sounds as if it were meant for good, and not to be done once."""
    return bool(_LASTS.search(_plain(text))) or denies_something(text)


def asks_for_rest(text: str) -> bool:
    """Whether the words are about a break."""
    return _RESTS.search(_plain(text)) is not None


def _plain(text: str) -> str:
    return text.replace("\u2019", "'").lower().replace(" a single ", " a ")
