"""How much each measure of a line and of a song counts, in one place, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weight:
    """A factor; negative ones are faults. The unit of a line's score is one nat a token."""

    value: float
    why: str


LINE: dict[str, Weight] = {
    "fluency": Weight(1.0, "the model's own ear for plain English is the best single judge"),
    "fit": Weight(1.2, "a line of the wrong length is a melody of another length"),
    "metre": Weight(1.5, "stresses that take turns fall on beats; 0.1 is a misplaced syllable"),
    "rhyme": Weight(3.0, "a missed rhyme is heard by everybody; it must outweigh fluency"),
    "inside": Weight(0.2, "a rhyme inside a line is a gift, never a duty"),
    "scene": Weight(1.0, "songs drift from their scene; lines near its meaning keep it"),
    "open_end": Weight(0.4, "the last note is long, so its vowel should be easy to hold"),
    "smooth": Weight(0.4, "heaps of consonants are not understood when sung"),
    "own_words": Weight(0.3, "a word of the artist's vocabulary makes the line its own"),
    "original": Weight(1.0, "an artist should not sing its own phrases again"),
    "common": Weight(-1.2, "a line made of stock phrases says nothing; one such run may pass"),
    "worn": Weight(-0.5, "abstract words are a model's way out; each costs half a nat"),
    "tired": Weight(-0.5, "a word in its third line is heard as poverty"),
    "inner": Weight(-0.8, "a content word twice in one line sounds like a stutter"),
    "overlap": Weight(-3.0, "saying a line again wastes a line; half the words cost 1.5"),
    "same_start": Weight(-1.2, "lines that begin alike make a list, not a song"),
    "dangling": Weight(-1.5, "a line that ends on `of the` was broken off"),
    "person": Weight(-0.8, "a new person in every line is why small models' songs make no sense"),
    "tense": Weight(-0.4, "a change of tense may be meant, so it costs little"),
}
SONG: dict[str, Weight] = {
    "rhyme": Weight(2.0, "rhymes the scheme promised and the song keeps"),
    "metre": Weight(1.5, "how regularly stresses take turns within each stanza"),
    "length": Weight(1.0, "lines as long as the genre's melodies want them"),
    "hook": Weight(1.0, "the title in the chorus is what a listener looks for afterwards"),
    "fresh": Weight(1.0, "lines without stock phrases"),
    "distinct": Weight(1.0, "lines that do not say each other again"),
    "openings": Weight(0.7, "lines that begin differently"),
    "persons": Weight(0.8, "the same people act throughout"),
    "tense": Weight(0.5, "a stanza keeps its tense"),
    "contrast": Weight(0.7, "a chorus that differs from the verse in words and sound"),
    "singable": Weight(0.5, "open ends and few heaps of consonants"),
    "original": Weight(0.8, "phrases no earlier song has"),
}


def line_score(parts: dict[str, float]) -> float:
    """The weighted sum of a line's measures."""
    return sum(LINE[name].value * value for name, value in parts.items())


def song_score(parts: dict[str, float]) -> float:
    """The weighted mean of a song's measures, 0 to 1; measures that do not apply are left out."""
    total = sum(SONG[name].value for name in parts)
    return sum(SONG[name].value * value for name, value in parts.items()) / total if total else 0.0
