"""Which lines of a lyric a failing report asks to write anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agents.songwriter.scoring import LineContext, line_problem
from domain.quality import QualityReport
from media.lyrics.overlap import word_overlap
from media.lyrics.rhyme import rhyme_score
from media.lyrics.scorers.metre import regularity
from media.lyrics.scorers.rhyming import partner_of
from media.lyrics.scorers.singability import singability

RHYME_KEPT = 0.4
OVERLAP_KEPT = 0.3
LOWEST_LINES = 3
# Gates of the score and of the sung voice that other words can mend.
_OFF_THE_BEAT = frozenset({"stress", "syllables"})
_NOT_UNDERSTOOD = frozenset({"words", "intelligibility", "vocal_presence"})


def weak_lines(
    stanzas: dict[str, tuple[str, ...]],
    scheme: str,
    context: LineContext,
    failing: QualityReport | None,
) -> set[tuple[str, int]]:
    """Lines that break a rule themselves, and those that the failed gates point at.

    The failing report may be the score's or the audio's: then the lines that stumble most, or
    are hardest to sing, are the ones to write anew.
    """
    gates = {gate.gate for gate in failing.failures} if failing else set()
    weak = _broken(stanzas, context)
    if "lyrics_rhyme" in gates:
        weak |= _unrhymed(stanzas, scheme)
    if "lyrics_vocabulary" in gates or "lyrics_novelty" in gates:
        weak |= _repetitive(stanzas)
    if gates & _OFF_THE_BEAT:
        weak |= _lowest(stanzas, regularity)
    if gates & _NOT_UNDERSTOOD:
        weak |= _lowest(stanzas, singability)
    if not weak and gates:
        # The report sees something in the whole that no line shows: begin with the last stanza.
        key = list(stanzas)[-1]
        weak = {(key, i) for i in range(len(stanzas[key]))}
    return weak


def _lowest(
    stanzas: dict[str, tuple[str, ...]], scorer: Callable[[str], float]
) -> set[tuple[str, int]]:
    scored = [(scorer(line), (key, i)) for key, ls in stanzas.items() for i, line in enumerate(ls)]
    return {place for _, place in sorted(scored)[:LOWEST_LINES]}


def _broken(stanzas: dict[str, tuple[str, ...]], context: LineContext) -> set[tuple[str, int]]:
    weak: set[tuple[str, int]] = set()
    before: tuple[str, ...] = ()
    for key, lines in stanzas.items():
        for i, line in enumerate(lines):
            if line_problem(line, replace(context, before=before, stanza=lines[:i])):
                weak.add((key, i))
            else:
                before = (*before, line)
    return weak


def _unrhymed(stanzas: dict[str, tuple[str, ...]], scheme: str) -> set[tuple[str, int]]:
    return {
        (key, i)
        for key, lines in stanzas.items()
        for i, line in enumerate(lines)
        if (partner := partner_of(i, scheme)) is not None
        and rhyme_score(line, lines[partner]) < RHYME_KEPT
    }


def _repetitive(stanzas: dict[str, tuple[str, ...]]) -> set[tuple[str, int]]:
    flat = [((key, i), line) for key, lines in stanzas.items() for i, line in enumerate(lines)]
    return {
        place
        for n, (place, line) in enumerate(flat)
        if any(word_overlap(line, other) > OVERLAP_KEPT for _, other in flat[:n])
    }
