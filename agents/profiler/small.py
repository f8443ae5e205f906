"""The small model's way to a draft: one micro-task a field, code between them."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.desk import Desk, Judge, Judged, Rounds
from agents.judges import list_judge, nearness, phrase_judge, prose_judge
from agents.profiler.derive import look_of, register_of, traits_of
from agents.profiler.drafts import CharacterWords, Draft
from agents.seeds import rng_for
from agents.wording import copied_share, listed, prose_problem
from domain.genre import GenrePack
from domain.ports.model import Completion, Embedder, Sampling
from media.lyrics.words import FUNCTION_WORDS, word_set, words_in

_WARM = Sampling(max_tokens=12, temperature=1.0, top_p=0.95, stop=("\n",))
_PROSE = Sampling(max_tokens=150, temperature=0.7, top_p=0.92, stop=("\n\n",), repeat_penalty=1.1)
_LIST = Sampling(max_tokens=60, temperature=0.8, top_p=0.92, stop=("\n\n",), repeat_penalty=1.1)
_LINE = Sampling(max_tokens=40, temperature=0.9, top_p=0.95, stop=("\n",), repeat_penalty=1.1)
_NAME_FORM = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’.\- ]{1,30}")
_BAND_NAME = re.compile(
    r"^the |\b(sisters|brothers|band|trio|quartet|orchestra|boys|girls)\b", re.I
)
_BAND_BRIEF = re.compile(r"\b(band|duo|trio|quartet|group|ensemble|orchestra|choir)\b", re.I)
SAMPLE_LINES = 3
# Likeness is some tenths apart between candidates, fluency up to one: the brief must decide.
BRIEF_WEIGHT = 3.0
CLOSE_TO_BRIEF = 0.6
CLOSEST_WANTED = 0.75
QUOTED_WORDS = 5
QUOTED_COST = 1.0
PRAISE_COST = 1.5
_KIN = word_set(
    "sister sisters brother brothers mother father wife husband son daughter aunt uncle "
    "grandmother grandfather parents children twin cousin"
)
_PRAISE = re.compile(
    r"\b(?:described as|known for|known as|renowned|acclaimed|praised|unique|beloved|famous|"
    r"critics|talented|award\w*|unforgettable|captivat\w+)\b|[“\"]",
    re.I,
)
IMAGE_BONUS = 0.5
SHORTEST_IMAGE = 4


async def draft_small(
    desk: Desk, brief: str, pack: GenrePack, embedder: Embedder, taken: tuple[str, ...]
) -> Draft:
    """Every field by itself; numbers and looks by code."""
    about: dict[str, object] = {"brief": brief, "genre": pack.name}
    name = await _name(desk, about, pack, taken)
    register = await register_of(brief, embedder, desk.seed, desk.notes)
    biography = await desk.best(
        "profile.biography",
        {**about, "name": name},
        _PROSE,
        _biography_judge(brief, name, pack, _own(desk, "biography")),
        Rounds(candidates=4, enough=_close_enough),
        weigh=nearness(embedder, brief, weight=BRIEF_WEIGHT, part="brief", enough=CLOSEST_WANTED),
    )
    themes = await _list(desk, "themes", about, wanted=5)
    influences = await _list(desk, "influences", about, wanted=4)
    character = await desk.fill(
        "profile.character",
        {"brief": brief, "name": name},
        CharacterWords,
        Sampling(max_tokens=160, temperature=0.7),
        form="short",
    )
    return Draft(
        stage_name=name,
        biography=biography,
        register_=register,
        vocabulary=_vocabulary(themes, pack, desk.seed),
        avoided_words=pack.lexicon.avoid[:8],
        sample_lines=await _samples(desk, brief, name, register, pack),
        traits=await traits_of(brief, embedder, desk.seed, desk.notes),
        values=_clean(character.values, _own(desk, "character")),
        quirks=_clean(character.quirks, _own(desk, "character")),
        taboos=_not_sung(_clean(character.taboos, _own(desk, "character")), brief),
        anti_influences=(),
        influences=influences,
        themes=themes,
        audience=await desk.best(
            "profile.audience",
            about,
            _LINE,
            prose_judge(least=1, most=1, longest=200, not_from=_own(desk, "audience")),
            Rounds(candidates=2),
        ),
        posting_tone=pack.posting.voice[:60],
        look=await look_of(brief, pack, embedder, desk.seed, desk.notes),
    )


def _biography_judge(brief: str, name: str, pack: GenrePack, examples: tuple[str, ...]) -> Judge:
    """Keeps what names nothing that the brief does not; prefers own words to the brief's."""
    prose = prose_judge(
        least=2,
        most=3,
        longest=600,
        begins=name,
        not_from=examples,
        names_from=(brief, name, pack.name),
    )
    told = set(words_in(brief.casefold()))

    def judge(text: str, completion: Completion) -> Judged:
        found = prose(text, completion)
        kin = _KIN & (set(words_in(found.text.casefold())) - told)
        if found.refused is None and kin:
            return Judged(found.text, refused=f"invents a relative: {min(kin)}")
        quoted = copied_share(found.text, brief, QUOTED_WORDS)
        praise = float(len(_PRAISE.findall(found.text)))
        parts = {"fluency": found.score, "quoted": quoted, "praise": praise}
        score = found.score - QUOTED_COST * quoted - PRAISE_COST * praise
        return replace(found, score=score, parts=parts)

    return judge


def _close_enough(judged: Judged) -> bool:
    return judged.parts.get("brief", 0.0) >= CLOSE_TO_BRIEF


def _own(desk: Desk, name: str) -> tuple[str, ...]:
    return desk.examples(f"profile.{name}")


async def _name(
    desk: Desk, about: dict[str, object], pack: GenrePack, taken: tuple[str, ...]
) -> str:
    spark = desk.rng("profile.name").choice(pack.lexicon.nouns)
    shape = phrase_judge(most_words=3, longest=30, refuse=taken, not_in=_own(desk, "name"))
    brief = str(about["brief"])
    judge = _as_name(shape, brief, _own(desk, "name"), (spark, *pack.lexicon.nouns))
    return await desk.best(
        "profile.name", {**about, "spark": spark}, _WARM, judge, Rounds(candidates=5)
    )


def _as_name(shape: Judge, brief: str, examples: tuple[str, ...], images: tuple[str, ...]) -> Judge:
    """Keeps names one can say; prefers a last name in which a thing of the genre is heard."""
    solo = not _BAND_BRIEF.search(brief)
    common = {w for w in words_in(brief) if w.islower()}
    shown = {w.casefold() for text in examples for w in words_in(text) if w[0].isupper()}

    def judge(text: str, completion: Completion) -> Judged:
        found = shape(text, completion)
        if found.refused is None and not _NAME_FORM.fullmatch(found.text):
            return Judged(found.text, refused="not a name one can say")
        if found.refused is None and solo and _BAND_NAME.search(found.text):
            return Judged(found.text, refused="a band's name for one person")
        words = words_in(found.text.casefold())
        if found.refused is not None:
            return found
        if set(words) <= common:
            return Judged(found.text, refused="the brief's words instead of a name")
        if shown & set(words):
            return Judged(found.text, refused="copied from the prompt's examples")
        pictured = float(any(i in words[-1] for i in images if len(i) >= SHORTEST_IMAGE))
        score = found.score + IMAGE_BONUS * pictured
        return replace(found, score=score, parts={"image": pictured})

    return judge


async def _list(desk: Desk, name: str, about: dict[str, object], wanted: int) -> tuple[str, ...]:
    text = await desk.best(
        f"profile.{name}",
        about,
        _LIST,
        list_judge(wanted=wanted, most_words=7, not_from=_own(desk, name)),
        Rounds(candidates=3),
    )
    return listed(text)


async def _samples(
    desk: Desk, brief: str, name: str, register: str, pack: GenrePack
) -> tuple[str, ...]:
    sparks = desk.rng("profile.samples").sample(pack.lexicon.nouns, SAMPLE_LINES)
    lines: list[str] = []
    for place, spark in enumerate(sparks):
        line = await desk.best(
            "profile.sample",
            {"brief": brief, "name": name, "register": register, "spark": spark},
            _LINE,
            prose_judge(
                least=1,
                most=1,
                longest=150,
                not_from=(*_own(desk, "sample"), *lines),
                copied_words=4,
                names_from=(brief, name, pack.name),
                to_nobody=True,
            ),
            Rounds(candidates=3, step=f"profile.sample/{place}"),
        )
        lines.append(line)
    return tuple(lines)


def _vocabulary(themes: tuple[str, ...], pack: GenrePack, seed: int) -> tuple[str, ...]:
    own = [w for t in themes for w in words_in(t.lower()) if w not in FUNCTION_WORDS and len(w) > 3]
    genre = rng_for(seed, "profile.vocabulary").sample(pack.lexicon.nouns, 4)
    return tuple(dict.fromkeys([*own[:4], *genre]))


def _clean(entries: tuple[str, ...], examples: tuple[str, ...]) -> tuple[str, ...]:
    shown = " ".join(examples).casefold()
    return tuple(
        e.strip(" .")
        for e in entries
        if prose_problem(e) is None and f'"{e.strip(" .").casefold()}"' not in shown
    )


def _not_sung(taboos: tuple[str, ...], brief: str) -> tuple[str, ...]:
    """The taboos that are not the brief's own subjects; one word may be what it rules out."""
    told = set(words_in(brief.casefold()))
    return tuple(t for t in taboos if not _stands_in(t, told))


def _stands_in(entry: str, told: set[str]) -> bool:
    words = {w for w in words_in(entry.casefold()) if w not in FUNCTION_WORDS}
    return len(words) > 1 and words <= told
