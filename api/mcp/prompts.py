"""Prompts: what people often want of the label, in words for the model of their own client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mcp import MCPError, types

from domain.rights import Right


@dataclass(frozen=True)
class _Prompt:
    name: str
    title: str
    description: str
    right: Right
    text: str
    argument: str | None = None


PROMPTS = (
    _Prompt(
        name="review_approvals",
        title="Review what waits for me",
        description="Go through everything that waits for a yes or no, one by one.",
        right="approve",
        text="Call list_approvals, then show_approval for each. For each tell me the artist, the "
        "song's title, its words, every post exactly as it would go out, and any gate that was not "
        "passed. Give the page where I can listen. Recommend approve or reject with one reason, "
        "then wait for my word. Call decide_approval only after I have said so about that one, "
        "with the digest that you showed me.",
    ),
    _Prompt(
        name="morning_report",
        title="Morning report",
        description="What every artist did and what went wrong.",
        right="read",
        text="Call list_artists, list_runs and list_approvals. Tell me in a few lines what each "
        "artist did lately, which runs failed and why (show_run), and what waits for me.",
    ),
    _Prompt(
        name="plan_with_artist",
        title="Plan with an artist",
        description="Talk with an artist about what comes next, and settle on directives.",
        right="steer",
        text="Read show_artist, list_works and list_directives for the artist {artist}. Ask the "
        "artist with chat_with_artist what it wants to do next. Tell me its answer in its own "
        "words, help me word one to three directives, and call add_directive for those that I "
        "agree to.",
        argument="artist",
    ),
)


def list_prompts(rights: frozenset[Right]) -> types.ListPromptsResult:
    """The prompts whose tools these rights allow."""
    return types.ListPromptsResult(
        prompts=[
            types.Prompt(
                name=prompt.name,
                title=prompt.title,
                description=prompt.description,
                arguments=[
                    types.PromptArgument(
                        name=prompt.argument, description="Handle of the artist.", required=True
                    )
                ]
                if prompt.argument
                else [],
            )
            for prompt in PROMPTS
            if prompt.right in rights
        ]
    )


def get_prompt(
    rights: frozenset[Right], name: str, given: Mapping[str, str]
) -> types.GetPromptResult:
    """One prompt, filled in; raises `MCPError` where there is none or an argument is missing."""
    prompt = next((p for p in PROMPTS if p.name == name and p.right in rights), None)
    if prompt is None:
        raise MCPError(types.INVALID_PARAMS, f"Unknown prompt: {name}")
    text = prompt.text
    if prompt.argument is not None:
        if not given.get(prompt.argument):
            raise MCPError(types.INVALID_PARAMS, f"The argument {prompt.argument} is missing")
        text = text.replace("{" + prompt.argument + "}", given[prompt.argument])
    said = types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
    return types.GetPromptResult(description=prompt.description, messages=[said])
