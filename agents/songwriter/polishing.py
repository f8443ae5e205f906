"""Critique and revise: code looks at the whole song and rewrites its weakest lines.

A rewritten line is taken only when the song's own score does not fall, so a critique never makes
a song worse by its measure; it ends when nothing is weak, nothing helps, or its budget is spent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.desk import Judged, Rounds
from agents.report import Candidate
from agents.songwriter.budget import RewriteBudget
from agents.songwriter.critiquing import criticised
from agents.songwriter.drafting import persons_said, scheme_said
from agents.songwriter.filling import LINE, hinted, line_inputs, line_prompt
from agents.songwriter.layout import heading
from agents.songwriter.scoring import LineContext, line_judge
from agents.songwriter.song import Lines, Song, is_hook
from media.lyrics.review import Place, Review, Weakness, review
from media.lyrics.scorers.rhyming import partners_of

LEAST_GAIN = 0.002  # Of the song's score; below it another line is only another line.
MOST_FLUENCY_LOST = 0.6  # Nats a token: a better measured line may not be much worse English.
_LINE_SHARE = 0.01  # How much a line's own score counts beside the song's.
_REASONS = {
    "unrhymed": "it does not rhyme where the song rhymes",
    "off_metre": "its stresses stumble",
    "wrong_length": "it is too long or too short",
    "no_hook": "the chorus should begin with the title",
    "cliche": "it is worn out",
    "repeats": "it says another line again",
    "same_opening": "it begins like another line",
    "new_person": "it brings in somebody new",
    "other_tense": "it leaves the tense of its stanza",
    "hard_to_sing": "it is hard to sing",
    "sung_before": "an earlier song says it",
    "unclear": "it is not clear",
    "flat": "it shows nothing",
    "off_scene": "it leaves the scene",
    "forced_rhyme": "its rhyme is forced",
    "out_of_voice": "it does not sound like the artist",
}


@dataclass(frozen=True, slots=True)
class _Trial:
    """One candidate in its place: what it would make of the song."""

    judged: Judged
    gain: float
    refused: str | None

    @property
    def merit(self) -> float:
        return self.gain + _LINE_SHARE * self.judged.score


async def polished(song: Song, lines: Lines, budget: RewriteBudget) -> Lines:
    """The lines after critique; every candidate and every decision is written down."""
    notes = song.desk.notes
    calls, tokens = notes.spent
    current, seen = lines, review(song.texts(lines), song.aim)
    notes.note(f"draft scores {seen.score:.3f}: {_said(seen)}")
    for turn in range(budget.passes):
        weak = await _weak(song, current, seen)
        taken = 0
        for weakness in weak[: budget.lines]:
            used = notes.spent
            left = budget.left(used[0] - calls, used[1] - tokens)
            if not left:
                break
            count = min(left, budget.candidates)
            if found := await _better(song, current, seen, weakness, count, turn):
                current = {**current, weakness.place: found}
                seen, taken = review(song.texts(current), song.aim), taken + 1
        if not taken:
            break
    notes.note(f"after critique the song scores {seen.score:.3f}: {_said(seen)}")
    return current


async def _weak(song: Song, lines: Lines, seen: Review) -> list[Weakness]:
    """Code's weak lines; a strong model adds its own, of which code takes what exists."""
    if song.prompt_form == "short" or not seen.parts:
        return list(seen.weak)
    return await criticised(song, lines, seen.weak)


async def _better(
    song: Song, lines: Lines, seen: Review, weakness: Weakness, count: int, turn: int
) -> str | None:
    """A line that makes the song better than it is, or None."""
    old = lines[weakness.place]
    step = f"lyrics.rewrite/{weakness.place[0]}/{weakness.place[1]}/{song.attempt}.{turn}"
    judged = await _candidates(song, lines, weakness, Rounds(count, 1, step), turn)
    known = song.desk.notes.parts_of(old).get("fluency")
    trials = [_tried(song, lines, seen, weakness, known, found) for found in judged]
    usable = [trial for trial in trials if trial.refused is None]
    best = max(usable, key=lambda trial: trial.merit, default=None)
    song.desk.notes.considered(
        f"{step}: {old[:80]!r}, for {_because(weakness)}",
        (
            Candidate(
                text=t.judged.text[:300],
                score=t.gain,
                parts=t.judged.parts,
                refused=t.refused,
                chosen=t is best,
            )
            for t in trials
        ),
    )
    return best.judged.text if best else None


def _tried(
    song: Song, lines: Lines, seen: Review, weakness: Weakness, fluency: float | None, found: Judged
) -> _Trial:
    if found.refused is not None:
        return _Trial(found, 0.0, found.refused)
    after = review(song.texts({**lines, weakness.place: found.text}), song.aim)
    gain = after.score - seen.score
    lost = 0.0 if fluency is None else fluency - found.parts.get("fluency", fluency)
    refused = None
    if gain < 0:
        refused = "makes the song worse"
    elif gain < LEAST_GAIN and not _is_matter_of_taste(weakness):
        refused = "makes the song no better"
    elif lost > MOST_FLUENCY_LOST:
        refused = "reads much worse than the line it would replace"
    return _Trial(found, gain, refused)


def _is_matter_of_taste(weakness: Weakness) -> bool:
    """Whether only a model found the line weak: then no measure of code can rise by mending it."""
    return not weakness.cost


async def _candidates(
    song: Song, lines: Lines, weakness: Weakness, rounds: Rounds, turn: int
) -> list[Judged]:
    context = _context(song, lines, weakness)
    if song.prompt_form == "long":
        return await song.desk.judged(
            "lyrics.rewrite",
            _rewrite_inputs(song, lines, weakness, context.rhymes_with),
            LINE,
            line_judge(context),
            rounds,
            form="long",
            weigh=song.weigh,
        )
    opening = _opening(song, weakness, turn)
    context = hinted(song, replace(context, opening=opening, continues=song.continues))
    return await song.desk.judged(
        line_prompt(song),
        line_inputs(song, _sheet(song, lines, until=weakness.place), opening, context),
        LINE,
        line_judge(context),
        rounds,
        weigh=song.weigh,
    )


def _context(song: Song, lines: Lines, weakness: Weakness) -> LineContext:
    """The line's neighbours come last among the others, as what it must differ from most."""
    key, index = weakness.place
    order = list(lines)
    here = order.index(weakness.place)
    others = sorted((p for p in order if p != weakness.place), key=lambda p: -_far(order, p, here))
    stanza = song.texts(lines)[key]
    family = partners_of(index, len(stanza), song.scheme)
    return replace(
        song.context(tuple(lines[p] for p in others)),
        stanza=tuple(line for i, line in enumerate(stanza) if i != index),
        rhymes_with=stanza[family[0]] if family else None,
        title=song.concept.title if "no_hook" in weakness.reasons else "",
    )


def _far(order: list[Place], place: Place, here: int) -> int:
    return abs(order.index(place) - here)


def _opening(song: Song, weakness: Weakness, turn: int) -> str:
    """Another way to begin than the line had, or the title where the chorus lacks it."""
    key, index = weakness.place
    if is_hook(key, index) and (hook := song.hook()):
        return hook
    places = sum(stanza.lines for stanza in song.stanzas)
    offset = [*((s.key, i) for s in song.stanzas for i in range(s.lines))].index((key, index))
    return song.openings[(places * (turn + 1) + offset) % len(song.openings)]


def _sheet(song: Song, lines: Lines, until: Place | None = None) -> list[str]:
    """The song as a model sees it, up to a line or whole."""
    sheet: list[str] = []
    for stanza in song.stanzas:
        sheet.append(heading(stanza.section))
        for index in range(stanza.lines):
            if (stanza.key, index) == until:
                return sheet
            sheet.append(lines[stanza.key, index])
    return sheet


def _rewrite_inputs(
    song: Song, lines: Lines, weakness: Weakness, rhymes_with: str | None
) -> dict[str, object]:
    low, high = song.pack.lexicon.syllables_per_line
    return {
        "name": song.profile.stage_name,
        "register": song.profile.voice.register_,
        "title": song.concept.title,
        "theme": song.concept.theme,
        "story": song.concept.story,
        "song": _sheet(song, lines),
        "line": lines[weakness.place],
        "fault": _because(weakness),
        "rhymes_with": rhymes_with or "",
        "scheme": scheme_said(song.scheme),
        "persons": persons_said(song),
        "tense": song.tense,
        "language": song.language,
        "low": low,
        "high": high,
    }


def _because(weakness: Weakness) -> str:
    return "; ".join(_REASONS[reason] for reason in weakness.reasons)


def _said(seen: Review) -> str:
    parts: Sequence[str] = [f"{name} {value:.2f}" for name, value in sorted(seen.parts.items())]
    return ", ".join(parts) or "nothing to measure"
