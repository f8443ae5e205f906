"""Scores as standard MIDI files."""

from __future__ import annotations

import io
from collections.abc import Sequence

import mido

from domain.score import Score, Track
from media.theory import is_minor

TICKS_PER_BEAT = 480
DRUM_CHANNEL = 9
_REVERB_SEND, _CHORUS_SEND = 91, 93


def score_to_midi(score: Score) -> bytes:
    """The whole score: tempo, key, sections as markers, words under the melody."""
    midi = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT)
    midi.tracks.append(_header(score))
    words = {s.note: s.text for line in score.lyrics for s in line.syllables}
    channels = [c for c in range(16) if c != DRUM_CHANNEL]
    melodic = 0
    for track in score.tracks:
        if track.part == "drums":
            channel = DRUM_CHANNEL
        else:
            channel, melodic = channels[melodic % len(channels)], melodic + 1
        midi.tracks.append(_track(track, channel, words if track.part == "vocal" else {}))
    return _bytes(midi)


def stem_to_midi(track: Track, tempo_bpm: float, end_beat: float) -> bytes:
    """One dry track for a sound font renderer, padded with silence up to `end_beat`."""
    midi = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT)
    tempo = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo_bpm))])
    channel = DRUM_CHANNEL if track.part == "drums" else 0
    notes = _track(track, channel, {})
    for control in (_REVERB_SEND, _CHORUS_SEND):
        notes.insert(0, mido.Message("control_change", channel=channel, control=control, value=0))
    played = sum(message.time for message in notes)
    rest = max(1, round(end_beat * TICKS_PER_BEAT) - played)
    notes.append(mido.MetaMessage("end_of_track", time=rest))
    midi.tracks += [tempo, notes]
    return _bytes(midi)


def _bytes(midi: mido.MidiFile) -> bytes:
    buffer = io.BytesIO()
    midi.save(file=buffer)
    return buffer.getvalue()


def _header(score: Score) -> mido.MidiTrack:
    key = {"D#": "Eb", "G#": "Ab", "A#": "Bb"}.get(score.key, score.key)
    if is_minor(score.mode):
        key = {"Db": "C#", "Eb": "D#", "Ab": "G#"}.get(key, key) + "m"
    elif key == "C#":
        key = "Db"
    messages = [
        (0, mido.MetaMessage("track_name", name=_latin(score.title))),
        (0, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(score.tempo_bpm))),
        (0, mido.MetaMessage("time_signature", numerator=4, denominator=4)),
        (0, mido.MetaMessage("key_signature", key=key)),
    ]
    messages += [
        (round(s.start * TICKS_PER_BEAT), mido.MetaMessage("marker", text=_latin(s.name)))
        for s in score.sections
    ]
    return _timed(messages)


def _track(track: Track, channel: int, words: dict[int, str]) -> mido.MidiTrack:
    first = [
        (0, mido.MetaMessage("track_name", name=_latin(track.role))),
        (0, mido.Message("program_change", channel=channel, program=track.program)),
    ]
    events: list[tuple[int, int, mido.Message | mido.MetaMessage]] = []
    for index, note in enumerate(track.notes):
        start = round(note.start * TICKS_PER_BEAT)
        end = max(start + 1, round((note.start + note.duration) * TICKS_PER_BEAT))
        if index in words:
            events.append((start, 1, mido.MetaMessage("lyrics", text=_latin(words[index]))))
        on = mido.Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity)
        events.append((start, 2, on))
        events.append((end, 0, mido.Message("note_off", channel=channel, note=note.pitch)))
    # At one tick, notes end before words and new notes begin.
    events.sort(key=lambda event: event[:2])
    return _timed([*first, *((tick, message) for tick, _, message in events)])


def _timed(messages: Sequence[tuple[int, mido.Message | mido.MetaMessage]]) -> mido.MidiTrack:
    track, last = mido.MidiTrack(), 0
    for tick, message in messages:
        track.append(message.copy(time=tick - last))
        last = tick
    return track


def _latin(text: str) -> str:
    """MIDI text is Latin-1; other characters become question marks."""
    return text.encode("latin-1", "replace").decode("latin-1")
