"""A song's concept: theme, scene, images and title, before a word of it is written."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from agents.choosing import draw
from agents.desk import Desk, Judge, Judged, Rounds
from agents.judges import list_judge, phrase_judge, prose_judge
from agents.report import Notebook, Report
from agents.wording import copies, listed, prose_problem
from domain.errors import UnusableAnswer
from domain.genre import GenrePack
from domain.mood import Mood
from domain.ports.model import CallScope, Completion, ModelGateway, Sampling
from domain.profile import Profile
from domain.work import Concept
from media.lyrics.scorers.cliche import cliches_in, worn_in
from media.lyrics.scorers.policy import breach_in
from media.lyrics.words import words_in
from media.pictures.forbidden import forbidden_in
from prompts import SHIPPED, PromptBook

TRIES = 3
_USED_THEME_WEIGHT = 0.15
_STORY = Sampling(max_tokens=70, temperature=0.9, top_p=0.95, stop=("\n",), repeat_penalty=1.1)
_IMAGES = Sampling(max_tokens=50, temperature=0.8, top_p=0.92, stop=("\n\n",), repeat_penalty=1.1)
_TITLE = Sampling(max_tokens=12, temperature=1.0, top_p=0.95, stop=("\n",))


class ConceptDraft(BaseModel):
    """The strong model's answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str, Field(min_length=2, max_length=48)]
    story: Annotated[str, Field(min_length=30, max_length=400)]
    images: tuple[Annotated[str, Field(min_length=3, max_length=60)], ...] = Field(
        min_length=3, max_length=6
    )


async def conceive(
    gateway: ModelGateway,
    *,
    profile: Profile,
    pack: GenrePack,
    mood: Mood,
    seed: int,
    scope: CallScope,
    earlier: Sequence[Concept] = (),
    wish: str = "",
    book: PromptBook = SHIPPED,
) -> tuple[Concept, Report]:
    """A new concept whose title is unlike the titles of `earlier`; `wish` may steer the scene."""
    snapshot: dict[str, JsonValue] = {
        "mood": mood.word(),
        "wish": wish,
        "earlier": [c.title for c in earlier],
        "seed": seed,
    }
    notes = Notebook("songwriter.conceive", snapshot)
    desk = Desk(gateway, scope, seed, notes, book)
    theme = _theme(profile, earlier, seed, notes)
    sparks = _sparks(profile, pack, desk.rng("song.sparks"))
    if await desk.is_small():
        concept = await _small(desk, theme, mood, sparks, wish, earlier)
    else:
        concept = await _strong(desk, profile, pack, theme, mood, sparks, wish, earlier)
    return concept, notes.close()


def _theme(profile: Profile, earlier: Sequence[Concept], seed: int, notes: Notebook) -> str:
    used = {c.theme for c in earlier}
    weights = {t: _USED_THEME_WEIGHT if t in used else 1.0 for t in profile.themes}
    return notes.chose(draw("song.theme", weights, seed, "earlier themes are less likely"))


def _sparks(profile: Profile, pack: GenrePack, rng: Random) -> tuple[str, ...]:
    """A thing of the genre and one of the artist's own words: more make a scene stilted."""
    noun = rng.choice(pack.lexicon.nouns)
    own = [w for w in profile.voice.vocabulary if w != noun]
    return (noun, rng.choice(own or pack.lexicon.adjectives))


async def _small(
    desk: Desk,
    theme: str,
    mood: Mood,
    sparks: tuple[str, ...],
    wish: str,
    earlier: Sequence[Concept],
) -> Concept:
    story = await desk.best(
        "song.story",
        {
            "theme": theme,
            "mood": mood.word(),
            "sparks": sparks,
            "wish": wish,
        },
        _STORY,
        _story_judge(desk.examples("song.story")),
        Rounds(candidates=4),
    )
    images = await desk.best(
        "song.images",
        {"theme": theme, "story": story},
        _IMAGES,
        list_judge(wanted=4, most_words=6, not_from=desk.examples("song.images")),
        Rounds(candidates=2),
    )
    title = await desk.best(
        "song.title",
        {"theme": theme, "story": story, "spark": sparks[0]},
        _TITLE,
        _title_judge(desk.examples("song.title"), earlier),
        Rounds(candidates=4),
    )
    return Concept(title=title, theme=theme, story=story, images=listed(images))


def _story_judge(examples: Sequence[str]) -> Judge:
    """Prefers scenes one can film: few abstract words, told in the first person."""
    prose = prose_judge(least=1, most=2, longest=200, not_from=examples)

    def judge(text: str, completion: Completion) -> Judged:
        found = prose(text, completion)
        words = words_in(found.text.lower())
        parts = {
            "fluency": found.score,
            "worn": float(worn_in(words)),
            "first_person": float(bool({"i", "my", "we", "our"} & set(words))),
        }
        score = parts["fluency"] - 0.6 * parts["worn"] + 0.6 * parts["first_person"]
        return Judged(found.text, score, parts, found.refused or breach_in(found.text))

    return judge


def _title_judge(examples: Sequence[str], earlier: Sequence[Concept]) -> Judge:
    shape = phrase_judge(
        most_words=5, longest=40, refuse=[c.title for c in earlier], not_in=examples
    )

    def judge(text: str, completion: Completion) -> Judged:
        found = shape(text, completion)
        worn = float(worn_in(words_in(found.text.lower())))
        parts = {"fluency": found.score, "worn": worn}
        copied = "copies an example" if copies(found.text, examples, 3) else None
        shop = "no cover may carry it" if forbidden_in(found.text) else None
        refused = found.refused or copied or shop or breach_in(found.text)
        return Judged(titled(found.text), found.score - 1.5 * worn, parts, refused)

    return judge


_SMALL_WORDS = frozenset(
    ["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"]
)


def titled(text: str) -> str:
    """Title case as record labels write it: small words stay small inside."""
    words = text.split()
    return " ".join(
        word.lower()
        if 0 < place < len(words) - 1 and word.lower() in _SMALL_WORDS
        else word[:1].upper() + word[1:]
        for place, word in enumerate(words)
    )


async def _strong(
    desk: Desk,
    profile: Profile,
    pack: GenrePack,
    theme: str,
    mood: Mood,
    sparks: tuple[str, ...],
    wish: str,
    earlier: Sequence[Concept],
) -> Concept:
    inputs: dict[str, object] = {
        "name": profile.stage_name,
        "biography": profile.biography,
        "genre": pack.name,
        "theme": theme,
        "mood": mood.word(),
        "sparks": sparks,
        "wish": wish,
        "earlier": [f"{c.title} ({c.theme})" for c in earlier],
    }
    for attempt in range(TRIES):
        draft = await desk.fill(
            "song.concept",
            inputs,
            ConceptDraft,
            Sampling(max_tokens=500, temperature=0.9),
            step=f"song.concept/{attempt}",
        )
        problem = _problem(draft, pack, earlier)
        if problem is None:
            return Concept(title=draft.title, theme=theme, story=draft.story, images=draft.images)
        desk.notes.note(f"concept {attempt + 1} was refused: {problem}")
    raise UnusableAnswer(
        f"no concept could be used after {TRIES} tries: {problem}",
        field="model",
        remedy="Resume the run: it draws other answers.",
    )


def _problem(draft: ConceptDraft, pack: GenrePack, earlier: Sequence[Concept]) -> str | None:
    if draft.title.casefold() in {c.title.casefold() for c in earlier}:
        return f"the title {draft.title!r} is taken"
    if shop := forbidden_in(draft.title):
        return f"no cover may carry {next(iter(shop.values()))!r}"
    if worn := cliches_in(f"{draft.title}. {draft.story}", pack.lexicon.avoid):
        return f"worn out: {worn[0]!r}"
    words = (draft.title, draft.story, *draft.images)
    return next((what for text in words if (what := prose_problem(text) or breach_in(text))), None)
