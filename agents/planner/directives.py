"""What a standing directive asks for, by meaning: nearest of a few worded examples."""

from __future__ import annotations

from collections.abc import Collection

from agents.meaning import likeness
from domain.plan import Action, Chooser, Order
from domain.ports.model import Embedder
from domain.prohibition import denies_something
from media.lyrics.words import words_in

_EXAMPLES: dict[Action, tuple[str, ...]] = {
    "write_and_release_song": (
        "write a song about this",
        "make new music, record a track",
        "your next song should be slower and darker",
        "release a single",
        "start composing, finish the lyrics",
    ),
    "post_update": (
        "post something about it",
        "tell people the news, let your followers know",
        "write an update, say thank you to the listeners",
        "announce that, share how it went",
        "talk to your audience",
    ),
    "rest": (
        "take a break, do nothing",
        "rest for a few days",
        "pause, stay quiet, don't post or release anything",
        "slow down, have a holiday",
    ),
}
MANNER = "manner"
# How to be or to sound whenever something is made: nothing to do today.
_MANNERS = (
    "be more honest in your words",
    "use less reverb, play softer, more guitar",
    "sing higher, with more feeling",
    "avoid this subject, do not name people",
    "be patient and friendly with everyone",
    "stay true to who you are",
)
LEAST_LIKENESS = 0.25
_KEYWORDS: dict[Action, frozenset[str]] = {
    "write_and_release_song": frozenset(
        ["song", "track", "single", "tune", "lyrics", "compose", "release", "ballad"]
    ),
    "post_update": frozenset(
        ["post", "tell", "share", "announce", "update", "thank", "say", "followers", "fans"]
    ),
    "rest": frozenset(["rest", "pause", "break", "holiday", "sleep", "vacation"]),
}


def named_actions(text: str) -> list[Action]:
    """The actions whose words occur in a text."""
    words = set(words_in(text.lower()))
    return [action for action, keys in _KEYWORDS.items() if words & keys]


async def asked_action(
    order: Order, legal: Collection[Action], embedder: Embedder
) -> tuple[Action, Chooser] | None:
    """The action a directive clearly asks for, where it is legal now, and how that was found.

    Words that name one action and no other decide; otherwise the nearest example does. What says
    no to something asks for nothing by naming it, nor does what only says in which manner.
    """
    if order.kind == "goal" or denies_something(order.text):
        return None
    named = named_actions(order.text)
    if len(named) == 1:
        return (named[0], "rules") if named[0] in legal else None
    options: dict[str, tuple[str, ...]] = {MANNER: _MANNERS, **{a: _EXAMPLES[a] for a in _EXAMPLES}}
    near = await likeness(embedder, order.text, options)
    best = max(_EXAMPLES, key=lambda action: near[action])
    clear = near[best] >= max(LEAST_LIKENESS, near[MANNER])
    return (best, "embeddings") if clear and best in legal else None
