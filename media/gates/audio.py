"""All gates on a finished song; they read only the decoded files and the dry voice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from domain.genre import GenrePack
from domain.quality import GateResult, QualityReport, not_applicable
from domain.score import Score
from media.gates.balance import check_balance
from media.gates.heard import Heard
from media.gates.hearing import check_hearing
from media.gates.levels import check_levels
from media.gates.likeness import check_originality
from media.gates.vocal import WordError, check_vocal
from media.sound import SAMPLE_RATE_HZ, Sound
from media.tags import SongTags, read_tags


def check_audio(
    flac: Path, mp3: Path, score: Score, pack: GenrePack, *,
    ogg: Path | None = None,
    dry_vocal: Sound | None = None,
    vocal_rate_hz: int = SAMPLE_RATE_HZ,
    word_error: WordError | None = None,
    expected_tags: SongTags | None = None,
    earlier_fingerprints: Sequence[bytes] = (),
) -> QualityReport:  # fmt: skip
    """Judge the deliverables against the score's promises and the pack's ranges.

    `dry_vocal` is the lead voice alone on the song's time line, None when nobody sings;
    `word_error` is a listener for it. Earlier fingerprints are the own catalogue.
    """
    heard = Heard.of(flac)
    files = tuple(path for path in (flac, mp3, ogg) if path is not None)
    gates = (
        *check_levels(heard, mp3, ogg, pack),
        *check_hearing(heard, score, pack),
        *check_vocal(dry_vocal, vocal_rate_hz, score, pack, word_error),
        check_balance(heard, dry_vocal, vocal_rate_hz, score, pack),
        _tags(files, expected_tags),
        check_originality(heard, earlier_fingerprints, pack),
    )
    return QualityReport(subject="audio", gates=gates)


def _tags(paths: Sequence[Path], expected: SongTags | None) -> GateResult:
    if expected is None:
        return not_applicable("tags", "the files are not tagged yet")
    return check_tags(paths, expected)


def check_tags(paths: Sequence[Path], expected: SongTags) -> GateResult:
    """Judge whether every file's tags read back as they were written."""
    wrong = []
    for path in paths:
        found = read_tags(path)
        wrong += [
            f"{path.suffix[1:]}.{name}"
            for name in type(expected).model_fields
            if getattr(found, name) != getattr(expected, name)
        ]
    reason = f"differs: {', '.join(wrong)}" if wrong else "all tags read back as written"
    verdict = "fail" if wrong else "pass"
    return GateResult(gate="tags", verdict=verdict, value=float(len(wrong)), high=0, reason=reason)
