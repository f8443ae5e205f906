"""Judges that several roles share: code decides what is kept, never the model."""

from __future__ import annotations

from collections.abc import Iterable

from agents.desk import Judge, Judged
from agents.wording import COPIED_RUN_WORDS, copies, listed, one_line, prose_problem, sentences
from domain.ports.model import Completion

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
) -> Judge:
    """Keeps `least` to `most` clean sentences of at most `longest` characters."""
    sources = tuple(not_from)

    def judge(text: str, completion: Completion) -> Judged:
        kept = sentences(rejoined(begins, text), most)
        while len(kept) > longest and (shorter := sentences(kept, _count(kept) - 1)) != kept:
            kept = shorter
        problem = prose_problem(kept)
        if problem is None and _count(kept) < least:
            problem = "too few sentences"
        if problem is None and copies(kept, sources, copied_words):
            problem = "copies a prompt or what visitors wrote"
        return Judged(kept or text[:80], fluency(completion), refused=problem)

    return judge


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


def _count(text: str) -> int:
    return len([s for s in text.replace("!", ".").replace("?", ".").split(". ") if s.strip()])
