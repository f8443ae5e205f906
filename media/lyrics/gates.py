"""The verdict on a whole lyric: singable, clean, own words."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from domain.genre import GenrePack
from domain.quality import GateResult, QualityReport, not_applicable, within
from domain.score import LyricSection
from media.lyrics.clean import LONGEST_LINE_SYLLABLES
from media.lyrics.junk import junk_in
from media.lyrics.language import UNKNOWN, language_of
from media.lyrics.overlap import shares_run, vocabulary_share
from media.lyrics.prosody import syllable_count
from media.lyrics.rhyme import rhyme_score
from media.lyrics.scorers.cliche import cliches_in
from media.lyrics.scorers.lexicon import avoided_in
from media.lyrics.scorers.policy import EVERYONE, PolicyRules, breaches

COPIED_RUN_WORDS = 5
UNRHYMED = "XXXX"


def check_lyrics(
    sections: Sequence[LyricSection],
    pack: GenrePack,
    sources: Sequence[str] = (),
    earlier_lines: Sequence[str] = (),
    *,
    scheme: str | None = None,
    language: str = "en",
    avoided: Sequence[str] = (),
    rules: PolicyRules = EVERYONE,
) -> QualityReport:
    """Judge lyrics; `sources` are prompts and examples that must not be copied from.

    `scheme` is the rhyme scheme they were written in, `avoided` what the artist never says.
    """
    lines = [line for section in sections for line in section.lines]
    unique = list(dict.fromkeys(lines))
    gates = (
        _junk(unique, language),
        _language(unique, language),
        _policy(unique, rules),
        _avoided(unique, avoided),
        _cliches(unique, pack),
        _copied(unique, sources),
        _known(unique, earlier_lines),
        _length(unique, pack, language),
        _vocabulary(unique),
        _rhyme(sections, pack, scheme),
    )
    return QualityReport(subject="lyrics", gates=gates)


def _listed(gate: str, found: Sequence[str], clean: str) -> GateResult:
    verdict = within(gate, float(len(found)), high=0, what="number of offending lines")
    return verdict.model_copy(update={"reason": "; ".join(found[:4]) if found else clean})


def _junk(lines: Sequence[str], language: str) -> GateResult:
    found = [f"{line[:60]!r} has {what}" for line in lines if (what := junk_in(line, language))]
    if not lines:
        found = ["there are no lines"]
    return _listed("lyrics_junk", found, "no litter, profanity or foreign words")


def _language(lines: Sequence[str], language: str) -> GateResult:
    gate = "lyrics_language"
    heard = language_of(lines)
    if heard == UNKNOWN:
        return not_applicable(gate, "too few words to tell their language")
    right = heard == language
    reason = f"the words are in {heard!r}" + ("" if right else f"; wanted {language!r}")
    return GateResult(gate=gate, verdict="pass" if right else "fail", reason=reason)


def _policy(lines: Sequence[str], rules: PolicyRules) -> GateResult:
    found = [f"{line[:60]!r} has {breach}" for line in lines for breach in breaches(line, rules)]
    return _listed("lyrics_policy", found, "nothing the label does not sing")


def _avoided(lines: Sequence[str], avoided: Sequence[str]) -> GateResult:
    if not avoided:
        return not_applicable("lyrics_avoided", "the artist avoids no words")
    found = [f"{line!r} says {word!r}" for line in lines for word in avoided_in(line, avoided)]
    return _listed("lyrics_avoided", found, "none of the words the artist avoids")


def _cliches(lines: Sequence[str], pack: GenrePack) -> GateResult:
    found = [
        f"{line!r} leans on {phrase!r}"
        for line in lines
        for phrase in cliches_in(line, pack.lexicon.avoid)
    ]
    return _listed("lyrics_cliches", found, "none of the genre's worn-out phrases")


def _copied(lines: Sequence[str], sources: Sequence[str]) -> GateResult:
    if not sources:
        return not_applicable("lyrics_copied", "no prompts or examples were named")
    found = [
        f"{line!r} repeats {COPIED_RUN_WORDS} words of a prompt or example"
        for line in lines
        if shares_run(line, sources, COPIED_RUN_WORDS)
    ]
    return _listed("lyrics_copied", found, "no line copies its prompt or an example")


def _known(lines: Sequence[str], earlier: Sequence[str]) -> GateResult:
    if not earlier:
        return not_applicable("lyrics_novelty", "there are no earlier lyrics to compare with")
    known = {line.lower().strip() for line in earlier}
    share = sum(line.lower().strip() in known for line in lines) / max(1, len(lines))
    return within("lyrics_novelty", share, high=0.05, what="share of lines used in earlier songs")


def _length(lines: Sequence[str], pack: GenrePack, language: str) -> GateResult:
    low, high = pack.lexicon.syllables_per_line
    fits = [
        max(3, low - 2) <= syllable_count(line, language) <= min(LONGEST_LINE_SYLLABLES, high + 3)
        for line in lines
    ]
    share = mean(fits) if fits else 0.0
    return within(
        "lyrics_singable", share, low=0.9, what="share of lines with a singable syllable count"
    )


def _vocabulary(lines: Sequence[str]) -> GateResult:
    if len(lines) < 4:
        return not_applicable("lyrics_vocabulary", "fewer than four different lines")
    return within(
        "lyrics_vocabulary",
        vocabulary_share(lines),
        low=0.5,
        what="different content words per content word",
    )


def _rhyme(sections: Sequence[LyricSection], pack: GenrePack, scheme: str | None) -> GateResult:
    if scheme == UNRHYMED or (scheme is None and UNRHYMED in pack.lexicon.rhyme_schemes):
        return not_applicable("lyrics_rhyme", f"{pack.name} is sung without rhymes too")
    whole = [section for section in sections if len(section.lines) >= 4]
    if not whole:
        return not_applicable("lyrics_rhyme", "no section has four lines")
    return within(
        "lyrics_rhyme",
        mean(_best_scheme(section.lines) for section in whole),
        low=0.25,
        what="mean rhyme of each section under its best scheme (AABB, ABAB, ABCB)",
    )


def _best_scheme(lines: Sequence[str]) -> float:
    schemes = (((0, 1), (2, 3)), ((0, 2), (1, 3)), ((1, 3),))
    return max(mean(rhyme_score(lines[a], lines[b]) for a, b in scheme) for scheme in schemes)
