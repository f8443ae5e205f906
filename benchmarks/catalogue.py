"""Make and judge a catalogue: `python -m benchmarks catalogue [--packs ... --seeds 5]`.

Every song is composed, sung and rendered as the label does it: scores are written until their
gates pass, and a song that fails is re-mixed, at most twice, aiming at what failed. Songs stay in
a scratch folder and are not made again; `--markdown FILE` writes the tables.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from pydantic import BaseModel

from agents.critic import critique
from benchmarks.voice_songs import titles, words_of
from domain.genre import GenrePack
from domain.quality import QualityReport
from domain.score import Score, SongBrief
from domain.singer import Singer
from media.analysis import fingerprint, mono, spectral_centroid_hz, tempos_bpm
from media.encode import decode
from media.files import write_atomically
from media.gates.audio import check_audio
from media.passing import TRIES, Composed, compose_passing
from media.song import RenderedSong, render_song
from media.soundfont import prepare as prepare_soundfont
from media.structure import border_scores, chance_f1, find_borders, section_borders
from media.voice.measure import f0_share_within
from media.voice.model import prepare as prepare_voice
from packs import SOUND_FONT, load_pack, pack_ids
from packs.singers import choose_singer

REVISIONS = 2
SEED_STEP = 1000
BEATS_PER_BAR = 4
SCRATCH = Path(tempfile.gettempdir()) / "greenroom-catalogue"
MADE = "made.json"
# Kept for the diversity benchmark; the rest of a song is large and can be made again.
KEPT = ("song.mp3", "score.json", "fingerprint.bin", MADE)


class Borders(BaseModel):
    """What the structure analyser found, and what guessing would have earned."""

    found: int
    written: int
    hits: int
    chance_f1: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2.0 * self.hits / max(1, self.found + self.written)


class Made(BaseModel):
    """One song of the catalogue and what was measured on it."""

    pack: str
    seed: int
    singer: str | None
    seconds: float
    passed: int
    failed: dict[str, str]
    repairs: tuple[str, ...]
    lufs: float
    range_lu: float
    true_peak_dbtp: float
    centroid_hz: float
    tempo_error: float
    in_tune: float | None
    borders: Borders
    compose_s: float
    render_s: float
    gates_s: float


@dataclass(frozen=True)
class Studio:
    """Where songs are made, and with which parts."""

    scratch: Path
    soundfont: Path
    voice: Path | None

    def folder(self, pack_id: str, seed: int) -> Path:
        """The folder of one song; sung and unsung ones do not mix."""
        kind = "sung" if self.voice else "played"
        return self.scratch / kind / f"{pack_id}-{seed}"

    def earlier(self, pack_id: str, seed: int) -> list[Path]:
        """Folders of the same pack's songs with lower seeds."""
        folders = (self.folder(pack_id, before) for before in range(1, seed))
        return [folder for folder in folders if (folder / MADE).exists()]


def made(folder: Path) -> Made | None:
    """A song made before, if it is there."""
    path = folder / MADE
    return Made.model_validate_json(path.read_bytes()) if path.exists() else None


def make(studio: Studio, pack_id: str, seed: int) -> Made:
    """Make one song, or read what was measured when it was made."""
    folder = studio.folder(pack_id, seed)
    if before := made(folder):
        return before
    pack = load_pack(pack_id)
    singer = choose_singer(seed, pack) if studio.voice and pack.vocal.sung else None
    earlier = studio.earlier(pack_id, seed)
    scores = [Score.model_validate_json((f / "score.json").read_bytes()) for f in earlier]
    started = time.process_time()
    brief = SongBrief(
        title=titles()[(seed - 1) % len(titles())], pack_id=pack_id, seed=seed,
        lyrics=words_of(seed - 1), singer=singer,
    )  # fmt: skip
    marks = [(f / "fingerprint.bin").read_bytes() for f in earlier]
    take = _until_it_passes(_Order(studio, brief, pack, singer, folder, scores, marks))
    done = time.process_time()
    result = _measured(
        take.song, take.composed.score, (take.composed.report, take.report),
        pack=pack_id, seed=seed, singer=singer.id if singer else None, repairs=take.tried,
        compose_s=take.compose_s, gates_s=take.gates_s,
        render_s=done - started - take.compose_s - take.gates_s,
    )  # fmt: skip
    write_atomically(folder / "fingerprint.bin", fingerprint(take.song.flac))
    write_atomically(folder / MADE, result.model_dump_json(indent=1).encode())
    _tidy(folder)
    return result


@dataclass(frozen=True)
class _Order:
    """Everything a song is made from, whatever is repaired on the way."""

    studio: Studio
    brief: SongBrief
    pack: GenrePack
    singer: Singer | None
    folder: Path
    scores: Sequence[Score]
    marks: Sequence[bytes]

    def compose(self, revision: int) -> Composed:
        """Another score for each revision."""
        first = revision * TRIES
        return compose_passing(
            self.brief, self.pack, lambda n: self.brief.seed + SEED_STEP * (first + n),
            earlier=self.scores,
        )  # fmt: skip

    def render(self, score: Score, mix: int, repair: Sequence[str]) -> RenderedSong:
        """One mix of a score."""
        return render_song(
            score, self.pack, self.folder, self.studio.soundfont, singer=self.singer,
            voice_model=self.studio.voice if self.singer else None, mix_take=mix, repair=repair,
        )  # fmt: skip


@dataclass(frozen=True)
class _Take:
    """The song that was kept, the repairs it took, and the CPU seconds of all takes."""

    composed: Composed
    song: RenderedSong
    report: QualityReport
    tried: tuple[str, ...]
    compose_s: float
    gates_s: float


def _until_it_passes(order: _Order) -> _Take:
    """Render, judge and repair as an artist's cycle does, with as many revisions."""
    compose_s = gates_s = 0.0
    tried: list[str] = []
    repair: tuple[str, ...] = ()
    mix, composed = 0, None
    while True:
        began = time.process_time()
        composed = composed or order.compose(len(tried))
        composed_at = time.process_time()
        song = order.render(composed.score, mix, repair)
        rendered_at = time.process_time()
        report = _judged(song, composed.score, order.pack, order.marks)
        compose_s += composed_at - began
        gates_s += time.process_time() - rendered_at
        verdict = critique(
            (composed.report, report), revisions_done=len(tried), revisions_allowed=REVISIONS,
            tried=tried,
        )  # fmt: skip
        if verdict.decision != "revise" or verdict.redo is None:
            return _Take(composed, song, report, tuple(tried), compose_s, gates_s)
        # The words stay: what only other words would mend gets another score.
        tried.append("mix" if verdict.redo == "mix" else "score")
        if verdict.redo == "mix":
            mix, repair = mix + 1, tuple(gate.gate for gate in report.failures)
        else:
            composed, mix, repair = None, 0, ()


def _judged(
    song: RenderedSong, score: Score, pack: GenrePack, marks: Sequence[bytes]
) -> QualityReport:
    voice = decode(song.voice) if song.voice else None
    return check_audio(
        song.flac, song.mp3, score, pack, ogg=song.ogg,
        dry_vocal=voice[0] if voice else None,
        vocal_rate_hz=voice[1] if voice else song.sample_rate_hz,
        earlier_fingerprints=marks,
    )  # fmt: skip


def _measured(
    song: RenderedSong, score: Score, reports: Sequence[QualityReport], **known: object
) -> Made:
    sound, rate = decode(song.flac)
    signal = mono(sound, rate)
    gates = [gate for report in reports for gate in report.gates]
    voice = decode(song.voice) if song.voice else None
    return Made.model_validate(
        {
            **known,
            "seconds": song.duration_s,
            "passed": sum(gate.verdict == "pass" for gate in gates),
            "failed": {gate.gate: gate.reason for gate in gates if gate.verdict == "fail"},
            "lufs": song.integrated_lufs,
            "range_lu": song.loudness_range_lu,
            "true_peak_dbtp": max(
                song.true_peak_dbtp, song.mp3_true_peak_dbtp, song.ogg_true_peak_dbtp
            ),
            "centroid_hz": spectral_centroid_hz(signal),
            "tempo_error": _tempo_error(tempos_bpm(signal), score.tempo_bpm),
            "in_tune": f0_share_within(*voice, score) if voice else None,
            "borders": _borders(find_borders(sound, rate), score),
        }
    )


def _tempo_error(found: Sequence[float], tempo_bpm: float) -> float:
    return min((abs(t * f / tempo_bpm - 1) for t in found for f in (0.5, 1, 2)), default=1.0)


def _borders(found: Sequence[float], score: Score) -> Borders:
    true, bar_s = section_borders(score), score.seconds(BEATS_PER_BAR)
    scores = border_scores(found, true, bar_s)
    bars = round(score.beats / BEATS_PER_BAR)
    return Borders(
        found=len(found), written=len(true), hits=round(scores.recall * len(true)),
        chance_f1=chance_f1(len(found), true, bar_s, bar_s=bar_s, bars=bars),
    )  # fmt: skip


def _tidy(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in KEPT:
            path.unlink()


def tables(songs: Sequence[Made]) -> str:
    """All songs, the summary and the structure analyser's figures as Markdown."""
    return "\n\n".join((_summary(songs), _structure(songs), _songs(songs)))


def markdown(heading: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as Markdown."""
    lines = [" | ".join(columns), " | ".join(["---"] + ["--:"] * (len(columns) - 1))]
    lines += [" | ".join(row) for row in rows]
    return "\n".join([f"### {heading}", "", *(f"| {line} |" for line in lines)])


def _span(values: Sequence[float], decimals: int) -> str:
    low, high = f"{min(values):.{decimals}f}", f"{max(values):.{decimals}f}"
    return low if low == high else f"{low} to {high}"


def _summary(songs: Sequence[Made]) -> str:
    rows = []
    for pack in sorted({song.pack for song in songs}):
        own = [song for song in songs if song.pack == pack]
        tunes = [song.in_tune for song in own if song.in_tune is not None]
        rows.append(
            (
                pack,
                f"{sum(not song.failed for song in own)} of {len(own)}",
                f"{sum(not song.failed and not song.repairs for song in own)}",
                _span([song.seconds for song in own], 0),
                _span([song.lufs for song in own], 1),
                _span([song.range_lu for song in own], 1),
                f"{max(song.true_peak_dbtp for song in own):.1f}",
                _span([song.centroid_hz for song in own], 0),
                f"{100 * max(song.tempo_error for song in own):.2f}",
                f"{100 * min(tunes):.1f}" if tunes else "–",
                _span([song.render_s / (1 + len(song.repairs)) for song in own], 0),
                _span([song.gates_s / (1 + len(song.repairs)) for song in own], 1),
            )
        )
    columns = (
        "pack", "pass all gates", "at once", "length s", "LUFS", "LRA LU", "highest dBTP",
        "centroid Hz", "worst tempo error %", "least in tune %", "CPU s a take", "CPU s gates",
    )  # fmt: skip
    return markdown("Packs", columns, rows)


def _structure(songs: Sequence[Made]) -> str:
    rows = []
    groups = [
        (pack, [s for s in songs if s.pack == pack]) for pack in sorted({s.pack for s in songs})
    ]
    for name, own in (*groups, ("all", list(songs))):
        hits = sum(song.borders.hits for song in own)
        found = sum(song.borders.found for song in own)
        written = sum(song.borders.written for song in own)
        chance = mean(song.borders.chance_f1 for song in own)
        cells = (hits / max(1, found), hits / max(1, written), 2 * hits / max(1, found + written))
        rows.append(
            (
                name,
                f"{written}",
                f"{found}",
                f"{hits}",
                *(f"{c:.2f}" for c in cells),
                f"{chance:.2f}",
            )
        )
    columns = ("pack", "written", "found", "hits", "precision", "recall", "F1", "F1 of guessing")
    return markdown("Section borders, heard within a bar", columns, rows)


def _songs(songs: Sequence[Made]) -> str:
    rows = [
        (
            f"{s.pack} {s.seed}", s.singer or "–", f"{s.passed}",
            ", ".join(s.failed) or "none", ", ".join(s.repairs) or "none", f"{s.lufs:.1f}",
            f"{s.range_lu:.1f}", f"{s.true_peak_dbtp:.1f}", f"{s.centroid_hz:.0f}",
            f"{100 * s.tempo_error:.2f}", f"{s.borders.f1:.2f}", f"{s.borders.chance_f1:.2f}",
            f"{s.compose_s:.1f}", f"{s.render_s:.0f}", f"{s.gates_s:.1f}",
        )
        for s in songs
    ]  # fmt: skip
    columns = (
        "song", "singer", "pass", "fail", "repairs", "LUFS", "LRA", "dBTP", "centroid",
        "tempo error %", "structure F1", "guessing", "compose s", "render s", "gates s",
    )  # fmt: skip
    return markdown("Songs", columns, rows)


def arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The options that both catalogue benchmarks share."""
    parser.add_argument("--scratch", type=Path, default=SCRATCH, help="where songs stay")
    parser.add_argument("--played", action="store_true", help="an instrument carries the melody")
    parser.add_argument("--markdown", type=Path, help="also write the tables to this file")
    return parser


def studio_for(options: argparse.Namespace) -> Studio:
    """Prepare sound font and voice."""
    parts = options.scratch / "parts"
    voice = None if options.played else prepare_voice(parts)
    return Studio(options.scratch, prepare_soundfont(SOUND_FONT, parts), voice)


def main() -> int:
    """Make what is missing and print the tables; 1 when a song fails a gate."""
    parser = arguments(argparse.ArgumentParser(description=__doc__))
    parser.add_argument("--packs", nargs="+", default=list(pack_ids()), choices=pack_ids())
    parser.add_argument("--seeds", type=int, default=5, help="songs a pack")
    options = parser.parse_args()
    studio = studio_for(options)
    songs = []
    for seed in range(1, options.seeds + 1):
        for pack_id in options.packs:
            song = make(studio, pack_id, seed)
            songs.append(song)
            print(
                f"{pack_id} {seed}: {', '.join(song.failed) or 'passes'}",
                file=sys.stderr,
                flush=True,
            )
    songs.sort(key=lambda song: (song.pack, song.seed))
    text = tables(songs)
    print(text)
    if options.markdown:
        write_atomically(options.markdown, text.encode() + b"\n")
    return 1 if any(song.failed for song in songs) else 0


if __name__ == "__main__":
    sys.exit(main())
