"""The arranger: for each role a voice, a part, and a feel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.genre import GenrePack, Part
from domain.score import Chord, Note, Track
from media.compose.arrange.bars import Stage, bars_of
from media.compose.arrange.feel import humanise, swing
from media.compose.arrange.harmony_parts import play_arp, play_chords, play_pick, play_strum
from media.compose.arrange.line_parts import play_answer, play_harmony, play_hook, play_vocal
from media.compose.arrange.rhythm_section import play_bass, play_drums
from media.compose.arrange.risers import play_risers
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
    plan: Plan, chords: Sequence[Chord], melody: Melody, pack: GenrePack, chooser: Chooser
) -> tuple[Track, ...]:
    """Let every role of the pack play; roles that never enter get no track."""
    bars = bars_of([placed.section for placed in plan.sections])
    tracks = []
    for role_id, role in pack.roles.items():
        voice = chooser.pick(
            f"voice:{role_id}", role.voices, [v.weight for v in role.voices], lambda v: v.id,
            "instruments of the genre",
        )  # fmt: skip
        stage = Stage(
            plan=plan, pack=pack, chords=chords, bars=bars, vocal=melody.notes,
            lines=melody.lines, chooser=chooser, role_id=role_id, role=role, voice=voice,
        )  # fmt: skip
        notes = swing(PARTS[role.part](stage), plan.swing, pack.swing)
        notes = humanise(notes, role, plan.tempo_bpm, stage.rng("feel"))
        if notes:
            tracks.append(
                Track(
                    role=role_id, part=role.part, voice=voice.id, engine=voice.engine,
                    program=voice.program, patch=voice.patch, notes=tuple(notes),
                )
            )  # fmt: skip
    return tuple(tracks)
