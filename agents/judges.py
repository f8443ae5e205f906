"""Judges that several roles share: code decides what is kept, never the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from agents.desk import Judge, Judged, Weigh
from agents.meaning import cosine
from agents.wording import (
    COPIED_RUN_WORDS,
    copies,
    listed,
    new_names,
    one_line,
    prose_problem,
    sentences,
    speaks_to_somebody,
)
from domain.ports.model import Completion, Embedder
from media.lyrics.words import FUNCTION_WORDS, words_in

NO_LOGPROB = -2.0  # nats a token: about what a plain sentence gets


def fluency(completion: Completion) -> float:
    """How natural the model finds its own text: mean log-probability a token."""
    return NO_LOGPROB if completion.mean_logprob is None else completion.mean_logprob


def prose_judge(
    *,
    least: int,
    most: int,
    longest: int,
    begins: str = "",
    not_from: Iterable[str] = (),
    copied_words: int = COPIED_RUN_WORDS,
    names_from: Iterable[str] | None = None,
    to_nobody: bool = False,
) -> Judge:
    """Keeps `least` to `most` clean sentences of at most `longest` characters.

    `names_from` are the texts that places and people may come from; `to_nobody` refuses words
    that speak to somebody, as a model's do that has left its part.
    """
    sources = tuple(not_from)
    known = None if names_from is None else tuple(names_from)

    def judge(text: str, completion: Completion) -> Judged:
        kept = sentences(rejoined(begins, text), most)
        while len(kept) > longest and (shorter := sentences(kept, _count(kept) - 1)) != kept:
            kept = shorter
        problem = prose_problem(kept)
        if problem is None and _count(kept) < least:
            problem = "too few sentences"
        if problem is None and copies(kept, sources, copied_words):
            problem = "copies a prompt or what visitors wrote"
        if problem is None and to_nobody and speaks_to_somebody(kept):
            problem = "speaks to somebody"
        if problem is None and known is not None and (names := new_names(kept, known)):
            problem = f"names what nobody told: {names[0]}"
        return Judged(kept or text[:80], fluency(completion), refused=problem)

    return judge


def nearness(
    embedder: Embedder, to: str, *, weight: float, part: str, enough: float = 1.0
) -> Weigh:
    """Adds to each usable candidate's score how close its meaning is to a text.

    What is closer than `enough` gains no more by it: the closest of all is a copy.
    """

    async def weigh(judged: list[Judged]) -> list[Judged]:
        usable = [j for j in judged if j.refused is None]
        if not usable:
            return judged
        vector, *others = await embedder.embed([to, *(j.text for j in usable)])
        near = {id(j): cosine(vector, v) for j, v in zip(usable, others, strict=True)}
        return [
            replace(
                j,
                score=j.score + weight * min(enough, near[id(j)]),
                parts={**j.parts, part: near[id(j)]},
            )
            if id(j) in near
            else j
            for j in judged
        ]

    return weigh


def phrase_judge(
    *, most_words: int, longest: int, refuse: Iterable[str] = (), not_in: Iterable[str] = ()
) -> Judge:
    """Keeps one short clean phrase that is none of `refuse` and stands in none of `not_in`."""
    known = {r.casefold() for r in refuse}
    examples = " ".join(not_in).casefold()

    def judge(text: str, completion: Completion) -> Judged:
        phrase = one_line(text).strip(" .,;:")
        problem = prose_problem(phrase)
        if problem is None and (len(phrase.split()) > most_words or len(phrase) > longest):
            problem = "too long"
        if problem is None and phrase.casefold() in known:
            problem = "already taken"
        if problem is None and phrase.casefold() in examples:
            problem = "copied from the prompt's examples"
        return Judged(phrase, fluency(completion), refused=problem)

    return judge


def list_judge(*, wanted: int, most_words: int, not_from: Iterable[str] = ()) -> Judge:
    """Keeps clean short entries, one a line; refused when fewer than two remain."""
    sources = tuple(not_from)

    def judge(text: str, completion: Completion) -> Judged:
        good = [
            entry
            for entry in listed(text)
            if len(entry.split()) <= most_words
            and len(entry) <= 60
            and prose_problem(entry) is None
            and not copies(entry, sources, 3)
            and not _dangles(entry)
        ]
        kept = good[:wanted]
        score = fluency(completion) + 0.5 * len(kept)
        problem = None if len(kept) >= 2 else "fewer than two usable entries"
        return Judged("\n".join(kept), score, {"entries": float(len(kept))}, problem)

    return judge


def rejoined(begun: str, continued: str) -> str:
    """The whole text after a prefill, whether or not the model repeated its beginning."""
    text = continued.strip()
    if not begun or text.startswith(begun):
        return text
    glue = "" if continued[:1] in "'’,.;:!?" and continued[:1] else " "
    return f"{begun}{glue}{text}"


def _dangles(entry: str) -> bool:
    """Whether an entry breaks off, as `stopped elevators in` does."""
    words = words_in(entry.lower())
    return bool(words) and words[-1] in FUNCTION_WORDS


def _count(text: str) -> int:
    return len([s for s in text.replace("!", ".").replace("?", ".").split(". ") if s.strip()])
