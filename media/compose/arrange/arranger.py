"""The arranger: for each role a voice, a part, and a feel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.genre import GenrePack, Part, Role, Voice
from domain.score import Chord, Note, SongBrief, Track
from media.compose.arrange.bars import Stage, bars_of
from media.compose.arrange.feel import humanise, swing
from media.compose.arrange.harmony_parts import play_arp, play_chords, play_pick, play_strum
from media.compose.arrange.line_parts import (
    octave_shift,
    play_answer,
    play_harmony,
    play_hook,
    play_vocal,
)
from media.compose.arrange.rhythm_section import play_bass, play_drums
from media.compose.arrange.risers import play_risers
from media.compose.arrange.stops import silenced, stops_of
from media.compose.arrange.timbre import mood_factor, tone_of
from media.compose.chooser import Chooser
from media.compose.melody import Melody
from media.compose.plan import Plan

PARTS: dict[Part, Callable[[Stage], list[Note]]] = {
    "drums": play_drums,
    "bass": play_bass,
    "chords": play_chords,
    "strum": play_strum,
    "pick": play_pick,
    "arp": play_arp,
    "vocal": play_vocal,
    "hook": play_hook,
    "answer": play_answer,
    "harmony": play_harmony,
    "riser": play_risers,
}


def arrange(
    plan: Plan, chords: Sequence[Chord], melody: Melody, pack: GenrePack, brief: SongBrief,
    chooser: Chooser,
) -> tuple[Track, ...]:  # fmt: skip
    """Let every role of the pack play; roles that never enter get no track."""
    bars = bars_of([placed.section for placed in plan.sections])
    stops = stops_of(plan, chooser)
    tracks = []
    for role_id, role in pack.roles.items():
        voice = _voice(role_id, role, plan, melody, brief, chooser)
        stage = Stage(
            plan=plan, pack=pack, chords=chords, bars=bars, vocal=melody.notes,
            lines=melody.lines, idea=melody.idea, mood=brief.mood, sung=brief.singer is not None,
            chooser=chooser, role_id=role_id, role=role, voice=voice,
        )  # fmt: skip
        notes = silenced(PARTS[role.part](stage), role.part, stops)
        notes = swing(notes, plan.swing, pack.swing)
        notes = humanise(notes, role, plan.tempo_bpm, stage.rng("feel"))
        if notes:
            singer = brief.singer if role.part == "vocal" else None
            tracks.append(
                Track(
                    role=role_id, part=role.part, voice=singer.id if singer else voice.id,
                    engine=voice.engine, program=voice.program, patch=voice.patch,
                    notes=tuple(notes),
                )
            )  # fmt: skip
    return tuple(tracks)


def _voice(
    role_id: str, role: Role, plan: Plan, melody: Melody, brief: SongBrief, chooser: Chooser
) -> Voice:
    """An instrument of the role, among those that can reach the melody where it plays it."""
    voices = role.voices
    if role.part == "vocal":
        voices = tuple(v for v in voices if octave_shift(melody.notes, v) is not None) or voices
    favours = plan.signature.favours(f"voice:{role_id}", [v.id for v in voices])
    weights = [
        v.weight * mood_factor(v, brief.mood) * favour
        for v, favour in zip(voices, favours, strict=True)
    ]
    reason = f"the mood leans {tone_of(brief.mood):+.2f} towards bright instruments"
    return chooser.pick(
        f"voice:{role_id}", voices, weights, lambda v: v.id, reason + plan.signature.note()
    )
