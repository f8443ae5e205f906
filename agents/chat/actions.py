"""What an artist may do in a talk, how it is recognised, and which of it a person has to allow."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from domain.actor import Actor
from domain.artist import ArtistStatus
from domain.rights import Right
from domain.talk import ActName

Look = Literal["show_work", "show_numbers", "show_doing", "show_posts", "show_directives"]
ActionName = Look | ActName
LOOKS: frozenset[str] = frozenset(get_args(Look))


@dataclass(frozen=True)
class ChatAction:
    """One thing to do. `question` is asked first where it is risky; `{about}` stands in it.

    `manual` is what a strong model reads; `examples` are what people say, for embeddings;
    `rule` matches what means this and nothing else. `statuses` are those of the artist in which
    it can be done.
    """

    name: ActionName
    says: str
    manual: str
    examples: tuple[str, ...]
    rule: re.Pattern[str]
    right: Right = "chat"
    question: str | None = None
    statuses: frozenset[ArtistStatus] | None = None


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# "please", "could you", "I want you to": an order's polite beginning.
_ASK = (
    r"^(?:(?:please|ok(?:ay)?|hey|hi|so|now|well|and|then)\b[,! ]*)*"
    r"(?:(?:can|could|would|will) you (?:please )?|let'?s |i(?:'d| would)? (?:want|like) you to )?"
    r"(?:please )?(?:go (?:and|ahead and) )?"
)
_LASTING = (
    r"from now on|always|never(?! mind)|do not|don'?t (?!worry|you|know|mind)|no more |stop \w+ing|"
    r"remember (?:to|that you)|avoid|focus on|concentrate on|"
    r"(?:make|keep) (?:it|your|the) |your (?:next |new )?(?:songs?|singles?|tracks?|posts?|lyrics) "
    r"(?:should|must|ha(?:s|ve) to|needs? to|ought to)|you (?:should|must|ought to) |"
    r"(?:the|your) next (?:song|single|track|post) (?:should|must|has to|needs to|ought to)|"
    r"use (?:more|fewer|less|only|no) |"
    r"(?:write|sing|post|talk|speak|sound) (?:\w+ly )?"
    r"(?:more|less|fewer|only|about|every|at most|slower|faster)"
)
_AWAKE = frozenset({ArtistStatus.ACTIVE, ArtistStatus.EVOLVING})
_SONG = r"(?:song|track|single|tune|ballad|piece|music)\b"
ACTIONS: tuple[ChatAction, ...] = (
    ChatAction(
        "show_directives",
        "looked at what the label asked for",
        "show the directives that stand",
        ("which directives do you have?", "what did we ask you to do?", "list your rules"),
        _rule(
            r"\b(?:which|what|show|list|tell)\b.*\b(?:directives?|orders|instructions|rules)\b|"
            r"what (?:did|have) (?:i|we) (?:ask|told|tell)"
        ),
    ),
    ChatAction(
        "revoke_directive",
        "take back a directive",
        "take back a directive that stands; about: its words",
        ("forget what I asked you", "you no longer need to do that", "drop the rule about slow"),
        _rule(
            r"\b(?:forget|drop|revoke|withdraw|take back|cancel|lift)\b.*"
            r"\b(?:directive|order|rule|instruction|what (?:i|we) (?:said|asked|told))"
        ),
        "steer",
        "Shall I let go of this: “{about}”?",
    ),
    ChatAction(
        "start_song",
        "start a song",
        "begin to write, record and release a song now; about: what it is about",
        ("write a song about the sea", "make some new music", "record a new track now"),
        _rule(
            _ASK + r"(?:write|make|record|start|compose|begin|create|do|work on|release|produce) "
            r"(?:me |us )?(?:a|an|another|some|one|your next|the next|on a)? ?"
            r"(?:\w+ ){0,3}" + _SONG
        ),
        "steer",
        "Shall I start a song now? I will ask before anything goes out.",
        _AWAKE,
    ),
    ChatAction(
        "start_post",
        "write a post",
        "begin to write a post for its audience now; about: what it tells",
        ("post something about the new song", "tell your followers about it", "write an update"),
        _rule(
            _ASK + r"(?:post (?:something|about|an?|that)|"
            r"(?:write|make|publish|draft|propose|suggest|share) (?:me |us )?"
            r"(?:a|an|another|some) (?:\w+ ){0,2}(?:post|update|announcement)\b|"
            r"(?:tell|thank) (?:your|the) (?:fans|followers|listeners|audience|people))"
        ),
        "steer",
        "Shall I write a post now? You will see it before it goes out.",
        _AWAKE,
    ),
    ChatAction(
        "remember_directive",
        "wrote down a directive",
        "keep a lasting wish or rule of the label's, which every later plan obeys; "
        "about: the wish in the person's words",
        (
            "your next song should be slower and darker",
            "from now on sing about the sea",
            "never use hashtags",
            "I want you to post less",
            "please stop mentioning trains",
        ),
        _rule(_ASK + rf"(?:{_LASTING})"),
        "steer",
    ),
    ChatAction(
        "pause",
        "pause",
        "pause: begin nothing new until it is told to go on",
        ("pause for now", "take a break and do nothing", "stop working until I say so"),
        _rule(_ASK + r"(?:pause|take (?:a|some) (?:break|rest|time off)|stop working|rest\b)"),
        "steer",
        "Shall I pause? I begin nothing new until you tell me to go on.",
        _AWAKE,
    ),
    ChatAction(
        "resume",
        "go on",
        "go on after a pause",
        ("go on, get back to work", "you can start working again", "wake up, the pause is over"),
        _rule(
            _ASK + r"(?:resume|unpause|wake up|get back to work|carry on|start working|"
            r"go on (?:working|with your work))"
        ),
        "steer",
        "Shall I go back to work?",
        frozenset({ArtistStatus.PAUSED}),
    ),
    ChatAction(
        "show_numbers",
        "looked at its numbers",
        "show plays, likes and the newest comments",
        ("how many people listened?", "show me your numbers", "how is the song doing?"),
        _rule(
            r"\b(?:numbers|stats|statistics|play counts?)\b|\bhow many (?:people|plays|likes|fans)|"
            r"\bwhat (?:do|did) (?:people|listeners|fans|they) (?:say|think|write)|\bcomments?\b"
        ),
    ),
    ChatAction(
        "show_posts",
        "looked at its posts",
        "show its newest posts",
        ("show me your last post", "what did you post?", "let me see your posts"),
        _rule(
            r"\b(?:show|see|read|list)\b.*\bposts?\b|\b(?:last|latest|newest) posts?\b|"
            r"what (?:did|have) you post"
        ),
    ),
    ChatAction(
        "show_doing",
        "looked at what it is doing",
        "tell what it is doing now, what waits for a decision, what comes next",
        ("what are you working on?", "what is next?", "are you busy?"),
        _rule(
            r"\bwhat (?:are|were) you (?:doing|up to|working on|making)|\bwhat(?:'s| is) (?:next|"
            r"going on|your status)|\bare you (?:busy|working|paused)|\bstatus\b"
        ),
    ),
    ChatAction(
        "show_work",
        "looked at its songs",
        "show a song with its player and cover, the newest one or the one named; about: its name",
        ("play me your latest song", "show me your newest work", "let me hear it"),
        _rule(
            r"\b(?:show|play|hear|listen to)\b.*\b(?:songs?|works?|tracks?|single|latest|newest)\b|"
            r"\b(?:last|latest|newest|new|recent) (?:song|work|single|track|release)\b(?=.*\?)|"
            r"what (?:songs|did you (?:write|record|release|make))"
        ),
    ),
)
BY_NAME: dict[str, ChatAction] = {action.name: action for action in ACTIONS}
# What people say when they only want to talk.
TALK_EXAMPLES = (
    "hello, how are you?",
    "what do you think about love?",
    "tell me about yourself",
    "why do you write songs?",
    "that is beautiful",
    "thank you",
    "I like your voice",
    "what inspires you?",
    "how was your day?",
    "I had a long night",
)


def legal(actor: Actor, status: ArtistStatus, *, may_ask: bool) -> tuple[ChatAction, ...]:
    """What may be done: by this person's rights, in this status, where somebody can say yes."""
    return tuple(a for a in ACTIONS if not refusal(a, actor, status, may_ask=may_ask))


def refusal(action: ChatAction, actor: Actor, status: ArtistStatus, *, may_ask: bool) -> str | None:
    """Why it may not be done, in words for the artist to tell; None where it may."""
    if action.right not in actor.rights:
        return f"the person has no right to {action.right}, so you may not {_verb(action)}"
    if action.statuses is not None and status not in action.statuses:
        return f"you are {status.value}, so you cannot {_verb(action)} now"
    if action.question is not None and not may_ask:
        return f"to {_verb(action)} needs a yes on the label's own pages; nothing was done"
    return None


def _verb(action: ChatAction) -> str:
    return {"remember_directive": "write down a directive"}.get(action.name, action.says)


def by_rule(said: str, actions: Iterable[ChatAction] = ACTIONS) -> ChatAction | None:
    """The action that the words themselves name, the first sentence that does deciding."""
    sentences = [s for s in re.split(r"(?<=[.!?;])\s+|\n+", said.strip()) if s]
    for sentence in sentences:
        for action in actions:
            if _asks_back(action, sentence):
                continue
            if action.rule.search(sentence):
                return action
    return None


def _asks_back(action: ChatAction, sentence: str) -> bool:
    """A question about a wish is no wish: “should you never sing about rain?”."""
    polite = re.match(r"(?i)(?:can|could|would|will) you", sentence.strip())
    return action.name == "remember_directive" and sentence.endswith("?") and not polite
