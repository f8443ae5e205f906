"""What code can tell of lyrics: the gates of a song's words, their rhymes, hook and freshness."""

from __future__ import annotations

from statistics import mean

from agents.songwriter import lyric_sources
from agents.songwriter.scoring import words_avoided
from domain.evaluation import Score
from domain.score import LyricSection
from evals.suite import Answered, Scorer
from evals.suites.lyrics.task import concept_of, profile_of
from media.lyrics.gates import UNRHYMED, check_lyrics
from media.lyrics.scorers.cliche import cliche_rate
from media.lyrics.scorers.hook import hook_share
from media.lyrics.scorers.rhyming import rhyme_coverage
from packs import load_pack

MAIN = "gates"


def gates(answered: Answered) -> Score:
    """The share of gates that pass, of those that apply to these words."""
    profile = profile_of(answered.case, answered.desk)
    pack = load_pack(profile.genre_pack)
    concept = concept_of(answered.case)
    report = check_lyrics(
        _sections(answered),
        pack,
        lyric_sources(profile, pack, concept, answered.desk.book),
        scheme=_scheme(answered),
        language=str(answered.output["language"]),
        avoided=words_avoided(profile),
    )
    judged = [gate for gate in report.gates if gate.verdict != "not_applicable"]
    if not judged:
        return Score(value=None, why="no gate applies")
    why = "; ".join(f"{gate.gate}: {gate.reason}" for gate in report.failures)
    return Score(value=1 - len(report.failures) / len(judged), why=why or "every gate passes")


def rhymes(answered: Answered) -> Score:
    """The share of rhymes that the scheme wants and the words have."""
    scheme = _scheme(answered)
    if scheme in (None, UNRHYMED):
        return Score(value=None, why="sung without rhymes")
    found = [rhyme_coverage(section.lines, scheme) for section in _sections(answered)]
    values = [value for value in found if value is not None]
    if not values:
        return Score(value=None, why="no stanza is long enough to rhyme")
    return Score(value=mean(values), why=f"in {scheme}")


def hook(answered: Answered) -> Score:
    """How much of the title the chorus carries where it is remembered."""
    choruses = [s.lines for s in _sections(answered) if s.section == "chorus"]
    if not choruses:
        return Score(value=None, why="there is no chorus")
    title = str(answered.output["title"])
    return Score(value=max(hook_share(lines, title) for lines in choruses), why=f"of {title!r}")


def fresh(answered: Answered) -> Score:
    """The share of lines without a worn-out phrase."""
    pack = load_pack(profile_of(answered.case, answered.desk).genre_pack)
    lines = list(dict.fromkeys(line for s in _sections(answered) for line in s.lines))
    return Score(value=1 - cliche_rate(lines, pack.lexicon.avoid), why=f"of {len(lines)} lines")


def _sections(answered: Answered) -> list[LyricSection]:
    held = answered.output["sections"]
    assert isinstance(held, list)
    return [LyricSection.model_validate(section) for section in held]


def _scheme(answered: Answered) -> str | None:
    scheme = answered.output["scheme"]
    return None if scheme is None else str(scheme)


SCORERS = (
    Scorer("gates", gates),
    Scorer("rhymes", rhymes),
    Scorer("hook", hook),
    Scorer("fresh", fresh),
)
