"""MusicXML: a lead sheet with words and chord symbols, and staves for chords and bass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from domain.score import Chord, LyricLine, Score, Section
from media.notation.grid import (
    STEPS_PER_BAR,
    STEPS_PER_BEAT,
    Event,
    Written,
    bars,
    bars_of,
    bass_events,
    chord_events,
    melody_events,
)
from media.notation.spelling import ChordSymbol, chord_symbol, fifths, octave, spell

SWING_WORTH_SAYING = 0.08
_DOCTYPE = (
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">'
)
_TYPES = {
    16: ("whole", 0), 12: ("half", 1), 8: ("half", 0), 6: ("quarter", 1), 4: ("quarter", 0),
    3: ("eighth", 1), 2: ("eighth", 0), 1: ("16th", 0),
}  # fmt: skip


@dataclass(frozen=True)
class _Syllable:
    text: str
    place: str


@dataclass(frozen=True)
class _Part:
    name: str
    clef: tuple[str, int]
    events: Sequence[Event]


def score_to_musicxml(score: Score) -> bytes:
    """Write a score as MusicXML 4.0, rounded to sixteenths and with swing written straight.

    The top staff carries the words in syllables, the chord symbols, the tempo and the sections
    as rehearsal marks; a section in another key brings its key signature.
    """
    parts = _parts(score)
    least = round(score.beats * STEPS_PER_BEAT) // STEPS_PER_BAR
    count = max(bars_of(part.events, least) for part in parts)
    root = ET.Element("score-partwise", version="4.0")
    _text(ET.SubElement(root, "work"), "work-title", _clean(score.title))
    listing = ET.SubElement(root, "part-list")
    for number, part in enumerate(parts, start=1):
        listed = ET.SubElement(listing, "score-part", id=f"P{number}")
        _text(listed, "part-name", part.name)
        staff = ET.SubElement(root, "part", id=f"P{number}")
        _Staff(score, part, leads=number == 1).write(staff, count)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_DOCTYPE}\n{body}\n'.encode()


def _parts(score: Score) -> list[_Part]:
    parts = []
    if score.vocal is not None:
        parts.append(_Part("Melody", ("G", 2), melody_events(score, score.vocal.notes)))
    parts.append(_Part("Chords", ("G", 2), chord_events(score)))
    bass = next((track for track in score.tracks if track.part == "bass"), None)
    if bass is not None:
        parts.append(_Part("Bass", ("F", 4), bass_events(score, bass.notes)))
    return parts


class _Staff:
    """Writes one part, bar by bar."""

    def __init__(self, score: Score, part: _Part, *, leads: bool) -> None:
        self._score, self._part, self._leads = score, part, leads
        self._syllables = _syllables(score.lyrics)
        self._opens = {round(s.start) // 4: s for s in score.sections}
        self._chords: dict[int, list[Chord]] = {}
        for chord in score.chords:
            bar = round(chord.start * STEPS_PER_BEAT) // STEPS_PER_BAR
            self._chords.setdefault(bar, []).append(chord)
        self._transpose = score.sections[0].transpose

    def write(self, staff: ET.Element, count: int) -> None:
        """Write all bars."""
        for bar, written in enumerate(bars(self._part.events, count)):
            measure = ET.SubElement(staff, "measure", number=str(bar + 1))
            section = self._opens.get(bar)
            self._attributes(measure, bar, section)
            if self._leads:
                self._directions(measure, bar, section)
                for chord in self._chords.get(bar, ()):
                    self._harmony(measure, chord, bar)
            for piece in written:
                self._note(measure, piece)

    @property
    def _signature(self) -> int:
        return fifths(self._score.key, self._score.mode, self._transpose)

    def _attributes(self, measure: ET.Element, bar: int, section: Section | None) -> None:
        changes = section is not None and section.transpose != self._transpose
        if section is not None:
            self._transpose = section.transpose
        if bar and not changes:
            return
        attributes = ET.SubElement(measure, "attributes")
        if not bar:
            _text(attributes, "divisions", STEPS_PER_BEAT)
        key = ET.SubElement(attributes, "key")
        _text(key, "fifths", self._signature)
        mode = {"ionian": "major", "aeolian": "minor"}.get(self._score.mode, self._score.mode)
        _text(key, "mode", mode)
        if not bar:
            time = ET.SubElement(attributes, "time")
            _text(time, "beats", 4)
            _text(time, "beat-type", 4)
            clef = ET.SubElement(attributes, "clef")
            _text(clef, "sign", self._part.clef[0])
            _text(clef, "line", self._part.clef[1])

    def _directions(self, measure: ET.Element, bar: int, section: Section | None) -> None:
        if section is not None:
            _direction(measure, "rehearsal", f"{section.name} {section.occurrence}")
        if bar:
            return
        direction = ET.SubElement(measure, "direction", placement="above")
        metronome = ET.SubElement(ET.SubElement(direction, "direction-type"), "metronome")
        _text(metronome, "beat-unit", "quarter")
        _text(metronome, "per-minute", f"{self._score.tempo_bpm:g}")
        ET.SubElement(direction, "sound", tempo=f"{self._score.tempo_bpm:g}")
        if self._score.swing >= SWING_WORTH_SAYING:
            _direction(measure, "words", "Swing")

    def _harmony(self, measure: ET.Element, chord: Chord, bar: int) -> None:
        symbol = chord_symbol(chord, self._score.key, self._transpose, self._signature)
        harmony = ET.SubElement(measure, "harmony")
        root = ET.SubElement(harmony, "root")
        _text(root, "root-step", symbol.root.step)
        if symbol.root.alter:
            _text(root, "root-alter", symbol.root.alter)
        _text(harmony, "kind", symbol.kind)
        _added(harmony, symbol)
        offset = round(chord.start * STEPS_PER_BEAT) - bar * STEPS_PER_BAR
        if offset:
            _text(harmony, "offset", offset)

    def _note(self, measure: ET.Element, piece: Written) -> None:
        pitches: tuple[int | None, ...] = piece.event.pitches if piece.event else (None,)
        for index, pitch in enumerate(pitches):
            note = ET.SubElement(measure, "note")
            if index:
                ET.SubElement(note, "chord")
            self._pitch(note, pitch)
            _text(note, "duration", piece.length)
            ties = _ties(piece) if pitch is not None else ()
            for tie in ties:
                ET.SubElement(note, "tie", type=tie)
            _text(note, "voice", 1)
            kind, dots = _TYPES[piece.length]
            _text(note, "type", kind)
            for _ in range(dots):
                ET.SubElement(note, "dot")
            if ties:
                notations = ET.SubElement(note, "notations")
                for tie in ties:
                    ET.SubElement(notations, "tied", type=tie)
            self._lyric(note, piece)

    def _pitch(self, note: ET.Element, pitch: int | None) -> None:
        if pitch is None:
            ET.SubElement(note, "rest")
            return
        spelled = spell(pitch % 12, self._signature)
        element = ET.SubElement(note, "pitch")
        _text(element, "step", spelled.step)
        if spelled.alter:
            _text(element, "alter", spelled.alter)
        _text(element, "octave", octave(pitch, spelled))

    def _lyric(self, note: ET.Element, piece: Written) -> None:
        if piece.event is None or not piece.begins or piece.event.note is None:
            return
        syllable = self._syllables.get(piece.event.note)
        if syllable is not None:
            lyric = ET.SubElement(note, "lyric", number="1")
            _text(lyric, "syllabic", syllable.place)
            _text(lyric, "text", syllable.text)


def _syllables(lines: Sequence[LyricLine]) -> dict[int, _Syllable]:
    """Each note's syllable with its place in the word."""
    found = {}
    for line in lines:
        words = [s.word for s in line.syllables]
        for index, syllable in enumerate(line.syllables):
            first = index == 0 or words[index - 1] != syllable.word
            last = index == len(words) - 1 or words[index + 1] != syllable.word
            place = {(True, True): "single", (True, False): "begin", (False, True): "end"}
            found[syllable.note] = _Syllable(
                _clean(syllable.text), place.get((first, last), "middle")
            )
    return found


def _ties(piece: Written) -> tuple[str, ...]:
    return tuple(
        tie for tie, held in (("stop", not piece.begins), ("start", not piece.ends)) if held
    )


def _added(harmony: ET.Element, symbol: ChordSymbol) -> None:
    if symbol.added_ninth:
        degree = ET.SubElement(harmony, "degree")
        _text(degree, "degree-value", 9)
        _text(degree, "degree-alter", 0)
        _text(degree, "degree-type", "add")


def _direction(measure: ET.Element, kind: str, text: str) -> None:
    direction = ET.SubElement(measure, "direction", placement="above")
    _text(ET.SubElement(direction, "direction-type"), kind, _clean(text))


def _text(parent: ET.Element, name: str, value: str | int) -> None:
    ET.SubElement(parent, name).text = str(value)


def _clean(text: str) -> str:
    """Without the control characters that XML forbids."""
    return "".join(
        c for c in text if c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff"
    )
