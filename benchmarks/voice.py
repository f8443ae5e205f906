"""Measure the singer: `python -m benchmarks voice [--songs N] [--mix] [--harvest] [--json]`.

Songs go through all packs and seeds with words of our own. Dry word error is what Whisper-base
makes of the lead alone, mix word error of the finished song at the same places; F0 is the share of
voiced frames within 50 cents of the note, by DIO and, when asked for, by Harvest.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean

import soundfile

from benchmarks.hearing import Heard, Listener, prepare_listener, word_error
from benchmarks.table import Column, Row, Table, print_tables
from benchmarks.voice_songs import titles, words_of
from domain.genre import GenrePack
from domain.score import Score, SongBrief
from domain.singer import Singer
from media.compose import compose
from media.song import render_song
from media.sound import SAMPLE_RATE_HZ, Sound
from media.soundfont import prepare as prepare_soundfont
from media.voice.measure import f0_share_within
from media.voice.model import prepare as prepare_voice
from media.voice.sing import sing
from media.voice.timing import sung_notes
from packs import SOUND_FONT, load_pack, pack_ids
from packs.singers import choose_singer

MEAN = "mean"
LONGEST_STRETCH_S = 26.0
MARGIN_S = 0.6
MOST_DRY, MEAN_DRY, MEAN_MIX, LEAST_IN_TUNE = 0.30, 0.20, 0.45, 0.95
COLUMNS = (
    Column("word error dry", 2),
    Column("word error mix", 2),
    Column("F0 within 50 cents", 3),
    Column("same, harvest", 3),
    Column("words s", 0),
    Column("lead CPU s", 1),
    Column("all stems CPU s", 1),
    Column("stems", 0),
)


@dataclass(frozen=True)
class Stretch:
    """A part of a song that is listened to at once."""

    words: str
    start_s: float
    end_s: float

    def cut(self, sound: Sound, sample_rate_hz: int) -> Sound:
        """The stretch of a sound."""
        return sound[:, int(self.start_s * sample_rate_hz) : int(self.end_s * sample_rate_hz)]


@dataclass(frozen=True)
class Take:
    """One song with its singer."""

    name: str
    score: Score
    pack: GenrePack
    singer: Singer


def song(number: int) -> Take:
    """Song `number`: packs in turn, another seed and other words each time."""
    packs = pack_ids()
    pack = load_pack(packs[number % len(packs)])
    singer = choose_singer(number, pack)
    brief = SongBrief(
        title=titles()[number % len(titles())], pack_id=pack.id, seed=number,
        lyrics=words_of(number), singer=singer,
    )  # fmt: skip
    return Take(f"{number} {pack.id}, {singer.id}", compose(brief, pack), pack, singer)


def stretches(score: Score) -> Iterator[Stretch]:
    """Lines of a section heard together; what was sung before in the same words is left out."""
    open_stretch: Stretch | None = None
    section = -1
    known: set[str] = set()
    for line in score.lyrics:
        notes = sung_notes(score, line)
        if line.text in known or not notes:
            continue
        known.add(line.text)
        start, end = max(0.0, notes[0].start_s - MARGIN_S), notes[-1].end_s + MARGIN_S
        if (
            open_stretch
            and line.section == section
            and end - open_stretch.start_s < LONGEST_STRETCH_S
        ):
            words = f"{open_stretch.words} {line.text}"
            open_stretch = replace(open_stretch, words=words, end_s=end)
            continue
        if open_stretch:
            yield open_stretch
        open_stretch, section = Stretch(line.text, start, end), line.section
    if open_stretch:
        yield open_stretch


def heard_error(listener: Listener, score: Score, sound: Sound, rate_hz: int) -> float:
    """Word error of all stretches of a song."""
    return word_error(
        [Heard(s.words, listener.hear(s.cut(sound, rate_hz), rate_hz)) for s in stretches(score)]
    )


def sung_seconds(score: Score) -> float:
    """From first to last note, line by line."""
    spans = [sung_notes(score, line) for line in score.lyrics]
    return sum(notes[-1].end_s - notes[0].start_s for notes in spans if notes)


def measure(
    take: Take, listener: Listener, model: Path, mixed: float | None, *, harvest: bool
) -> Row:
    """One row of the table."""
    samples = int((take.score.duration_s + 4.0) * SAMPLE_RATE_HZ)
    since = time.process_time()
    stems = sing(take.score, take.pack, take.singer, model, samples, SAMPLE_RATE_HZ)
    lead = next(stems).sound
    lead_s = time.process_time() - since
    others = sum(1 for _ in stems)
    all_s = time.process_time() - since
    values = (
        heard_error(listener, take.score, lead, SAMPLE_RATE_HZ),
        mixed,
        f0_share_within(lead, SAMPLE_RATE_HZ, take.score),
        f0_share_within(lead, SAMPLE_RATE_HZ, take.score, tracker="harvest") if harvest else None,
        sung_seconds(take.score),
        lead_s,
        all_s,
        1.0 + others,
    )
    return Row(take.name, values)


def mix_error(take: Take, listener: Listener, model: Path, work: Path) -> float:
    """Word error in the finished song."""
    soundfont = prepare_soundfont(SOUND_FONT, work)
    made = render_song(
        take.score, take.pack, work / "song", soundfont, singer=take.singer, voice_model=model
    )
    sound, rate_hz = soundfile.read(made.flac, dtype="float32", always_2d=True)
    return heard_error(listener, take.score, sound.T, rate_hz)


def summary(rows: Sequence[Row]) -> Row:
    """Means of all columns that were measured."""
    columns = zip(*(row.values for row in rows), strict=True)
    return Row(MEAN, tuple(_mean([v for v in column if v is not None]) for column in columns))


def _mean(values: Sequence[float]) -> float | None:
    return mean(values) if values else None


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", type=int, default=10)
    parser.add_argument("--first", type=int, default=0, help="number of the first song")
    parser.add_argument("--mix", action="store_true", help="listen to the finished songs as well")
    parser.add_argument("--harvest", action="store_true", help="track the pitch a second way")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        model = prepare_voice(work)
        peak_mb = _voice_peak_mb(model)
        listener = Listener(prepare_listener(work))
        rows = []
        for number in range(options.first, options.first + options.songs):
            take = song(number)
            mixed = mix_error(take, listener, model, work) if options.mix else None
            rows.append(measure(take, listener, model, mixed, harvest=options.harvest))
            print(rows[-1].name, rows[-1].values, file=sys.stderr, flush=True)
    notes = (f"peak memory of the process after the first song was sung: {peak_mb:.0f} MB",)
    table = Table("The singer", COLUMNS, (*rows, summary(rows)), MEAN, notes)
    print_tables([table], as_json=options.json)
    missed = misses(rows)
    for miss in missed:
        print(miss, file=sys.stderr)
    return 1 if missed else 0


def misses(rows: Sequence[Row]) -> list[str]:
    """The targets that these songs miss, in words."""
    found = [
        f"{row.name}: dry word error {row.values[0]:.2f}, at most {MOST_DRY:g} is wanted"
        for row in rows
        if (row.values[0] or 0.0) > MOST_DRY
    ]
    found += [
        f"{row.name}: {row.values[2]:.3f} in tune, at least {LEAST_IN_TUNE:g} is wanted"
        for row in rows
        if (row.values[2] or 0.0) < LEAST_IN_TUNE
    ]
    means = summary(rows).values
    for value, most, what in ((means[0], MEAN_DRY, "dry"), (means[1], MEAN_MIX, "mix")):
        if value is not None and value > most:
            found.append(f"mean {what} word error {value:.2f}, at most {most:g} is wanted")
    return found


def _voice_peak_mb(model: Path) -> float:
    """Peak memory of singing one song, before the listener is loaded."""
    take = song(0)
    samples = int((take.score.duration_s + 4.0) * SAMPLE_RATE_HZ)
    for _ in sing(take.score, take.pack, take.singer, model, samples, SAMPLE_RATE_HZ):
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
