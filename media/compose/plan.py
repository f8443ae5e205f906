"""The large decisions of a song: tempo, key, mode, swing, form, and where the words go."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from domain.genre import FormSection, GenrePack, Mode
from domain.score import BEATS_PER_BAR, LyricSection, Section, SongBrief
from media.compose.chooser import Chooser
from media.theory import BRIGHTNESS, scale_pitch_classes, shifted, tonic

BARS_PER_LINE = 2
TEMPO_STEPS = 7
ENERGY_PER_AROUSAL = 0.06


@dataclass(frozen=True)
class SectionPlan:
    """A section placed in time with the lines sung in it."""

    section: Section
    lines: tuple[str, ...]
    sung: bool


@dataclass(frozen=True)
class Plan:
    """What all later stages of composing share."""

    tempo_bpm: float
    key: str
    mode: Mode
    swing: float
    sections: tuple[SectionPlan, ...]

    def section_at(self, beat: float) -> Section:
        """The section a beat falls into; beats after the end belong to the last one."""
        return next(
            (p.section for p in self.sections if beat < p.section.end - 1e-9),
            self.sections[-1].section,
        )

    def scale_at(self, beat: float) -> tuple[int, ...]:
        """Pitch classes of the key that a beat is in, tonic first."""
        home = scale_pitch_classes(self.key, self.mode)
        return shifted(home, self.section_at(beat).transpose)

    @property
    def end(self) -> float:
        """Last beat of the song."""
        return self.sections[-1].section.end


def make_plan(brief: SongBrief, pack: GenrePack, chooser: Chooser) -> Plan:
    """Take the large decisions; the brief's overrides win and are recorded as such."""
    return Plan(
        tempo_bpm=_tempo(brief, pack, chooser),
        key=_key(brief, pack, chooser),
        mode=_mode(brief, pack, chooser),
        swing=_swing(pack, chooser),
        sections=_place(_form(brief, pack, chooser), brief),
    )


def _tempo(brief: SongBrief, pack: GenrePack, chooser: Chooser) -> float:
    if brief.overrides.tempo_bpm is not None:
        chooser.fixed("tempo", f"{brief.overrides.tempo_bpm:g}", "fixed by the brief")
        return brief.overrides.tempo_bpm
    low, high = pack.tempo_bpm.low, pack.tempo_bpm.high
    steps = [round(low + (high - low) * i / (TEMPO_STEPS - 1)) for i in range(TEMPO_STEPS)]
    centre = (brief.mood.arousal + 1) / 2 * (TEMPO_STEPS - 1)
    weights = [math.exp(-(((i - centre) / 1.6) ** 2)) for i in range(TEMPO_STEPS)]
    reason = f"arousal {brief.mood.arousal:+.2f} pulls the tempo {_direction(brief.mood.arousal)}"
    return float(chooser.pick("tempo", steps, weights, str, reason))


def _direction(amount: float) -> str:
    return "up" if amount > 0.05 else "down" if amount < -0.05 else "nowhere"


def _key(brief: SongBrief, pack: GenrePack, chooser: Chooser) -> str:
    if brief.overrides.key is not None:
        tonic(brief.overrides.key)
        chooser.fixed("key", brief.overrides.key, "fixed by the brief")
        return brief.overrides.key
    return chooser.pick("key", pack.keys, [1.0] * len(pack.keys), str, "keys of the genre")


def _mode(brief: SongBrief, pack: GenrePack, chooser: Chooser) -> Mode:
    asked = brief.overrides.mode
    if asked is not None and asked in pack.modes:
        chooser.fixed("mode", asked, "fixed by the brief")
        return asked
    modes = list(pack.modes)
    weights = [
        pack.modes[mode] * math.exp(1.5 * brief.mood.valence * BRIGHTNESS[mode]) for mode in modes
    ]
    reason = f"valence {brief.mood.valence:+.2f} weighs the modes by their brightness"
    if asked is not None:
        reason += f"; {asked} is not played in {pack.name}"
    return chooser.pick("mode", modes, weights, str, reason)


def _swing(pack: GenrePack, chooser: Chooser) -> float:
    low, high = pack.swing.low, pack.swing.high
    steps = sorted({round(low + (high - low) * i / 3, 3) for i in range(4)})
    return chooser.pick("swing", steps, [1.0] * len(steps), lambda s: f"{s:g}", "genre's feel")


def _form(brief: SongBrief, pack: GenrePack, chooser: Chooser) -> tuple[FormSection, ...]:
    if brief.overrides.form is not None:
        chooser.fixed("form", "of the brief", "fixed by the brief")
        return brief.overrides.form
    names = {section.section for section in brief.lyrics}
    weights = [
        form.weight * (1.0 if names <= {s.name for s in form.sections if s.sung} else 0.02)
        for form in pack.forms
    ]
    form = chooser.pick("form", pack.forms, weights, lambda f: f.id, "forms that fit the lyrics")
    return form.sections


def _place(form: Sequence[FormSection], brief: SongBrief) -> tuple[SectionPlan, ...]:
    shift = brief.mood.arousal * ENERGY_PER_AROUSAL + (brief.overrides.energy or 0.0) * 0.15
    placed: list[SectionPlan] = []
    counts: dict[str, int] = {}
    start = 0.0
    for item in form:
        occurrence = counts[item.name] = counts.get(item.name, 0) + 1
        lines = _lines_for(item, occurrence, brief.lyrics)
        bars = max(item.bars, BARS_PER_LINE * len(lines))
        end = item.energy if item.energy_end is None else item.energy_end
        section = Section(
            name=item.name, occurrence=occurrence, start=start, bars=bars,
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
    """Sing a short text twice when the section has room for that."""
    room = bars // BARS_PER_LINE
    return lines * 2 if lines and len(lines) * 2 <= room else lines


def _clip(energy: float) -> float:
    return round(min(1.0, max(0.05, energy)), 3)
