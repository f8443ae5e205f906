"""The reflection: feeling by rules, words by the model, comments only ever quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from agents.desk import Desk, Judge, Judged, Rounds
from agents.judges import prose_judge, rejoined
from agents.reflector.feeling import AudienceTotals, causes_of
from agents.report import Notebook, Report
from domain.audience import Untrusted
from domain.memory import Recalled
from domain.mood import Mood, MoodCause
from domain.ports.model import CallScope, Completion, ModelGateway, Sampling
from domain.profile import Profile
from media.lyrics.words import FUNCTION_WORDS, word_set, words_in
from prompts import SHIPPED, Form, PromptBook

__all__ = ["AudienceTotals", "Reflection", "reflect"]

COMMENTS_SHOWN = 3
MEMORIES_SHOWN = 4
# A small model wanders; what it says of the facts is worth more than how smoothly it says it.
_WEIGHTS = {"fluency": 1.0, "facts": 0.3, "invented": -1.5}
MOST_FACT_WORDS = 4
_COMPANY = word_set(
    "friend friends kids children wife husband girlfriend boyfriend fan fans crowd audience band "
    "family mother father brother sister everyone everybody show concert stage"
)
_LISTENERS = word_set("they them people")  # whom nothing tells of while nobody has listened
_NUMBER = re.compile(r"\d+")
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
    memories = _trusted(recalled)
    happened = [*outcomes, _counted(totals)]
    text = await desk.best(
        "reflect.words",
        {
            "name": profile.stage_name,
            "register": profile.voice.register_,
            "mood": felt.word(),
            "happened": happened,
            "remembered": memories or ["nothing yet"],
            "comments": said[:COMMENTS_SHOWN],
        },
        _WORDS,
        _words_judge(
            not_from=(*desk.examples("reflect.words", form), *said),
            told=(*happened, *memories),
            life=(profile.biography, *profile.themes),
            heard=totals.plays > 0,
            form=form,
        ),
        Rounds(4 if form == "short" else 2, 3, enough=_invents_nobody),
        form=form,
    )
    done = Reflection(text=text, mood=felt, causes=causes, untrusted=bool(said))
    return done, notes.close()


def _invents_nobody(judged: Judged) -> bool:
    return not judged.parts["invented"]


def _words_judge(
    *, not_from: Sequence[str], told: Sequence[str], life: Sequence[str], heard: bool, form: Form
) -> Judge:
    """Keeps a diary entry that speaks to nobody and counts nothing that code did not count.

    It prefers entries about what was `told`, without company that is neither told nor in `life`.
    """
    prose = prose_judge(least=1, most=2, longest=260, not_from=not_from, to_nobody=True)
    known = set(_NUMBER.findall(" ".join(told)))
    facts = _content(" ".join(told))
    company = _COMPANY - set(words_in(" ".join((*told, *life)).lower()))
    company |= frozenset() if heard else _LISTENERS

    def judge(text: str, completion: Completion) -> Judged:
        whole = begun_with_i(text) if form == "short" else text
        found = prose(whole, completion)
        invented = [n for n in _NUMBER.findall(found.text) if n not in known]
        if found.refused is None and invented:
            return Judged(found.text, refused=f"counts what nobody counted: {invented[0]}")
        parts = {
            "fluency": found.score,
            "facts": float(min(MOST_FACT_WORDS, len(facts & _content(found.text)))),
            "invented": float(len(company & set(words_in(found.text.lower())))),
        }
        score = sum(_WEIGHTS[name] * value for name, value in parts.items())
        return replace(found, score=score, parts=parts)

    return judge


def _content(text: str) -> set[str]:
    return {word for word in words_in(text.lower()) if word not in FUNCTION_WORDS}


def begun_with_i(continued: str) -> str:
    """The entry after the prefill "I"; a model that writes a whole sentence instead may."""
    text = continued.strip()
    return text if text[:1].isupper() else rejoined("I", continued)


def _counted(totals: AudienceTotals) -> str:
    """What the audience did, in words that leave out what did not happen."""
    counts = (("play", totals.plays), ("like", totals.likes), ("comment", totals.comments))
    told = [f"{n} {what}{'' if n == 1 else 's'}" for what, n in counts if n]
    return f"{', '.join(told)} since last time" if told else "nobody listened since last time"


def _trusted(recalled: Sequence[Recalled]) -> list[str]:
    """Memories that came from outside stay out of the instructions."""
    return [r.record.text for r in recalled if not r.record.untrusted][:MEMORIES_SHOWN]
