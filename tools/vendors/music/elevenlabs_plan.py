"""A composition plan for ElevenLabs Music v2: chunks in the order of our sections."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from domain.errors import ProviderInputInvalid
from domain.requests import MusicAsk
from domain.score import BEATS_PER_BAR, LyricSection, Score, Section
from tools.vendors.music.asks import heading, style_tags
from tools.vendors.transport import Json

# Limits as the SDK's `GenerationChunkInput` documents them.
SHORTEST_MS, LONGEST_MS = 3_000, 120_000
LINES_MAX, LINE_CHARS_MAX = 30, 200
CHUNKS_MAX = 30
SONG_MAX_MS = 600_000
LINE_MS = 3_500
STYLES_MAX = 20
STYLE_CHARS_MAX = 200
CALM, LOUD = 0.35, 0.7


@dataclass(frozen=True)
class Part:
    """One section with its words, not yet within the limits."""

    name: str
    lines: tuple[str, ...]
    ms: float
    energy: float


def composition_plan(ask: MusicAsk, score: Score) -> Json:
    """The plan as `CompositionPlan` takes it; the sections last as long as in the score."""
    parts = [piece for part in _parts(ask, score) for piece in _pieces(part)]
    if len(parts) > CHUNKS_MAX:
        raise ProviderInputInvalid(
            f"the song has {len(parts)} sections, {CHUNKS_MAX} are taken", field="lyrics"
        )
    lengths = _lengths(parts)
    chunks = [
        _chunk(part, ms, ask, first=n == 0)
        for n, (part, ms) in enumerate(zip(parts, lengths, strict=True))
    ]
    return {"chunks": chunks}


def _parts(ask: MusicAsk, score: Score) -> list[Part]:
    """The score's sections, each with the words the composer would give it."""
    parts = [_part(section, ask, score) for section in score.sections]
    left = [
        Part(heading(words), words.lines, LINE_MS * len(words.lines), 0.5)
        for words in _homeless(ask, score)
    ]
    # Words that no section takes are sung before a wordless ending.
    at = len(parts) if parts[-1].lines else len(parts) - 1
    return parts[:at] + left + parts[at:]


def _part(section: Section, ask: MusicAsk, score: Score) -> Part:
    matching = [w for w in ask.lyrics if w.section.lower() == section.name.lower()]
    lines = matching[min(section.occurrence, len(matching)) - 1].lines if matching else ()
    name = heading(LyricSection(section=section.name, lines=("-",)))
    ms = score.seconds(section.bars * BEATS_PER_BAR) * 1000
    return Part(f"{name} {section.occurrence}", lines, ms, max(section.energy, section.energy_end))


def _homeless(ask: MusicAsk, score: Score) -> list[LyricSection]:
    """Words for more sections of a name than the form has."""
    room = Counter(section.name.lower() for section in score.sections)
    left = []
    for words in ask.lyrics:
        room[words.section.lower()] -= 1
        if room[words.section.lower()] < 0:
            left.append(words)
    return left


def _pieces(part: Part) -> list[Part]:
    """Cut what has too many lines or lasts too long."""
    for line in part.lines:
        if len(line) > LINE_CHARS_MAX:
            raise ProviderInputInvalid(
                f"a line has {len(line)} characters, {LINE_CHARS_MAX} are taken", field="lyrics"
            )
    count = max(-(-len(part.lines) // LINES_MAX), -(-int(part.ms) // LONGEST_MS), 1)
    size = -(-len(part.lines) // count)
    return [
        replace(part, lines=part.lines[n * size : (n + 1) * size], ms=part.ms / count)
        for n in range(count)
    ]


def _lengths(parts: list[Part]) -> list[int]:
    """Milliseconds within the limits of a chunk and of the song."""
    total = sum(part.ms for part in parts)
    scale = min(1.0, SONG_MAX_MS / total) if total else 1.0
    lengths = [min(LONGEST_MS, max(SHORTEST_MS, round(part.ms * scale))) for part in parts]
    if sum(lengths) > SONG_MAX_MS + len(lengths):
        raise ProviderInputInvalid("the song is longer than ten minutes", field="duration_s")
    return lengths


def _chunk(part: Part, ms: int, ask: MusicAsk, *, first: bool) -> Json:
    tags = style_tags(ask)[:STYLES_MAX] if first else []
    styles = [tag[:STYLE_CHARS_MAX] for tag in tags]
    styles.append(_drive(part.energy))
    sings = bool(part.lines) and not ask.instrumental
    if sings:
        styles.append("clear lead vocal")
        if ask.language != "en":
            styles.append(f"sung in the language {ask.language!r}")
    else:
        styles.append("instrumental")
    return {
        "text": "\n".join([f"[{part.name}]", *(part.lines if sings else ())]),
        "duration_ms": ms,
        "positive_styles": styles,
        "negative_styles": [] if sings else ["vocals", "singing"],
        "context_adherence": "high",
    }


def _drive(energy: float) -> str:
    if energy < CALM:
        return "sparse and calm"
    return "full and energetic" if energy > LOUD else "steady groove"
