"""What reflection may see of a sample: words and reasons, but none that came from outside."""

from __future__ import annotations

from domain.evaluation import EvalSample, Transcript
from prompts import PromptBook

# A judge reads what the artist wrote; that is not text from outside.
_JUDGES = "judge"


def feedback_of(
    sample: EvalSample, transcript: Transcript | None, book: PromptBook
) -> dict[str, str]:
    """Question, answer and scores with reasons.

    Where a prompt took text from outside, or the case was taken from life, answer and reasons may
    repeat it: then only figures are told, so that nothing out of a comment enters a prompt.
    """
    seen = {name: _figure(score.value) for name, score in sample.scores.items()}
    if sample.failure is not None:
        seen["failure"] = sample.failure.code
    if is_tainted(sample, transcript, book):
        return seen
    for name, score in sample.scores.items():
        seen[name] += f", {score.why}" if score.why else ""
    if sample.failure is not None:
        seen["failure"] += f": {sample.failure.message}"
    if transcript is not None and transcript.calls:
        users = [m.content for m in transcript.calls[0].asked if m.role == "user"]
        seen = {"asked": users[-1] if users else "", **seen}
    if sample.output is not None:
        seen["answered"] = str(sample.output.get("text", sample.output))
    return seen


def is_tainted(sample: EvalSample, transcript: Transcript | None, book: PromptBook) -> bool:
    """Whether words from outside may stand in it; what is not known counts as such."""
    if transcript is None or sample.case.source:
        return True
    outside = {prompt.header.id for prompt in book if prompt.header.untrusted}
    asked = {call.prompt.partition("@")[0] for call in transcript.calls}
    return any(one in outside and one.partition(".")[0] != _JUDGES for one in asked)


def _figure(value: float | None) -> str:
    return "could not tell" if value is None else f"{value:.2f}"
