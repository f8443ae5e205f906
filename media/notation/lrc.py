"""Timed lyrics in the enhanced LRC form: a time for every line and for every word."""

from __future__ import annotations

from domain.score import LyricLine, Score
from media.lyrics.words import words_in

_HUNDREDTHS_PER_MINUTE = 6000


def score_to_lrc(score: Score, artist: str = "") -> str:
    """Write `[mm:ss.xx] <mm:ss.xx> word <mm:ss.xx> word ... <mm:ss.xx>`, one line a sung line.

    The time after the last word is the end of the line. Times never run backwards.
    """
    out = [f"[ti:{_plain(score.title)}]"]
    if artist:
        out.append(f"[ar:{_plain(artist)}]")
    out.append(f"[length:{_clock(_hundredths(score, score.beats))}]")
    last = 0
    for line in sorted(score.lyrics, key=lambda line: line.start):
        text, last = _line(score, line, last)
        out.append(text)
    return "\n".join(out) + "\n"


def _line(score: Score, line: LyricLine, earliest: int) -> tuple[str, int]:
    """One line, none of its times before `earliest`; returns its last time too."""
    starts = _word_starts(score, line)
    # A pickup sounds before the line's own downbeat.
    opened = max(earliest, min((_hundredths(score, line.start), *starts.values())))
    parts, now, word = [f"[{_clock(opened)}]"], opened, 0
    for token in _plain(line.text).split():
        # A token may hold two words ("well-worn") or none ("-"): its time is its first word's.
        count = len(words_in(token))
        time = next((starts[i] for i in range(word, word + count) if i in starts), None)
        word += count
        if time is not None:
            now = max(now, time)
            parts.append(f"<{_clock(now)}>")
        parts.append(token)
    closed = max(now, _hundredths(score, line.end))
    return " ".join([*parts, f"<{_clock(closed)}>"]), closed


def _word_starts(score: Score, line: LyricLine) -> dict[int, int]:
    """When each word's first syllable sounds."""
    notes = score.vocal.notes if score.vocal else ()
    starts: dict[int, int] = {}
    for syllable in line.syllables:
        starts.setdefault(syllable.word, _hundredths(score, notes[syllable.note].start))
    return starts


def _hundredths(score: Score, beat: float) -> int:
    return round(score.seconds(beat) * 100)


def _clock(hundredths: int) -> str:
    minutes, rest = divmod(hundredths, _HUNDREDTHS_PER_MINUTE)
    return f"{minutes:02d}:{rest // 100:02d}.{rest % 100:02d}"


def _plain(text: str) -> str:
    """One line, without the brackets that LRC reads as times."""
    return " ".join(text.translate(str.maketrans("[]<>", "()()")).split())
