"""Writes the lines that are missing, in singing order, from several candidates each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents.desk import Rounds
from agents.seeds import rng_for
from agents.songwriter.layout import Place, heading
from agents.songwriter.scoring import LineContext, line_judge, rhymes_enough
from agents.songwriter.song import Lines, Song, is_hook
from domain.ports.model import Sampling
from media.lyrics.scorers.repetition import last_word
from media.lyrics.scorers.rhymes import rhymes_for

LINE = Sampling(max_tokens=18, temperature=0.9, top_p=0.93, stop=("\n",), repeat_penalty=1.08)
LINE_CANDIDATES = 4
LINE_ROUNDS = 6
RHYME_CANDIDATES = 6
RHYME_ROUNDS = 4
RHYMES_HINTED = 4


async def filled(song: Song, places: Sequence[Place], kept: Lines) -> Lines:
    """All lines: the kept ones, and new ones where none was kept."""
    lines: Lines = {}
    sheet: list[str] = []
    for number, place in enumerate(places):
        here = (place.stanza.key, place.index)
        if place.index == 0:
            sheet.append(heading(place.stanza.section))
        later = [line for k, line in kept.items() if k not in lines]
        lines[here] = kept.get(here) or await _line(song, number, place, sheet, lines, later)
        sheet.append(lines[here])
    return lines


def line_prompt(song: Song) -> str:
    """The prompt that a line is asked with: it is another one where a person sent words back."""
    return "lyrics.line" if song.again is None else "lyrics.line_again"


def line_inputs(
    song: Song, sheet: Sequence[str], opening: str, context: LineContext
) -> dict[str, object]:
    """The inputs of the prompt that `line_prompt` names."""
    low, high = song.pack.lexicon.syllables_per_line
    inputs: dict[str, object] = {
        "register": song.profile.voice.register_,
        "theme": song.concept.theme,
        "story": song.concept.story,
        "so_far": list(sheet),
        "opening": opening,
        "rhymes": context.hints,
        "low": low,
        "high": high,
    }
    return inputs if song.again is None else inputs | song.again.inputs(song.form)


def hinted(song: Song, context: LineContext) -> LineContext:
    """With a few words that rhyme with the line's partner and do not end a line yet."""
    if context.rhymes_with is None or song.language != "en":
        return context
    taken = {last_word(line) for line in context.before}
    free = [word for word in rhymes_for(context.rhymes_with) if word not in taken]
    rng = rng_for(song.desk.seed, f"rhymes/{context.rhymes_with}", song.desk.scope.attempt)
    return replace(context, hints=tuple(rng.sample(free, min(RHYMES_HINTED, len(free)))))


async def _line(
    song: Song, number: int, place: Place, sheet: list[str], lines: Lines, later: list[str]
) -> str:
    key = place.stanza.key
    partner = None if place.rhymes_with is None else lines[key, place.rhymes_with]
    hook = song.hook() if is_hook(key, place.index) else None
    opening = hook or song.openings[number % len(song.openings)]
    context = replace(
        song.context((*lines.values(), *later)),
        stanza=tuple(lines[key, i] for i in range(place.index)),
        rhymes_with=partner,
        # A strong model is only shown the opening; it answers with the whole line.
        opening=opening if song.prompt_form == "short" else "",
        continues=song.continues,
    )
    context = hinted(song, context)
    step = f"lyrics.line/{key}/{place.index}/{song.attempt}"
    rounds = (
        Rounds(LINE_CANDIDATES, LINE_ROUNDS, step)
        if partner is None
        else Rounds(RHYME_CANDIDATES, RHYME_ROUNDS, step, rhymes_enough)
    )
    return await song.desk.best(
        line_prompt(song),
        line_inputs(song, sheet, opening, context),
        LINE,
        line_judge(context),
        rounds,
        form=song.prompt_form,
        weigh=song.weigh,
    )
