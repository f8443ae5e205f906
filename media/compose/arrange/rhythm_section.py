"""Drums and bass."""

from __future__ import annotations

from collections.abc import Iterator

from domain.genre import DRUMS, Groove
from domain.score import Note
from media.compose.arrange.bars import STEP_BEATS, Bar, Stage, density_weights, note, steps
from media.compose.arrange.grooves import VARIATIONS, hits, varied
from media.compose.sections import builds, trait
from media.theory import nearest

_ACCENTS = {"X": 1.0, "x": 0.82, "o": 0.6, "g": 0.36, "r": 0.62, "t": 0.58}
_ROLLS = {"r": 2, "t": 3}
_ROLL_SWELL = 0.12
_HIT_BEATS = 0.2
FILL_FROM_STEP = 8
WEIGHT = ("kick", "snare", "clap")
# The last two bars of a build, by their place from its end.
BUILD_ROLL = {-2: "o...o...o.o.o.o.", -1: "o.o.o.o.xxxxXXXX"}
BASS_LIFT_SEMITONES = 12


def play_drums(stage: Stage) -> list[Note]:
    """The groove by level, a fill into each new section, a crash on its first beat."""
    groove = _groove(stage)
    notes: list[Note] = []
    previous: Bar | None = None
    for bar in stage.playing():
        if bar.is_final:
            notes += _final_hit(stage, bar)
            continue
        arrives = bar.opens_section and bar.level == "full"
        if arrives or (previous is not None and bar.opens_section and bar.energy > previous.energy):
            notes.append(_hit(stage, bar, "crash", bar.start, 0.85))
        notes += _bar(stage, bar, groove)
        previous = bar
    return notes


def _groove(stage: Stage) -> Groove:
    """One of the pack's grooves with a variation of the song's own."""
    options = stage.pack.grooves
    favours = stage.plan.signature.favours("groove", [g.id for g in options])
    densities = density_weights([hits(g.main) for g in options], stage.mood)
    weights = [
        g.weight * favour * density
        for g, favour, density in zip(options, favours, densities, strict=True)
    ]
    reason = f"arousal {stage.mood.arousal:+.2f} weighs grooves by their density"
    groove = stage.chooser.pick(
        "groove", options, weights, lambda g: g.id, reason + stage.plan.signature.note()
    )
    how = stage.chooser.pick(
        "groove variation", tuple(VARIATIONS),
        stage.plan.signature.favours("groove variation", tuple(VARIATIONS)), str,
        "a song's own touch on the genre's groove" + stage.plan.signature.note(),
    )  # fmt: skip
    return varied(groove, how, stage.chooser.rng("groove variation:places"))


def _bar(stage: Stage, bar: Bar, groove: Groove) -> Iterator[Note]:
    fill = _fill(stage, bar, groove)
    for drum, symbols in _pattern(bar, groove).items():
        for start, symbol, _ in steps(_half(symbols, bar), bar):
            if fill is None or (start - bar.start) * 4 < FILL_FROM_STEP:
                yield from _strokes(stage, bar, drum, start, symbol)
    for drum, symbols in (fill or {}).items():
        for start, symbol, _ in steps(_half(symbols, bar), bar):
            place = (start - bar.start) * 4
            if place >= FILL_FROM_STEP:
                yield from _strokes(stage, bar, drum, start, symbol, 0.75 + 0.016 * place)


def _pattern(bar: Bar, groove: Groove) -> dict[str, str]:
    """The groove of the bar's level; a breakdown starts without its weight, a build rolls up."""
    pattern: dict[str, str] = getattr(groove, bar.level)
    name, bars = bar.section.name, bar.section.bars
    if trait(name).kind == "thin" and bar.index < bars // 2:
        return {drum: symbols for drum, symbols in pattern.items() if drum not in WEIGHT}
    if builds(name) and bars - bar.index <= 2:
        roll = BUILD_ROLL[bar.index - bars]
        return {**pattern, "snare": roll}
    return pattern


def _fill(stage: Stage, bar: Bar, groove: Groove) -> dict[str, str] | None:
    """A fill closes a section, and now and then a phrase of four bars."""
    if builds(bar.section.name) and bar.is_last_of_section:
        return None
    if bar.level == "light" and not bar.is_last_of_section:
        return None
    rng = stage.chooser.rng(f"fill:{bar.section.name}:{bar.section.occurrence}:{bar.index}")
    phrase_end = bar.index % 4 == 3 and rng.random() < 0.3
    return rng.choice(groove.fills) if bar.is_last_of_section or phrase_end else None


def _strokes(
    stage: Stage, bar: Bar, drum: str, start: float, symbol: str, accent: float = 1.0
) -> Iterator[Note]:
    """One hit, or a roll of two or three that swells inside its step."""
    count = _ROLLS.get(symbol, 1)
    for i in range(count):
        swell = 1.0 + _ROLL_SWELL * i
        at = start + i * STEP_BEATS / count
        yield _hit(stage, bar, drum, at, _ACCENTS[symbol] * accent * swell)


def _half(symbols: str, bar: Bar) -> str:
    offset = (bar.index % (len(symbols) // 16)) * 16
    return symbols[offset : offset + 16]


def _hit(stage: Stage, bar: Bar, drum: str, start: float, accent: float) -> Note:
    return note(start, _HIT_BEATS, DRUMS[drum], stage.velocity(bar, accent))


def _final_hit(stage: Stage, bar: Bar) -> list[Note]:
    if bar.level == "light":
        return [_hit(stage, bar, "kick", bar.start, 0.8)]
    return [_hit(stage, bar, "kick", bar.start, 1.0), _hit(stage, bar, "crash", bar.start, 0.8)]


def play_bass(stage: Stage) -> list[Note]:
    """Roots, fifths, octaves and approach notes, moving to the nearest root."""
    notes: list[Note] = []
    around = stage.voice.low + 7
    for bar in stage.playing():
        pattern = stage.pattern(bar)
        if bar.is_final:
            pattern = "R" + "-" * 15
        if pattern is None:
            continue
        if trait(bar.section.name).kind == "thin" and bar.level == "light":
            pattern = "R" + "-" * 15
        for start, symbol, duration in steps(pattern, bar):
            chord = stage.chord_at(start)
            root = nearest(chord.pitch_classes[0], around, stage.voice.low, stage.voice.low + 14)
            around = (root + stage.voice.low + 7) // 2
            accent = 1.0 if (start - bar.start) % 1 == 0 else 0.88
            pitch = _bass_pitch(stage, symbol, root, start)
            notes.append(note(start, duration * 0.94, pitch, stage.velocity(bar, accent)))
    return notes


def _bass_pitch(stage: Stage, symbol: str, root: int, start: float) -> int:
    chord = stage.chord_at(start)
    low, high = stage.voice.low, stage.voice.high
    if symbol == "o":
        return root + BASS_LIFT_SEMITONES if root + BASS_LIFT_SEMITONES <= high else root
    if symbol in "35":
        tone = chord.pitch_classes[1 if symbol == "3" else 2]
        return nearest(tone, root + 4, low, high)
    if symbol == "a":
        return _approach(stage, root, start)
    return root


def _approach(stage: Stage, root: int, start: float) -> int:
    """A scale step beside the next chord's root."""
    bar_end = (start // 4 + 1) * 4
    target = nearest(
        stage.chord_at(bar_end).pitch_classes[0], root, stage.voice.low, stage.voice.low + 14
    )
    steps_near = [
        p for p in (target - 2, target - 1, target + 1, target + 2)
        if p % 12 in stage.scale_at(start) and stage.voice.low <= p <= stage.voice.high
    ]  # fmt: skip
    return min(steps_near, key=lambda p: abs(p - root), default=root)
