"""What a song costs: `python -m benchmarks.music [PACK ...] [--seed N] [--seconds N] [--json]`.

Renders one song of 90 s three times, as a band alone, with a singer, and with doubles and
harmonies, each in a process of its own. Prints CPU seconds per stage beside FluidSynth rendering
the same MIDI file in the same run, and the peak of resident memory. Sound font and voice are made
ready beforehand, once for all songs.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from benchmarks.table import Column, Row, Table, print_tables
from domain.genre import Form, GenrePack
from domain.score import BriefOverrides, LyricSection, Score, SongBrief
from media.compose import compose
from media.encode import decode
from media.gates.audio import check_audio
from media.gates.score import check_score
from media.song import RenderedSong, render_song
from media.soundfont import prepare as prepare_soundfont
from media.voice.model import prepare as prepare_voice
from packs import SOUND_FONT, load_pack
from packs.singers import choose_singer

Variant = Literal["instrumental", "sung", "sung, doubles and harmonies"]
VARIANTS: tuple[Variant, ...] = ("instrumental", "sung", "sung, doubles and harmonies")
TARGETS_CPU_S: dict[Variant, float] = {
    "instrumental": 25.0, "sung": 45.0, "sung, doubles and harmonies": 60.0
}  # fmt: skip
GATES_TARGET_CPU_S, PEAK_TARGET_MB = 25.0, 1200
PACKS = ("synthwave", "indie-folk")
BASELINE = "FluidSynth, the same MIDI"
GATES = "gates (not in the total)"
STAGES = (
    "start and imports", "compose", "voice: lead", "voice: strip, doubles, harmony",
    "band: sound font", "band: synthesis", "mix", "master", "FLAC", "MP3", "OGG", "total", GATES,
)  # fmt: skip
_STAGE_OF = {"voice": "voice: lead", "flac": "FLAC", "mp3": "MP3", "ogg": "OGG"}
VERSE = (
    "I left my coat beside the water",
    "The gravel sang beneath my feet",
    "I wrote a letter to my daughter",
    "And folded it in Sunday's sheet",
)
CHORUS = (
    "The river keeps its patience",
    "And carries every name it knows",
    "I will mend the old foundations",
    "I will wait here for the snow",
)


class Task(BaseModel):
    """What one child renders and measures."""

    pack: str
    variant: Variant
    seed: int
    seconds: float
    work: Path


class Measured(BaseModel):
    """What the child found: CPU seconds by stage, and peaks of resident memory."""

    seconds: float
    stages: dict[str, float]
    peak_mb: float
    gates_peak_mb: float
    midi: Path
    failures: tuple[str, ...]


class Stages:
    """Collects CPU seconds between calls."""

    def __init__(self) -> None:
        self.cpu_s: dict[str, float] = {}
        self._name = "start and imports"
        self._since = 0.0

    def enter(self, name: str) -> None:
        """Close the stage before and open another."""
        now = time.process_time()
        self.cpu_s[self._name] = self.cpu_s.get(self._name, 0.0) + now - self._since
        self._name, self._since = name, now


def measure(task: Task) -> Measured:
    """Make one song in this process."""
    stages = Stages()
    stages.enter("compose")
    pack = _varied(load_pack(task.pack), task.variant)
    singer = None if task.variant == "instrumental" else choose_singer(task.seed, pack)
    brief = _brief(pack, task).model_copy(update={"singer": singer})
    score = compose(brief, pack)
    engines = {track.role: track.engine for track in score.tracks}

    def enter(stage: str, share: float) -> None:
        kind, _, name = stage.partition(" ")
        if kind == "stem":
            synthesised = engines[name] == "synth"
            stages.enter("band: synthesis" if synthesised else "band: sound font")
        elif kind == "voice" and name:
            stages.enter("voice: strip, doubles, harmony")
        else:
            stages.enter(_STAGE_OF.get(stage, stage))

    song = render_song(
        score, pack, task.work / f"{task.pack}-{VARIANTS.index(task.variant)}",
        prepare_soundfont(SOUND_FONT, task.work), enter, singer=singer,
        voice_model=prepare_voice(task.work) if singer else None,
    )  # fmt: skip
    rendered_mb = _peak_mb()
    stages.enter(GATES)
    failures = _judge(song, score, pack)
    stages.enter("end")
    cpu_s = stages.cpu_s
    cpu_s["total"] = sum(value for name, value in cpu_s.items() if name != GATES)
    return Measured(
        seconds=song.duration_s, stages=cpu_s, peak_mb=rendered_mb, gates_peak_mb=_peak_mb(),
        midi=song.midi, failures=failures,
    )  # fmt: skip


def _varied(pack: GenrePack, variant: Variant) -> GenrePack:
    if variant != "sung":
        return pack
    alone = pack.vocal.model_copy(update={"doubles_in": (), "harmonies_in": (), "vocoder": 0.0})
    return pack.model_copy(update={"vocal": alone})


def _brief(pack: GenrePack, task: Task) -> SongBrief:
    """A song of the pack's form that reaches the length at a tempo nearest the genre's middle."""
    middle = (pack.tempo_bpm.low + pack.tempo_bpm.high) / 2

    def tempo(form: Form) -> float:
        wanted = form.bars * 240.0 / task.seconds
        return min(pack.tempo_bpm.high, max(pack.tempo_bpm.low, wanted))

    def distance(form: Form) -> tuple[float, float]:
        length = form.bars * 240.0 / tempo(form)
        return abs(length - task.seconds), abs(tempo(form) - middle)

    form = min(pack.forms, key=distance)
    return SongBrief(
        title="Bench",
        pack_id=pack.id,
        seed=task.seed,
        lyrics=(
            LyricSection(section="verse", lines=VERSE),
            LyricSection(section="chorus", lines=CHORUS),
        ),
        overrides=BriefOverrides(form=form.sections, tempo_bpm=tempo(form)),
    )


def _judge(song: RenderedSong, score: Score, pack: GenrePack) -> tuple[str, ...]:
    voice = decode(song.voice) if song.voice else None
    reports = (
        check_score(score, pack),
        check_audio(
            song.flac, song.mp3, score, pack, ogg=song.ogg,
            dry_vocal=voice[0] if voice else None,
            vocal_rate_hz=voice[1] if voice else song.sample_rate_hz,
        ),
    )  # fmt: skip
    return tuple(f"{g.gate}: {g.reason}" for report in reports for g in report.failures)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_a_child(task: Task) -> Measured:
    """Measure in a process of its own, on one thread, so that CPU time means work."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.music", "--child", task.model_dump_json()],
        check=True, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    return Measured.model_validate_json(done.stdout)


def fluidsynth_cpu_s(midi: Path, sf2: Path) -> float | None:
    """CPU seconds of FluidSynth rendering a MIDI file; None where it is not installed."""
    program = shutil.which("fluidsynth")
    if program is None:
        return None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder) / "song.wav"
        subprocess.run(
            [program, "-q", "-n", "-i", "-r", "44100", "-F", str(wave), str(sf2), str(midi)],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def table(pack_id: str, found: dict[Variant, Measured], baseline_s: float | None) -> Table:
    """The stages of all variants, and how they stand to FluidSynth and to the targets."""
    rows = [
        Row(stage, tuple(m.stages.get(stage) for m in found.values()))
        for stage in STAGES
        if any(stage in m.stages for m in found.values())
    ]
    rows.append(Row(BASELINE, tuple(baseline_s for _ in found)))
    lengths = sorted({round(m.seconds) for m in found.values()})
    return Table(
        title=f"{pack_id}: CPU seconds of a song of {'/'.join(map(str, lengths))} s",
        columns=tuple(Column(f"{variant}, CPU s", 2, ratio=True) for variant in found),
        rows=tuple(rows),
        baseline=BASELINE,
        notes=(*_verdicts(found), *_absent(baseline_s)),
    )


def _verdicts(found: dict[Variant, Measured]) -> tuple[str, ...]:
    lines = []
    for variant, m in found.items():
        total, gates = m.stages["total"], m.stages[GATES]
        lines.append(
            f"{variant}: {total:.1f} CPU s (target {TARGETS_CPU_S[variant]:.0f}), gates "
            f"{gates:.1f} ({GATES_TARGET_CPU_S:.0f}), peak {m.peak_mb:.0f} MB "
            f"({PEAK_TARGET_MB}), with gates {m.gates_peak_mb:.0f} MB"
        )
        lines += [f"{variant}: gate failed, {failure}" for failure in m.failures]
    return tuple(lines)


def _absent(baseline_s: float | None) -> tuple[str, ...]:
    if baseline_s is not None:
        return ()
    return ("fluidsynth is not installed (apt-get install fluidsynth): no baseline was measured",)


def is_within(found: dict[Variant, Measured]) -> bool:
    """Whether every variant keeps its targets."""
    return all(
        m.stages["total"] <= TARGETS_CPU_S[variant]
        and m.stages[GATES] <= GATES_TARGET_CPU_S
        and m.peak_mb <= PEAK_TARGET_MB
        for variant, m in found.items()
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table per pack; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", nargs="*", default=PACKS, help="packs to measure")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=90.0, help="length wanted")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        print(measure(Task.model_validate(json.loads(options.child))).model_dump_json())
        return 0
    tables, kept = [], True
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        sf2 = prepare_soundfont(SOUND_FONT, work)
        prepare_voice(work)
        for pack_id in options.pack:
            found = _all_variants(pack_id, options.seed, options.seconds, work)
            baseline_s = fluidsynth_cpu_s(found["instrumental"].midi, sf2)
            tables.append(table(pack_id, found, baseline_s))
            kept = kept and is_within(found)
    print_tables(tables, as_json=options.json)
    return 0 if kept else 1


def _all_variants(
    pack_id: str, seed: int, seconds: float, work: Path
) -> dict[Variant, Measured]:  # fmt: skip
    tasks = [
        Task(pack=pack_id, variant=variant, seed=seed, seconds=seconds, work=work)
        for variant in VARIANTS
    ]
    return {task.variant: in_a_child(task) for task in tasks}


if __name__ == "__main__":
    sys.exit(main())
