"""Songs of other generators: judged by sound, not by a score they never had."""

from __future__ import annotations

from domain.quality import QualityReport
from domain.requests import Told
from domain.score import Score
from media.analysis import fingerprint
from media.gates.foreign import check_foreign
from tests.media.gates.conftest import PACK, Rendered
from tests.media.gates.test_controls import ask_for


def _verdicts(report: QualityReport) -> dict[str, str]:
    return {gate.gate: gate.verdict for gate in report.gates}


def test_a_mastered_foreign_song_passes_and_says_what_cannot_be_judged(song: Rendered) -> None:
    ask = ask_for(song.score, song.score.duration_s)
    report = check_foreign(song.flac, song.mp3, song.ogg, ask, PACK)
    assert report.passed, [g.reason for g in report.failures]
    verdicts = _verdicts(report)
    assert verdicts["free_length"] == verdicts["loudness"] == "pass"
    for gate in ("structure", "words", "vocal_pitch", "melody_originality", "tempo", "key"):
        assert verdicts[gate] == "not_applicable"


def test_a_wish_in_words_is_noted_and_a_told_number_is_judged(song: Rendered) -> None:
    ask = ask_for(_elsewhere(song.score), song.score.duration_s)
    wished = check_foreign(song.flac, song.mp3, None, ask, PACK)
    assert wished.passed
    noted = {g.gate: g.reason for g in wished.gates}
    assert "104" in noted["tempo"]
    assert "heard" in noted["key"]
    told = check_foreign(song.flac, song.mp3, None, ask, PACK, told=("tempo", "key"))
    assert {g.gate for g in told.failures} == {"tempo", "key"}


def test_only_a_told_length_binds(song: Rendered) -> None:
    ask = ask_for(song.score, 0.6 * song.score.duration_s)
    assert check_foreign(song.flac, song.mp3, None, ask, PACK).passed
    length: tuple[Told, ...] = ("length",)
    bound = check_foreign(song.flac, song.mp3, None, ask, PACK, told=length)
    assert {g.gate for g in bound.failures} == {"asked_length"}


def test_a_foreign_song_may_not_repeat_the_own_catalogue(song: Rendered) -> None:
    ask = ask_for(song.score, song.score.duration_s)
    report = check_foreign(song.flac, song.mp3, None, ask, PACK, [fingerprint(song.flac)])
    assert {g.gate for g in report.failures} == {"originality"}


def _elsewhere(score: Score) -> Score:
    keys = {"A": "D#", "D": "G#", "E": "A#", "F#": "C", "B": "F", "C": "F#", "G": "C#"}
    return score.model_copy(update={"tempo_bpm": 77.0, "key": keys[score.key]})
