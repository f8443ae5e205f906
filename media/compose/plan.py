"""The large decisions of a song: tempo, key, mode, swing, form, register, and where words go."""

from __future__ import annotations

import math
from dataclasses import dataclass

from domain.genre import GenrePack, Mode
from domain.score import Section, SongBrief
from media.compose.chooser import Chooser
from media.compose.form import SectionPlan, make_sections
from media.compose.register import Register, vocal_register
from media.compose.signature import Signature
from media.compose.words import singable
from media.theory import BRIGHTNESS, scale_pitch_classes, shifted, tonic

TEMPO_STEPS = 7
LIFT_SEMITONES = 1.6


@dataclass(frozen=True)
class Plan:
    """What all later stages of composing share."""

    tempo_bpm: float
    key: str
    mode: Mode
    swing: float
    sections: tuple[SectionPlan, ...]
    register: Register
    lift: float
    signature: Signature

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
    tempo_bpm = _tempo(brief, pack, chooser)
    signature = Signature(brief.signature)
    key = _key(brief, pack, chooser)
    mode = _mode(brief, pack, signature, chooser)
    swing = _swing(pack, signature, chooser)
    sections = make_sections(brief, singable(brief.lyrics, chooser), pack, tempo_bpm, chooser)
    sung = tuple(placed.section.transpose for placed in sections if placed.sung)
    register = vocal_register(brief, pack, sung)
    return Plan(
        tempo_bpm=tempo_bpm, key=key, mode=mode, swing=swing, sections=sections,
        register=register, lift=_lift(brief, register, chooser),
        signature=signature,
    )  # fmt: skip


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


def _mode(brief: SongBrief, pack: GenrePack, signature: Signature, chooser: Chooser) -> Mode:
    asked = brief.overrides.mode
    if asked is not None and asked in pack.modes:
        chooser.fixed("mode", asked, "fixed by the brief")
        return asked
    modes = list(pack.modes)
    weights = [
        pack.modes[mode] * math.exp(1.5 * brief.mood.valence * BRIGHTNESS[mode]) * favour
        for mode, favour in zip(modes, signature.favours("mode", modes), strict=True)
    ]
    reason = f"valence {brief.mood.valence:+.2f} weighs the modes by their brightness"
    reason += signature.note()
    if asked is not None:
        reason += f"; {asked} is not played in {pack.name}"
    return chooser.pick("mode", modes, weights, str, reason)


def _swing(pack: GenrePack, signature: Signature, chooser: Chooser) -> float:
    low, high = pack.swing.low, pack.swing.high
    steps = sorted({round(low + (high - low) * i / 3, 3) for i in range(4)})
    weights = signature.favours("swing", [f"{step:g}" for step in steps])
    reason = "genre's feel" + signature.note()
    return chooser.pick("swing", steps, weights, lambda s: f"{s:g}", reason)


def _lift(brief: SongBrief, register: Register, chooser: Chooser) -> float:
    """Semitones that a dominant or aroused mood raises the melody's centre by."""
    mood = brief.mood
    lift = round(LIFT_SEMITONES * (mood.dominance + 0.5 * mood.arousal), 2)
    whose = "the genre" if brief.singer is None else brief.singer.name
    chooser.fixed(
        "register", f"{register.low}-{register.high}",
        f"the range of {whose}; dominance {mood.dominance:+.2f} and arousal {mood.arousal:+.2f} "
        f"move its centre by {lift:+.1f} semitones",
    )  # fmt: skip
    return lift
