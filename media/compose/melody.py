"""The sung melody: motif, words and chords brought together by a search over pitches."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from domain.genre import GenrePack
from domain.score import Chord, LyricLine, Note, SongBrief, SungSyllable
from media.compose.chooser import Chooser
from media.compose.motif import PHRASE_FORMS, Motif, invent, phrase_letters
from media.compose.plan import Plan, SectionPlan
from media.compose.rhythm import LINE_BEATS, fit_rhythm
from media.lyrics.prosody import LineSyllable, scan
from media.lyrics.words import STRESSED
from media.theory import ChordTones, melody_pitch_classes, pitches_in, scale_pitch_classes, shifted

_LEAP_COST = {0: 0.7, 1: 0.0, 2: 0.0, 3: 0.4, 4: 0.5, 5: 0.8, 6: 5.0, 7: 1.4, 8: 2.6, 9: 3.0}
_WIDEST_LEAP = 9


@dataclass(frozen=True)
class Sung:
    """A note of the melody with the syllable it carries, if the section has words."""

    note: Note
    syllable: LineSyllable | None


@dataclass
class Melody:
    """The vocal line of a whole song."""

    notes: list[Note] = field(default_factory=list)
    lines: list[LyricLine] = field(default_factory=list)

    def add(self, sung: Sequence[Sung], section: int, text: str, start: float) -> None:
        """Append one line; lines without words leave notes only."""
        first = len(self.notes)
        self.notes += [s.note for s in sung]
        syllables = tuple(
            SungSyllable(
                text=s.syllable.text, stress=s.syllable.stress, word=s.syllable.word, note=first + i
            )
            for i, s in enumerate(sung)
            if s.syllable is not None
        )
        if syllables:
            end = sung[-1].note.start + sung[-1].note.duration
            self.lines.append(
                LyricLine(section=section, text=text, start=start, end=end, syllables=syllables)
            )


@dataclass(frozen=True)
class _Line:
    """All that deciding the pitches of one line depends on."""

    onsets: list[float]
    durations: list[float]
    stresses: list[int]
    targets: list[float]
    closing: bool
    low: int
    high: int


class MelodyWriter:
    """Writes the melody section by section; equal words over equal chords sing equal notes."""

    def __init__(
        self,
        plan: Plan,
        chords: Sequence[Chord],
        pack: GenrePack,
        brief: SongBrief,
        chooser: Chooser,
    ) -> None:
        self._plan = plan
        self._chords = [_at_home(chord, plan) for chord in chords]
        self._scale = scale_pitch_classes(plan.key, plan.mode)
        self._pack = pack
        self._mood = brief.mood
        self._chooser = chooser

    def write(self) -> Melody:
        """Write every sung section."""
        melody = Melody()
        for index, placed in enumerate(self._plan.sections):
            if placed.sung:
                self._section(melody, index, placed)
        return melody

    def _section(self, melody: Melody, index: int, placed: SectionPlan) -> None:
        name = placed.section.name
        form = self._chooser.pick(
            f"phrases:{name}", PHRASE_FORMS, [1.0] * len(PHRASE_FORMS), str,
            "how the section's lines answer each other",
        )  # fmt: skip
        motifs = self._motifs(name)
        lines = placed.lines or ("",) * (placed.section.bars // 2)
        for k, text in enumerate(lines):
            letter, moved = phrase_letters(form, k)
            start = placed.section.start + k * LINE_BEATS
            closing = k == len(lines) - 1
            shift = 2.0 if moved else 0.0
            sung = self._line(name, text, start, motifs[letter], letter, shift, closing, k)
            if sung:
                melody.add(_in_key(sung, placed.section.transpose), index, text, start)

    def _motifs(self, section: str) -> dict[str, Motif]:
        rng = self._chooser.rng(f"motif:{section}")
        found: dict[str, Motif] = {}
        used: tuple[str, ...] = ()
        for letter in "ABC":
            name, found[letter] = invent(rng, used)
            used = (*used, name)
        return found

    def _line(
        self, section: str, text: str, start: float, motif: Motif, letter: str,
        shift: float, closing: bool, index: int,
    ) -> list[Sung]:  # fmt: skip
        habit = self._chooser.rng(f"rhythm:{section}:{letter}")
        syllables = (
            scan(text) if text else _wordless(self._chooser.rng(f"vocalise:{section}:{index}"))
        )
        if not syllables:
            return []
        breadth = 0.7 if section == "chorus" else 0.25
        onsets = fit_rhythm(syllables, habit, pickup=start > 0, breadth=breadth)
        low, high, centre = self._register(section)
        line = _Line(
            onsets=[start + onset for onset in onsets],
            durations=_durations(onsets),
            stresses=[s.stress for s in syllables],
            targets=[
                centre + motif.height(onset / LINE_BEATS, i, shift)
                for i, onset in enumerate(onsets)
            ],
            closing=closing,
            low=low,
            high=high,
        )
        pitches = self._pitches(line, self._chooser.rng(f"pitch:{section}:{letter}"))
        notes = self._notes(line, pitches, section)
        return [
            Sung(note, syllable if text else None)
            for note, syllable in zip(notes, syllables, strict=True)
        ]

    def _register(self, section: str) -> tuple[int, int, float]:
        """Low, high and centre of a section; a dominant mood sings higher."""
        low, high = self._pack.vocal_range
        moves = [p.section.transpose for p in self._plan.sections if p.section.name == section]
        low, high = low - min(0, *moves), high - max(0, *moves)
        lift = self._mood.dominance + 0.5 * self._mood.arousal
        if section == "chorus":
            return low + 4, high, low + (high - low) * 0.55 + lift
        if section in ("bridge", "break"):
            return low + 2, high, low + (high - low) * 0.45 + lift
        return low, high - 4, low + (high - low) * 0.28 + lift

    def _notes(self, line: _Line, pitches: list[int], section: str) -> list[Note]:
        base = 84 + (6 if section == "chorus" else 0)
        return [
            Note(
                start=onset, duration=duration, pitch=pitch,
                velocity=min(127, base + (8 if stress == STRESSED else 0)),
            )
            for onset, duration, pitch, stress in zip(
                line.onsets, line.durations, pitches, line.stresses, strict=True
            )
        ]  # fmt: skip

    def _pitches(self, line: _Line, rng: Random) -> list[int]:
        """The cheapest path through the allowed pitches (Viterbi)."""
        layers = [self._candidates(line, i, rng) for i in range(len(line.onsets))]
        paths = [{pitch: (cost, [pitch]) for pitch, cost in layers[0].items()}]
        for layer in layers[1:]:
            paths.append(
                {
                    pitch: min(
                        (
                            (before + _move(earlier, pitch) + cost, [*path, pitch])
                            for earlier, (before, path) in paths[-1].items()
                        ),
                        key=lambda option: option[0],
                    )
                    for pitch, cost in layer.items()
                }
            )
        return min(paths[-1].values(), key=lambda option: option[0])[1]

    def _candidates(self, line: _Line, i: int, rng: Random) -> dict[int, float]:
        onset, duration = line.onsets[i], line.durations[i]
        chord = _chord_at(self._chords, onset)
        tones = ChordTones(chord.roman, chord.degree, chord.pitch_classes)
        is_last = i == len(line.onsets) - 1
        costs = {}
        for pitch in pitches_in(melody_pitch_classes(tones, self._scale), line.low, line.high):
            cost = 0.8 * abs(pitch - line.targets[i]) + rng.random() * 0.5
            if pitch % 12 not in chord.pitch_classes:
                cost += 9.0 if onset % 2 == 0 or is_last else 2.5 if onset % 1 == 0 else 0.6
                cost += 2.0 if duration >= 1.0 else 0.0
            if is_last:
                cost += self._ending(pitch, chord, line.closing)
            costs[pitch] = cost
        return costs

    def _ending(self, pitch: int, chord: Chord, closing: bool) -> float:
        """Closing lines come home to the tonic where the chord allows; others stay open."""
        home = pitch % 12 == self._scale[0]
        if closing:
            return 0.0 if home else 2.5 if self._scale[0] in chord.pitch_classes else 0.5
        return 1.5 if home else 0.0


def _at_home(chord: Chord, plan: Plan) -> Chord:
    """The chord as it would sound in the home key, where all melody is thought of."""
    back = -plan.section_at(chord.start).transpose
    return chord.model_copy(update={"pitch_classes": shifted(chord.pitch_classes, back)})


def _in_key(sung: Sequence[Sung], semitones: int) -> list[Sung]:
    """The same line in another key."""
    return [
        replace(s, note=s.note.model_copy(update={"pitch": s.note.pitch + semitones})) for s in sung
    ]


def _move(earlier: int, later: int) -> float:
    leap = abs(later - earlier)
    return _LEAP_COST[leap] if leap <= _WIDEST_LEAP else 12.0 + leap


def _durations(onsets: list[float]) -> list[float]:
    """Sing legato, breathe at the line's end, and hold the last note without spilling over."""
    lengths = [min(b - a, 2.0) for a, b in itertools.pairwise(onsets)]
    room = LINE_BEATS - 1.0 - onsets[-1]
    return [length * 0.96 for length in lengths] + [max(0.5, min(2.5, room))]


def _chord_at(chords: Sequence[Chord], beat: float) -> Chord:
    return next((c for c in chords if beat < c.start + c.duration - 1e-9), chords[-1])


def _wordless(rng: Random) -> tuple[LineSyllable, ...]:
    """The rhythm of a line that has no words: strong and weak in turn."""
    count = rng.randint(6, 9)
    return tuple(LineSyllable("", STRESSED if i % 2 == 0 else 0, i, True) for i in range(count))
