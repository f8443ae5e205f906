from itertools import pairwise
from xml.etree import ElementTree as ET

import music21
import pytest

from domain.genre import FormSection
from domain.score import BriefOverrides, Note, Score
from media.compose import compose
from media.notation.grid import WRITTEN_LENGTHS, Event, bars, melody_events, straight
from media.notation.musicxml import score_to_musicxml
from media.notation.spelling import Spelled, chord_symbol, fifths, octave, spell
from packs import load_pack
from tests.media.songs import full_brief, sketch_brief

FORM = (
    FormSection(name="verse", bars=2, energy=0.5, sung=True),
    FormSection(name="chorus", bars=4, energy=0.9, sung=True, transpose=2),
)


@pytest.fixture(scope="module")
def score() -> Score:
    brief = full_brief("synthwave").model_copy(update={"overrides": BriefOverrides(form=FORM)})
    return compose(brief, load_pack("synthwave"))


@pytest.fixture(scope="module")
def parsed(score: Score) -> music21.stream.Score:
    found = music21.converter.parseData(score_to_musicxml(score).decode(), format="musicxml")
    assert isinstance(found, music21.stream.Score)
    return found


def heads(part: music21.stream.Part) -> list[music21.note.Note]:
    """Notes as struck: the first of each tied group."""
    notes = part.recurse().getElementsByClass(music21.note.Note)
    return [n for n in notes if n.tie is None or n.tie.type == "start"]


def test_another_reader_finds_every_note_of_the_melody(
    score: Score, parsed: music21.stream.Score
) -> None:
    assert score.vocal is not None
    found = heads(parsed.parts[0])
    assert [n.pitch.midi for n in found] == [n.pitch for n in score.vocal.notes]
    starts = [n.getOffsetInHierarchy(parsed.parts[0]) for n in found]
    for start, note in zip(starts, score.vocal.notes, strict=True):
        assert start == pytest.approx(note.start, abs=0.13)


def test_another_reader_finds_words_in_syllables(
    score: Score, parsed: music21.stream.Score
) -> None:
    found = {
        index: (n.lyrics[0].text, n.lyrics[0].syllabic)
        for index, n in enumerate(heads(parsed.parts[0]))
        if n.lyrics
    }
    written = [s for line in score.lyrics for s in line.syllables]
    assert [text for text, _ in found.values()] == [s.text for s in written]
    places = [place for _, place in found.values()]
    assert {"single", "begin", "end"} <= set(places)
    # A word that has begun is ended before another begins.
    open_word = False
    for place in places:
        assert open_word == (place in ("middle", "end"))
        open_word = place in ("begin", "middle")
    assert not open_word


def test_bars_are_full_and_sections_marked(score: Score, parsed: music21.stream.Score) -> None:
    for part in parsed.parts:
        measures = part.getElementsByClass(music21.stream.Measure)
        assert len(measures) == score.beats / 4
        assert {m.duration.quarterLength for m in measures} == {4.0}
    marks = parsed.recurse().getElementsByClass(music21.expressions.RehearsalMark)
    assert [m.content for m in marks] == ["verse 1", "chorus 1"]
    tempo = parsed.recurse().getElementsByClass(music21.tempo.MetronomeMark)[0]
    assert tempo.number == score.tempo_bpm


def test_transposed_section_has_its_own_key(score: Score, parsed: music21.stream.Score) -> None:
    keys = parsed.parts[0].recurse().getElementsByClass(music21.key.KeySignature)
    expected = [fifths(score.key, score.mode), fifths(score.key, score.mode, 2)]
    assert [k.sharps for k in keys] == expected


def test_chord_symbols_have_the_chords_roots(score: Score, parsed: music21.stream.Score) -> None:
    symbols = parsed.parts[0].recurse().getElementsByClass(music21.harmony.ChordSymbol)
    assert [s.root().pitchClass for s in symbols] == [c.pitch_classes[0] for c in score.chords]
    places = [s.getOffsetInHierarchy(parsed.parts[0]) for s in symbols]
    assert places == [c.start for c in score.chords]


def test_sketch_of_swung_genre_is_readable() -> None:
    score = compose(sketch_brief("lofi"), load_pack("lofi"))
    tree = ET.fromstring(score_to_musicxml(score))
    assert len(tree.findall("part")) == 3


@pytest.mark.parametrize(
    ("key", "mode", "transpose", "sharps"),
    [("C", "ionian", 0, 0), ("A", "aeolian", 0, 0), ("D", "dorian", 0, 0), ("E", "ionian", 0, 4),
     ("F", "ionian", 0, -1), ("D#", "ionian", 0, -3), ("G", "mixolydian", 0, 0),
     ("A", "aeolian", 3, -3), ("F#", "ionian", 0, 6)],
)  # fmt: skip
def test_key_signatures(key: str, mode: str, transpose: int, sharps: int) -> None:
    assert fifths(key, mode, transpose) == sharps  # type: ignore[arg-type]


def test_spelling_keeps_the_sounding_pitch() -> None:
    natural = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
    for signature in range(-5, 7):
        for pitch in range(40, 90):
            spelled = spell(pitch % 12, signature)
            number = 12 * (octave(pitch, spelled) + 1) + natural[spelled.step] + spelled.alter
            assert number == pitch
    assert spell(10, -1) == Spelled("B", -1)
    assert spell(10, 5) == Spelled("A", 1)


def test_borrowed_chord_keeps_the_letter_of_its_degree(score: Score) -> None:
    flat_six = score.chords[0].model_copy(update={"degree": 5, "pitch_classes": (8, 0, 3)})
    assert chord_symbol(flat_six, "C", 0, 0).root == Spelled("A", -1)


def test_swing_is_written_straight() -> None:
    assert straight(0.5 + 0.3 * 0.5, 0.3) == pytest.approx(0.5)
    assert straight(0.65, 0.0) == 0.65
    assert straight(1.0, 0.3) == 1.0


def test_no_note_is_lost_when_two_round_to_one_step(score: Score) -> None:
    close = [
        Note(start=s, duration=0.1, pitch=60 + i, velocity=80)
        for i, s in enumerate((0.0, 0.1, 0.12, 3.95))
    ]
    events = melody_events(score, close)
    assert [e.start for e in events] == [0, 1, 2, 16]
    assert all(a.end <= b.start for a, b in pairwise(events))


def test_bars_hold_exactly_their_steps() -> None:
    events = [Event(3, 20, (60,)), Event(30, 5, (62,))]
    filled = list(bars(events, 3))
    assert [sum(piece.length for piece in bar) for bar in filled] == [16, 16, 16]
    assert all(piece.length in WRITTEN_LENGTHS for bar in filled for piece in bar)
    held = [piece for bar in filled for piece in bar if piece.event == events[0]]
    assert sum(piece.length for piece in held) == 20
    assert [piece.begins for piece in held].count(True) == 1
    assert [piece.ends for piece in held].count(True) == 1
