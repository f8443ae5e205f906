"""Which of OpenAI's parameters an artist cannot follow: those that a client relies on are refused.

What only colours an answer (`seed`, `top_p`, penalties, `user`, `metadata`, …) has no effect.
`tools` that a client offers are left alone, as a model may; that one be used cannot be promised.
"""

from __future__ import annotations

from api.openai.asked import ChatAsked
from domain.errors import InvalidInput

OPTIONAL = (None, "auto", "none")


def check_supported(asked: ChatAsked) -> None:
    """Raise `InvalidInput` that names the parameter."""
    if asked.n not in (None, 1):
        raise _refused("n", "an artist gives one answer", "Leave `n` out, or send 1.")
    if asked.tool_choice not in OPTIONAL or asked.function_call not in OPTIONAL:
        field = "tool_choice" if asked.tool_choice not in OPTIONAL else "function_call"
        raise _refused(field, "artists use their own tools only", "Send `auto`, or nothing.")
    if asked.response_format is not None and asked.response_format.type != "text":
        raise _refused(
            "response_format", "an artist talks, and does not fill in forms", "Leave it out."
        )
    if asked.logprobs:
        raise _refused("logprobs", "log probabilities are not told", "Leave it out.")
    if asked.audio is not None or (asked.modalities or ["text"]) != ["text"]:
        field = "audio" if asked.audio is not None else "modalities"
        raise _refused(field, "an artist answers in text", "Leave it out.")


def _refused(field: str, why: str, remedy: str) -> InvalidInput:
    return InvalidInput(f"{field} is not supported: {why}", field=field, remedy=remedy)
