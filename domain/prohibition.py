"""What a directive rules out, where its words leave no doubt; and whether it is meant for good.

Only a plain no counts: “don't post this week” rules out posts, “don't post about politics” does
not. What is left open here is told to whoever plans, in the label's own words.
"""

from __future__ import annotations

import re

from domain.plan import Action

# What comes before makes it a subject, a question, a condition, or a tale of how things are.
_TELLS = ("about", "how", "why", "called", "titled", "named")
_HAPPENS = ("are", "were", "is", "'s", "have", "has", "had", "'ve", "made", "saw", "see", "hear")
_ASIDE = "".join(rf"(?<!\b{word} )" for word in _TELLS) + "(?<![-\"\u201c\u2018'])"
_THEIRS = "(?<!you )(?<!they )(?<!people )"
# These go with any verb; the others only with things and with what somebody is doing.
_NOT_TO = (
    rf"(?:{_THEIRS}(?:do not|don'?t|never)|does not|must not|mustn'?t|may not|should not"
    r"|shouldn'?t|not)"
)
_ORDERED = "".join(rf"(?<!{word} )" for word in _HAPPENS)
_NO = (
    rf"(?:{_ORDERED}no"
    r"|stop|avoid|quit|cease|refrain from|hold off(?: on| from)?|hold back(?: on)?)"
)
_NOT = rf"{_ASIDE}\b(?:{_NOT_TO}|{_NO})"
_ONE = r"(?:song|single|track|tune|post|release|update|announcement)"
_THING = (
    rf"any|anything|something|new|more|further|all|a|an|(?:the|your)(?! (?:new )?{_ONE}\b)"
    r"|be|or|and|nor|with|writing|making|publishing|putting|out|recording|composing|release"
    r"|releasing|releases|post|posting|posts|songs?|singles?|tracks?|tunes?|music|updates?"
    r"|announcements?|social|media|please|no|not|stop|avoid"
)
_THINGS = rf"(?:{_THING})"
_DEEDS = rf"(?:{_THING}|ever|to|want|need|write|make|publish|put|record|compose|do|don'?t|never)"
_SPAN = r"(?:while|moment|time|bit|minutes?|hours?|days?|weeks?|months?|years?|weekend)"
_WHEN = r"(?:morning|afternoon|evening|week|weekend|month|year|spring|summer|autumn|fall|winter)"
_HOUR = (
    r"(?:noon|midday|midnight|dawn|sunrise|breakfast|lunch|dinner"
    r"|\d+(?::\d+)? ?(?:[ap]\.?m|o')|\d+:)"
)
_BUT_FOR = r"(?:except|other than|apart from|besides|if|about|with|without|longer|shorter|on)"
_THEN = (
    r"(?:write|make|publish|put|compose|record|rest|take|stay|focus|just|only|instead|keep|work)"
)
_END = (
    rf"(?=\s*(?:$|[.,;:!?\n(](?!\s*{_BUT_FOR}\b)|[\u2013\u2014]|-\s|(?:but|until|till|while|unless"
    r"|today|tonight|tomorrow|now|again|anymore|any more|yet|either|because|please|thanks?"
    rf"|ok(?:ay)?|instead|whatsoever|(?:and|then) {_THEN}|at (?:all|present|the moment)|right now"
    r"|from (?:now|today|tomorrow)|as (?:of|from|long as (?:i|we|you|it)|i|we|it)"
    rf"|before(?! {_HOUR}))\b|(?:this|next|over the|during the|for the rest of the) {_WHEN}\b"
    r"|for (?:now|good|ever|(?:some|a long) time|the (?:time being|moment)"
    rf"|(?:a|an|the|\w+)(?: next)? ?(?:\w+ )?{_SPAN})\b"
    rf"|in (?:\d+ {_SPAN}|(?:19|20)\d\d)\b))"
)
_WHAT: dict[Action, str] = {
    "write_and_release_song": r"(?:songs?|singles?|tracks?|tunes?|music|releases?|releasing)",
    "post_update": r"(?:post|posts|posting|updates?|announcements?)",
}
_BARE: dict[Action, re.Pattern[str]] = {
    action: re.compile(
        rf"{_ASIDE}\b(?:{_NOT_TO}\s+(?:{_DEEDS}\s+)*?{what}\b(?:\s+{_DEEDS}\b)*"
        rf"|{_NO}\s+(?:{_THINGS}\s+)*?{what}\b(?:\s+{_THINGS}\b)*){_END}"
    )
    for action, what in _WHAT.items()
}
# Nothing at all is to go out, whatever it is.
_ALL = re.compile(
    rf"{_ASIDE}\b(?:{_NOT_TO}\s+(?:publish|put)(?:\s+(?:out|anything|something|new|more|else|please))*"
    rf"|(?:stop|quit|cease|refrain from|no)\s+(?:all\s+)?publishing(?:\s+(?:anything|new))*"
    rf"|{_ORDERED}nothing\s+(?:new|goes out|is to go out)){_END}"
)
_DENIED = re.compile(
    rf"{_NOT}\b[^.;:!?\n]{{0,40}}?\b(?:songs?|singles?|tracks?|tunes?|music|write|record|compose"
    r"|releas\w*|publish\w*|post\w*|updates?|announce\w*|tell|share|say|thank)\b",
)
# “Don't stop posting” and “post nothing” say it the other way about.
_GO_ON = re.compile(
    r"\b(?:do not|don'?t|never|not|no need to|needn'?t|cannot|can'?t|won'?t|without)\s+"
    r"(?:ever\s+|please\s+|to\s+|you\s+dare\s+)*"
    r"(?:stop|stopping|avoid|quit|cease|refrain from|hold off(?: on)?|hold back(?: on)?)\b"
)
_NOTHING = re.compile(r"(?<!about )\b(post|release|publish) nothing\b")
_LASTS = re.compile(
    r"\b(?:always|never|every|each|from now on|whenever|any ?time|as a rule|in general|keep"
    r"|should|must|prefer|all your|no more|not any ?more)\b",
    re.IGNORECASE,
)

_RESTS = re.compile(r"\b(?:rest|pause|break|holiday|vacation|quiet)\b", re.IGNORECASE)


def forbidden(text: str) -> tuple[Action, ...]:
    """The actions that a text rules out altogether."""
    plain = _plain(text)
    if _ALL.search(plain):
        return tuple(_BARE)
    return tuple(action for action, pattern in _BARE.items() if pattern.search(plain))


def denies_something(text: str) -> bool:
    """Whether the text says no to some song or post: then it asks for none by naming it."""
    return bool(forbidden(text)) or _DENIED.search(_plain(text)) is not None


def lasts(text: str) -> bool:
    """Whether a directive sounds as if it were meant for good, and not to be done once."""
    return bool(_LASTS.search(_plain(text))) or denies_something(text)


def asks_for_rest(text: str) -> bool:
    """Whether the words are about a break."""
    return _RESTS.search(_plain(text)) is not None


def _plain(text: str) -> str:
    """In small letters, with the ways of saying no that are turned about turned back."""
    plain = text.replace("\u2019", "'").lower().replace(" a single ", " a ")
    plain = _NOTHING.sub(r"do not \1 anything", _GO_ON.sub("keep on", plain))
    return re.sub(r"\s*[/&+]\s*", " and ", plain)
