"""What the audio gates share: fingerprints, excuses of a pack, and songs in several keys."""

from __future__ import annotations

import numpy as np
import pytest

from media.analysis import ANALYSIS_RATE_HZ, fingerprint, fingerprint_of, mono, similarity
from media.gates.audio import check_audio
from media.gates.hearing import home_parts
from tests.media.gates.conftest import PACK, Rendered
from tests.media.tones import RATE


def test_fingerprints_know_an_encoded_copy_from_other_sounds(song: Rendered) -> None:
    own = fingerprint(song.flac)
    assert len(own) < 8000
    assert similarity(own, own) == pytest.approx(1.0)
    assert similarity(own, fingerprint(song.mp3)) > 0.75
    backwards = np.ascontiguousarray(song.sound[:, ::-1])
    assert similarity(own, fingerprint_of(mono(backwards, RATE))) < 0.4


def test_a_pack_excuses_gates_in_its_own_words(song: Rendered) -> None:
    reasons = {"structure": "drifts", "tempo": "no beat", "key": "no home", "words": "hums"}
    rules = PACK.gates.model_copy(update={"not_applicable": reasons})
    pack = PACK.model_copy(update={"gates": rules})
    report = check_audio(
        song.flac, song.mp3, song.score, pack, dry_vocal=song.sound, word_error=lambda *heard: 1.0
    )
    found = {g.gate: g.reason for g in report.gates if g.verdict == "not_applicable"}
    assert reasons.items() <= found.items()


def test_nobody_sang_is_said_for_every_vocal_gate(song: Rendered) -> None:
    report = check_audio(song.flac, song.mp3, song.score, PACK)
    names = ("vocal_presence", "vocal_pitch", "vocal_tuning", "words", "intelligibility")
    vocal = [g for g in report.gates if g.gate in names]
    assert len(vocal) == len(names)
    assert {(g.verdict, g.reason) for g in vocal} == {
        ("not_applicable", "nobody sings in this song")
    }


def test_the_key_is_sought_where_the_song_is_at_home(song: Rendered) -> None:
    signal = np.arange(40 * ANALYSIS_RATE_HZ, dtype=np.float32)
    sections = tuple(
        s.model_copy(update={"transpose": 2 if s.name == "chorus" else 0})
        for s in song.score.sections
    )
    moved = song.score.model_copy(update={"sections": sections})
    chorus = next(s for s in sections if s.name == "chorus")
    first = int(moved.seconds(chorus.start) * ANALYSIS_RATE_HZ)
    last = int(moved.seconds(chorus.end) * ANALYSIS_RATE_HZ)
    home = home_parts(signal, moved)
    assert not ((home >= first + 1) & (home < last - 1)).any()
    assert len(home) == pytest.approx(len(signal) - (last - first), abs=4)
    assert home[-1] == signal[-1]
    assert len(home_parts(signal, song.score)) == len(signal)
