"""The strong model's way to a draft: one structured call, then the same gates."""

from __future__ import annotations

from agents.desk import Desk
from agents.profiler.drafts import ProfileDraft
from agents.wording import prose_problem
from domain.errors import UnusableAnswer
from domain.genre import GenrePack
from domain.ports.model import Sampling

TRIES = 3


async def draft_strong(
    desk: Desk, brief: str, pack: GenrePack, taken: tuple[str, ...]
) -> ProfileDraft:
    """Ask for the whole draft until its words are clean and its name is free."""
    inputs: dict[str, object] = {
        "brief": brief,
        "genre": pack.name,
        "description": pack.description,
        "tempo_low": pack.tempo_bpm.low,
        "tempo_high": pack.tempo_bpm.high,
        "taken": taken,
        "avoid": pack.lexicon.avoid,
    }
    problems: list[str] = []
    for attempt in range(TRIES):
        draft = await desk.fill(
            "profile.whole",
            inputs,
            ProfileDraft,
            Sampling(max_tokens=1600, temperature=0.9),
            step=f"profile.whole/{attempt}",
        )
        problem = _problem(draft, taken)
        if problem is None:
            return draft
        problems.append(problem)
        desk.notes.note(f"draft {attempt + 1} was refused: {problem}")
    raise UnusableAnswer(
        f"no draft of a profile could be used: {'; '.join(problems)}",
        field="model",
        remedy="Resume the run: it draws other answers.",
    )


def _problem(draft: ProfileDraft, taken: tuple[str, ...]) -> str | None:
    if draft.stage_name.casefold() in {name.casefold() for name in taken}:
        return f"the name {draft.stage_name!r} is taken"
    words = (draft.stage_name, draft.biography, draft.audience, *draft.sample_lines, *draft.themes)
    return next((what for text in words if (what := prose_problem(text))), None)
