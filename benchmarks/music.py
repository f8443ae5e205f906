"""Measure what a song costs per stage: `python -m benchmarks.music [PACK ...] [--seed N]`.

Prints CPU seconds and the peak of resident memory after each stage, for a full song.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

from domain.score import LyricSection, Score, SongBrief
from media.compose import compose
from media.gates.audio import check_audio
from media.gates.score import check_score
from media.song import render_song
from media.soundfont import prepare
from packs import SOUND_FONT, load_pack, pack_ids

LINES = (
    "I left my coat beside the water",
    "The gravel sang beneath my feet",
    "I wrote a letter to my daughter",
    "And folded it in Sunday's sheet",
)


class Stages:
    """Collects CPU seconds and peak memory between calls."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float]] = []
        self._name = "start"
        self._since = time.process_time()

    def enter(self, name: str, share: float = 0.0) -> None:
        """Close the stage before and open another."""
        now = time.process_time()
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.rows.append((self._name, now - self._since, peak_mb))
        self._name, self._since = name, now

    def table(self) -> str:
        """The rows as text, stages that took no time left out."""
        lines = [f"{'stage':24}{'CPU s':>8}{'peak MB':>10}"]
        lines += [f"{n:24}{s:8.2f}{m:10.0f}" for n, s, m in self.rows if s >= 0.005]
        total = sum(seconds for _, seconds, _ in self.rows)
        return "\n".join([*lines, f"{'total':24}{total:8.2f}"])


def measure(pack_id: str, seed: int, work: Path) -> tuple[Score, str]:
    """Make one full song and return its score and the table."""
    stages = Stages()
    pack = load_pack(pack_id)
    lyrics = tuple(LyricSection(section=name, lines=LINES) for name in ("verse", "chorus"))
    stages.enter("sound font")
    sf2 = prepare(SOUND_FONT, work)
    stages.enter("compose")
    score = compose(SongBrief(title="Bench", pack_id=pack_id, seed=seed, lyrics=lyrics), pack)
    stages.enter("score gates")
    check_score(score, pack)
    stages.enter("render")
    song = render_song(score, pack, work / pack_id, sf2, stages.enter)
    stages.enter("audio gates")
    check_audio(song.flac, song.mp3, score, pack)
    stages.enter("end")
    return score, stages.table()


def main() -> int:
    """Print a table per pack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", nargs="*", default=pack_ids(), help="packs to measure")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for pack_id in options.pack:
            score, table = measure(pack_id, options.seed, Path(folder))
            print(f"\n{pack_id}: {score.duration_s:.0f} s of music\n{table}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
