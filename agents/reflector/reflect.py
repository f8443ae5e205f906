"""The reflection: feeling by rules, words by the model, comments only ever quoted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from agents.desk import Desk, Rounds
from agents.judges import prose_judge
from agents.reflector.feeling import AudienceTotals, causes_of
from agents.report import Notebook, Report
from domain.audience import Untrusted
from domain.memory import Recalled
from domain.mood import Mood, MoodCause
from domain.ports.model import CallScope, ModelGateway, Sampling
from domain.profile import Profile
from prompts import SHIPPED, PromptBook

__all__ = ["AudienceTotals", "Reflection", "reflect"]

COMMENTS_SHOWN = 3
MEMORIES_SHOWN = 4
_WORDS = Sampling(max_tokens=80, temperature=0.8, top_p=0.93, stop=("\n",), repeat_penalty=1.1)


class Reflection(BaseModel):
    """What the artist makes of it. `untrusted` is true when comments were read: it taints."""

    model_config = ConfigDict(frozen=True)

    text: str
    mood: Mood
    causes: tuple[MoodCause, ...]
    untrusted: bool


async def reflect(
    gateway: ModelGateway,
    *,
    profile: Profile,
    mood: Mood,
    totals: AudienceTotals,
    comments: Sequence[Untrusted] = (),
    outcomes: Sequence[str] = (),
    recalled: Sequence[Recalled] = (),
    now: datetime,
    seed: int,
    scope: CallScope,
    book: PromptBook = SHIPPED,
) -> tuple[Reflection, Report]:
    """One or two sentences in the first person, and the mood after what happened.

    `outcomes` are sentences that code wrote, such as "the song “X” was approved".
    """
    said = [comment.text for comment in comments]
    causes = causes_of(totals, said, outcomes, now)
    felt = mood
    for cause in causes:
        felt = felt.moved(cause)
    notes = Notebook(
        "reflector",
        {"mood": mood.word(), "totals": totals.model_dump(), "outcomes": list(outcomes)},
    )
    notes.note("the mood is moved by counts and word lists, not by the model")
    desk = Desk(gateway, scope, seed, notes, book)
    form = await desk.form()
    text = await desk.best(
        "reflect.words",
        {
            "name": profile.stage_name,
            "register": profile.voice.register_,
            "mood": felt.word(),
            "happened": [*outcomes, *_counted(totals)],
            "remembered": _trusted(recalled) or ["nothing yet"],
            "comments": said[:COMMENTS_SHOWN],
        },
        _WORDS,
        prose_judge(
            least=1,
            most=2,
            longest=260,
            not_from=(*desk.examples("reflect.words", form), *said),
        ),
        Rounds(3 if form == "short" else 2, 3),
        form=form,
    )
    done = Reflection(text=text, mood=felt, causes=causes, untrusted=bool(said))
    return done, notes.close()


def _counted(totals: AudienceTotals) -> list[str]:
    return [
        f"{totals.plays} plays, {totals.likes} likes, {totals.comments} comments since last time"
    ]


def _trusted(recalled: Sequence[Recalled]) -> list[str]:
    """Memories that came from outside stay out of the instructions."""
    return [r.record.text for r in recalled if not r.record.untrusted][:MEMORIES_SHOWN]
