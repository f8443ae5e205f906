"""Gates on the score: what a theory teacher would mark, section by section where it matters."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from statistics import mean

from domain.genre import GenrePack
from domain.quality import GateResult, QualityReport, not_applicable
from domain.score import LyricLine, Note, Score, Section
from media.gates.likeness import check_melody_originality
from media.gates.ranges import judge
from media.lyrics.prosody import scan
from media.lyrics.words import STRESSED
from media.theory import scale_at

BEAT_TOLERANCE = 0.06
FULL_SONG_BARS = 16


def check_score(score: Score, pack: GenrePack, *, earlier: Sequence[Score] = ()) -> QualityReport:
    """Judge a score; `earlier` are the artist's own, whose melodies it may not repeat."""
    gates = (
        _scale(score, pack),
        *_melody(score, pack),
        _voice_leading(score, pack),
        *_words(score, pack),
        _recurrence(score, pack),
        _ranges(score, pack),
        _contrast(score, pack),
        _length(score, pack),
        check_melody_originality(score, earlier, pack),
    )
    return QualityReport(subject="score", gates=gates)


def _worst(values: Sequence[tuple[str, float]], pick: str = "min") -> tuple[str, float]:
    choose = min if pick == "min" else max
    return choose(values, key=lambda item: item[1])


def _by_section(score: Score, notes: Sequence[Note]) -> dict[str, list[Note]]:
    grouped: dict[str, list[Note]] = defaultdict(list)
    for note in notes:
        section = score.section_at(note.start + BEAT_TOLERANCE)
        grouped[f"{section.name} {section.occurrence}"].append(note)
    return grouped


def _scale(score: Score, pack: GenrePack) -> GateResult:
    """Every section is held to its own key; sung harmonies count like tracks."""
    pitched = [(n.start, n.pitch) for t in score.tracks if t.part != "drums" for n in t.notes]
    if score.vocal is not None:
        starts = [note.start for note in score.vocal.notes]
        pitched += [(starts[h.note], h.pitch) for h in score.vocal_harmony]
    if not pitched:
        return not_applicable("scale", "the song has no pitched notes")
    share = mean(_fits(score, start, pitch) for start, pitch in pitched)
    return judge(pack, "scale", share, "share of notes in the scale or in their chord")


def _fits(score: Score, start: float, pitch: int) -> bool:
    """In the scale, or a tone of a borrowed chord (which only counts as its own tone)."""
    beat = start + BEAT_TOLERANCE
    return pitch % 12 in scale_at(score, beat) or (pitch % 12 in score.chord_at(beat).pitch_classes)


def _melody(score: Score, pack: GenrePack) -> tuple[GateResult, ...]:
    names = ("chord_tones", "steps", "leap", "vocal_range")
    vocal = score.vocal
    if vocal is None or len(vocal.notes) < 4:
        return tuple(not_applicable(name, "the song has no melody to sing") for name in names)
    strong = {
        where: mean(_is_chord_tone(score, n) for n in notes)
        for where, found in _by_section(score, vocal.notes).items()
        if len(notes := [n for n in found if _on(n.start, 2.0)]) >= 2
    }
    moves = _moves(score, vocal.notes)
    pitches = [n.pitch for n in vocal.notes]
    where, share = _worst(list(strong.items())) if strong else ("the song", 1.0)
    return (
        judge(
            pack, "chord_tones", share, f"share of strong-beat melody notes in the chord ({where})"
        ),
        judge(pack, "steps", mean(m <= 2 for m in moves), "share of melody moves by step"),
        judge(pack, "leap", max(moves), "widest leap inside a line", "semitones"),
        judge(pack, "vocal_range", max(pitches) - min(pitches), "range of the melody", "semitones"),
    )


def _moves(score: Score, notes: Sequence[Note]) -> list[int]:
    """Intervals inside lines; songs without words count all neighbours closer than a beat."""
    runs = [[notes[s.note] for s in line.syllables] for line in score.lyrics] or [list(notes)]
    pairs = [(a, b) for run in runs for a, b in itertools.pairwise(run)]
    return [abs(b.pitch - a.pitch) for a, b in pairs if b.start - a.start < 4] or [0]


def _on(start: float, grid: float) -> bool:
    place = start % grid
    return min(place, grid - place) <= BEAT_TOLERANCE


def _is_chord_tone(score: Score, note: Note) -> bool:
    return note.pitch % 12 in score.chord_at(note.start + BEAT_TOLERANCE).pitch_classes


def _voice_leading(score: Score, pack: GenrePack) -> GateResult:
    moves = [
        mean(abs(x - y) for x, y in zip(a.voicing, b.voicing, strict=True))
        for a, b in zip(score.chords, score.chords[1:], strict=False)
        if len(a.voicing) == len(b.voicing)
    ]
    if not moves:
        return not_applicable("voice_leading", "the song has a single chord")
    return judge(pack, "voice_leading", mean(moves), "mean move of a chord voice", "semitones")


def _words(score: Score, pack: GenrePack) -> tuple[GateResult, GateResult]:
    if not score.lyrics or score.vocal is None:
        reason = "the song has no words"
        return not_applicable("stress", reason), not_applicable("syllables", reason)
    notes = score.vocal.notes
    stressed = [
        _on(notes[s.note].start, 1.0)
        for line in score.lyrics
        for s in line.syllables
        if s.stress == STRESSED
    ]
    aligned = mean(_is_aligned(line, notes) for line in score.lyrics)
    return (
        judge(pack, "stress", mean(stressed), "share of stressed syllables on a beat")
        if stressed
        else not_applicable("stress", "no syllable carries stress"),
        judge(pack, "syllables", aligned, "share of lines with one note per syllable, in order"),
    )


def _is_aligned(line: LyricLine, notes: Sequence[Note]) -> bool:
    expected = [s.text for s in scan(line.text)]
    places = [s.note for s in line.syllables]
    starts = [notes[p].start for p in places]
    return (
        [s.text for s in line.syllables] == expected
        and len(set(places)) == len(places)
        and all(a < b for a, b in itertools.pairwise(starts))
    )


def _recurrence(score: Score, pack: GenrePack) -> GateResult:
    gate = "chorus_recurrence"
    choruses = [(i, s) for i, s in enumerate(score.sections) if s.name == "chorus"]
    if len(choruses) < 2:
        return not_applicable(gate, "the form has fewer than two choruses")
    sung = [_sung(score, index, section) for index, section in choruses]
    texts = [tuple(line.text for line in lines) for lines, _ in sung]
    pairs = [
        _shared(sung[0][1], sung[i][1])
        for i in range(1, len(sung))
        if texts[i] == texts[0] and texts[0]
    ]
    if not pairs:
        return not_applicable(gate, "no two choruses have the same words")
    return judge(pack, gate, min(pairs), "share of the first chorus's notes that return")


def _sung(
    score: Score, index: int, section: Section
) -> tuple[list[LyricLine], set[tuple[float, int]]]:
    lines = [line for line in score.lyrics if line.section == index]
    notes = score.vocal.notes if score.vocal else ()
    return lines, {
        (
            round((notes[s.note].start - section.start) * 8),
            notes[s.note].pitch - section.transpose,
        )
        for line in lines
        for s in line.syllables
    }


def _shared(a: set[tuple[float, int]], b: set[tuple[float, int]]) -> float:
    return len(a & b) / max(1, len(a))


def _ranges(score: Score, pack: GenrePack) -> GateResult:
    inside = []
    for track in score.tracks:
        role = pack.roles.get(track.role)
        voice = next((v for v in role.voices if v.id == track.voice), None) if role else None
        if voice is not None:
            inside += [voice.low <= n.pitch <= voice.high for n in track.notes]
    if not inside:
        return not_applicable("instrument_range", "the score uses no instrument of the pack")
    return judge(pack, "instrument_range", mean(inside), "share of notes an instrument can play")


def _contrast(score: Score, pack: GenrePack) -> GateResult:
    if len({s.name for s in score.sections}) < 2:
        return not_applicable("energy_contrast", "the form has one kind of section")
    energies = [(s.energy + s.energy_end) / 2 for s in score.sections]
    what = "difference between the calmest and the fullest section"
    return judge(pack, "energy_contrast", max(energies) - min(energies), what)


def _length(score: Score, pack: GenrePack) -> GateResult:
    if sum(s.bars for s in score.sections) < FULL_SONG_BARS:
        return not_applicable("song_length", f"a sketch of fewer than {FULL_SONG_BARS} bars")
    return judge(pack, "song_length", score.duration_s, "length", "s")
