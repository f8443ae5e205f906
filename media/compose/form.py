"""The form: chosen from the pack, stretched until the words have room, placed in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from domain.errors import InvalidInput
from domain.genre import FormSection, GenrePack
from domain.score import BEATS_PER_BAR, LyricSection, Section, SongBrief
from media.compose.chooser import Chooser
from media.compose.sections import trait

BARS_PER_LINE = 2
ENERGY_PER_AROUSAL, ENERGY_PER_WISH = 0.06, 0.15
LONGEST_SONG_S = 360.0
MOST_REPEATS = 4
FIT_MARGIN = 0.95


@dataclass(frozen=True)
class SectionPlan:
    """A section placed in time with the lines sung in it."""

    section: Section
    lines: tuple[str, ...]
    sung: bool


def make_sections(
    brief: SongBrief,
    lyrics: Sequence[LyricSection],
    pack: GenrePack,
    tempo_bpm: float,
    chooser: Chooser,
) -> tuple[SectionPlan, ...]:
    """Choose a form, make room for every section of the words, and place it in time."""
    chosen = _choose(brief, lyrics, pack, chooser)
    form = _with_room(chosen, lyrics)
    if len(form) > len(chosen):
        added = Counter(s.name for s in form) - Counter(s.name for s in chosen)
        what = ", ".join(f"{count} {name}" for name, count in added.items())
        chooser.fixed("sections added", what, "the words have more sections than the form")
    placed = _place(form, _energy_shift(brief, chooser), lyrics)
    _check_length(placed, chosen, lyrics, tempo_bpm)
    return placed


def _choose(
    brief: SongBrief, lyrics: Sequence[LyricSection], pack: GenrePack, chooser: Chooser
) -> tuple[FormSection, ...]:
    if brief.overrides.form is not None:
        chooser.fixed("form", "of the brief", "fixed by the brief")
        return brief.overrides.form
    names = {section.section for section in lyrics}
    weights = [
        form.weight * (1.0 if names <= {s.name for s in form.sections if s.sung} else 0.02)
        for form in pack.forms
    ]
    form = chooser.pick("form", pack.forms, weights, lambda f: f.id, "forms that fit the lyrics")
    return form.sections


def _with_room(
    form: Sequence[FormSection], lyrics: Sequence[LyricSection]
) -> tuple[FormSection, ...]:
    """A place for every section of the words: silent sections sing, missing ones are added."""
    wanted = Counter(section.section for section in lyrics)
    sections = [
        s.model_copy(update={"sung": True}) if s.name in wanted and not s.sung else s for s in form
    ]
    for name, count in wanted.items():
        missing = count - sum(s.name == name for s in sections)
        if missing > 0:
            _insert(sections, _another(sections, name), missing)
    return tuple(sections)


def _another(sections: Sequence[FormSection], name: str) -> FormSection:
    same = [s for s in sections if s.name == name]
    if same:
        return same[-1].model_copy(update={"transpose": 0})
    energy = mean(s.energy for s in sections)
    return FormSection(name=name, bars=BARS_PER_LINE, energy=round(energy, 3), sung=True)


def _insert(sections: list[FormSection], new: FormSection, count: int) -> None:
    """Before the last chorus, or, where there is none, before the ending."""
    choruses = [i for i, s in enumerate(sections) if trait(s.name).kind == "chorus" and s.sung]
    at = choruses[-1] if choruses else len(sections) - (trait(sections[-1].name).kind == "edge")
    sections[at:at] = [new] * count


def _energy_shift(brief: SongBrief, chooser: Chooser) -> float:
    arousal, asked = brief.mood.arousal, brief.overrides.energy or 0.0
    shift = arousal * ENERGY_PER_AROUSAL + asked * ENERGY_PER_WISH
    reason = f"arousal {arousal:+.2f} and the wish for {asked:+.2f} move every section's energy"
    chooser.fixed("energy", f"{shift:+.3f}", reason)
    return shift


def _place(
    form: Sequence[FormSection], shift: float, lyrics: Sequence[LyricSection]
) -> tuple[SectionPlan, ...]:
    placed: list[SectionPlan] = []
    counts: Counter[str] = Counter()
    start = 0.0
    for item in form:
        counts[item.name] += 1
        lines = _lines_for(item, counts[item.name], lyrics)
        bars = max(item.bars, BARS_PER_LINE * len(lines))
        end = item.energy if item.energy_end is None else item.energy_end
        section = Section(
            name=item.name, occurrence=counts[item.name], start=start, bars=bars,
            energy=_clip(item.energy + shift), energy_end=_clip(end + shift),
            transpose=item.transpose,
        )  # fmt: skip
        placed.append(SectionPlan(section, _fill(lines, bars), item.sung))
        start += bars * BEATS_PER_BAR
    return tuple(placed)


def _lines_for(
    item: FormSection, occurrence: int, lyrics: Sequence[LyricSection]
) -> tuple[str, ...]:
    """The words of the nth section of a name; the last ones return when they run out."""
    matching = [section.lines for section in lyrics if section.section == item.name]
    if not item.sung or not matching:
        return ()
    return matching[min(occurrence, len(matching)) - 1]


def _fill(lines: tuple[str, ...], bars: int) -> tuple[str, ...]:
    """Sing a short text again while the section has room for all of it."""
    room = bars // BARS_PER_LINE
    return lines * min(MOST_REPEATS, max(1, room // len(lines))) if lines else lines


def _clip(energy: float) -> float:
    return round(min(1.0, max(0.05, energy)), 3)


def _check_length(
    placed: Sequence[SectionPlan],
    form: Sequence[FormSection],
    lyrics: Sequence[LyricSection],
    tempo_bpm: float,
) -> None:
    """Refuse a song longer than six minutes, saying how many lines would fit."""
    seconds_a_bar = BEATS_PER_BAR * 60.0 / tempo_bpm
    length = placed[-1].section.end / BEATS_PER_BAR * seconds_a_bar
    if length <= LONGEST_SONG_S:
        return
    bare = sum(item.bars for item in form) * seconds_a_bar
    lines = sum(len(section.lines) for section in lyrics)
    if not lines or bare > LONGEST_SONG_S:
        raise InvalidInput(
            f"the form lasts {length:.0f} seconds; a song may last {LONGEST_SONG_S:.0f}",
            field="form",
            remedy="leave out sections or shorten them",
        )
    silent = sum(p.section.bars for p in placed if not p.lines) * seconds_a_bar
    share = max(0.0, LONGEST_SONG_S - silent) / (length - silent)
    fits = max(1, int(lines * share * FIT_MARGIN))
    raise InvalidInput(
        f"{lines} lines, with their repeats, would last {length:.0f} seconds; "
        f"a song may last {LONGEST_SONG_S:.0f}",
        field="lyrics",
        remedy=f"keep about {fits} lines, or split them over several songs",
    )
