"""What makes a line good enough, and which of two lines is better; code decides both."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agents.desk import Judge, Judged, Weigh
from agents.judges import fluency, nearness, rejoined
from agents.wording import copies, one_line
from domain.genre import GenrePack
from domain.ports.model import Completion, Embedder
from domain.profile import Profile
from media.lyrics.junk import junk_in
from media.lyrics.overlap import word_overlap
from media.lyrics.prosody import line_fit, syllable_count
from media.lyrics.rhyme import rhyme_score
from media.lyrics.scorers.cliche import cliches_in, common_share, worn_in
from media.lyrics.scorers.consistency import Person, actor_of, tense_of
from media.lyrics.scorers.hook import title_share
from media.lyrics.scorers.lexicon import avoided_in, wanted_in
from media.lyrics.scorers.metre import best_metre, regularity
from media.lyrics.scorers.originality import Catalogue, originality
from media.lyrics.scorers.policy import breach_in
from media.lyrics.scorers.repetition import (
    NEAR_LINES,
    last_word,
    nearest_overlap,
    said_twice,
    starts_alike,
    tired_words,
)
from media.lyrics.scorers.rhyming import SLANT, internal_rhyme
from media.lyrics.scorers.singability import WORST_CLUSTER, end_openness, heaviest_cluster
from media.lyrics.weights import LINE, line_score
from media.lyrics.words import FUNCTION_WORDS, words_in

MOST_OVERLAP = 0.5
_BARE_END = re.compile(r"[\s.,;:!…\-–—]+$")


@dataclass(frozen=True, slots=True)
class LineContext:
    """What a line is judged against; `stanza` are the lines above it in its own stanza."""

    pack: GenrePack
    before: tuple[str, ...]
    sources: tuple[str, ...]
    stanza: tuple[str, ...] = ()
    catalogue: Catalogue = field(default_factory=Catalogue)
    vocabulary: tuple[str, ...] = ()
    avoided: tuple[str, ...] = ()
    persons: tuple[Person, ...] | None = None
    tense: str | None = None
    language: str = "en"
    rhymes_with: str | None = None
    hints: tuple[str, ...] = ()
    title: str = ""
    opening: str = ""
    continues: bool = False


def words_avoided(profile: Profile) -> tuple[str, ...]:
    """What the artist never says: its avoided words and its taboos."""
    return (*profile.voice.avoided_words, *profile.personality.taboos)


def line_judge(context: LineContext) -> Judge:
    """The judge of one line's candidates; with a `title` the line must carry it."""

    def judge(text: str, completion: Completion) -> Judged:
        said = text.split("\n")[0]
        # A model that continues a message may end the opening's last word ("He" + "ads up").
        exact = context.continues and context.opening
        line = tidied(f"{context.opening}{said}" if exact else rejoined(context.opening, said))
        problem = line_problem(line, context)
        if problem is None and completion.finish_reason == "length":
            problem = "cut off"
        if problem is None and context.title and not title_share(line, context.title):
            problem = "lacks the title"
        if problem is not None:
            return Judged(line[:80], refused=problem)
        parts = {"fluency": fluency(completion), **_measured(line, context)}
        return Judged(line, line_score(parts), parts)

    return judge


def scene_weigher(embedder: Embedder, scene: str) -> Weigh:
    """Adds to each line's score how close it stays to the song's scene."""
    return nearness(embedder, scene, weight=LINE["scene"].value, part="scene")


def rhymes_enough(judged: Judged) -> bool:
    """Whether a rhyming line rhymes so well that no more candidates are needed."""
    return judged.parts.get("rhyme", 0.0) >= SLANT


def tidied(text: str) -> str:
    """A line as printed in a lyric sheet."""
    line = _BARE_END.sub("", one_line(text))
    return line[:1].upper() + line[1:]


def line_problem(line: str, context: LineContext) -> str | None:
    """Why a line cannot stand, or None."""
    low, high = singable(context.pack)
    if what := junk_in(line, context.language):
        return what
    if ":" in line:
        return "a colon, as after a label"
    if not low <= syllable_count(line, context.language) <= high:
        return "too long or too short to sing"
    if breach := breach_in(line):
        return breach
    if avoided := avoided_in(line, context.avoided):
        return f"the artist does not say {avoided[0]!r}"
    if cliches_in(line, context.pack.lexicon.avoid):
        return "a worn-out phrase"
    if len(set(words_in(line.lower())) & set(context.hints)) > 1:
        return "recites the words it was to rhyme with"
    if copies(line, context.sources):
        return "copies its prompt"
    if context.catalogue.has(line):
        return "stands in an earlier song"
    return _said_before(line, context)


def _said_before(line: str, context: LineContext) -> str | None:
    if any(word_overlap(line, other) > MOST_OVERLAP for other in context.before):
        return "says an earlier line again"
    if copies(line, context.before, 4):
        return "says an earlier line again"
    if last_word(line) in {last_word(other) for other in context.before[-NEAR_LINES:]}:
        return "ends with the word of a line near it"
    return None


def singable(pack: GenrePack) -> tuple[int, int]:
    """Fewest and most syllables that are kept; the model is told the pack's narrower range."""
    low, high = pack.lexicon.syllables_per_line
    return max(3, low - 2), high + 2


def _measured(line: str, context: LineContext) -> dict[str, float]:
    low, high = context.pack.lexicon.syllables_per_line
    words = words_in(line.lower())
    parts = {
        "fit": line_fit(line, round((low + high) / 2), context.language),
        "rhyme": 0.0 if context.rhymes_with is None else rhyme_score(line, context.rhymes_with),
        "original": originality(line, context.catalogue),
        "own_words": float(bool(wanted_in(line, context.vocabulary))),
        "tired": float(tired_words(line, context.before)),
        "inner": float(said_twice(line)),
        "overlap": nearest_overlap(line, context.before),
        "same_start": float(starts_alike(line, context.before)),
    }
    return parts | (_measured_english(line, words, context) if context.language == "en" else {})


def _measured_english(line: str, words: list[str], context: LineContext) -> dict[str, float]:
    actor, tense = actor_of(line), tense_of(line)
    stranger = actor is not None and context.persons is not None and actor not in context.persons
    return {
        "metre": regularity(line, best_metre(context.stanza)),
        "inside": internal_rhyme(line),
        "open_end": end_openness(line),
        "smooth": 1.0 - min(1.0, max(0, heaviest_cluster(line) - 2) / (WORST_CLUSTER - 2)),
        "common": common_share(line),
        "worn": float(worn_in(words)),
        "dangling": float(words[-1] in FUNCTION_WORDS),
        "person": float(stranger),
        "tense": float(None not in (tense, context.tense) and tense != context.tense),
    }
