"""The desk on made-up stems: balance, room for the voice, automation, and stems that sum up."""

import errno
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from domain.errors import DiskFull
from domain.genre import FormSection, GenrePack, Range
from domain.score import BriefOverrides, Score, Track
from media.compose import compose
from media.encode import decode
from media.loudness import hop_powers, measure, range_of
from media.mixing.desk import Desk
from media.mixing.levels import Bus
from media.mixing.shelf import Shelf
from media.sound import SAMPLE_RATE_HZ, Sound, gain
from media.voice.stems import VocalStem
from packs import load_pack
from tests.media.songs import sketch_brief
from tests.media.tones import noise, rms_db

RATE = SAMPLE_RATE_HZ
SUNG = slice(int(1.5 * RATE), int(3.0 * RATE))
SILENT = slice(int(5.2 * RATE), int(6.5 * RATE))


@pytest.fixture(scope="module")
def pack() -> GenrePack:
    """Synthwave without its effects, so that levels are plain."""
    pack = load_pack("synthwave")
    roles = {
        name: role.model_copy(update={"effects": (), "duck_db": 0.0, "reverb_send": 0.0})
        for name, role in pack.roles.items()
    }
    return pack.model_copy(update={"roles": roles})


@pytest.fixture(scope="module")
def score(pack: GenrePack) -> Score:
    return compose(sketch_brief("synthwave", tempo_bpm=110), pack)


def samples_of(score: Score) -> int:
    return int(score.duration_s * RATE)


def band_stem(score: Score, seed: int) -> Sound:
    return noise(score.duration_s + 0.001, 0.1, seed)[:, : samples_of(score)]


def lead(score: Score) -> VocalStem:
    """A voice that sings from 1 s to 3.5 s."""
    sound = noise(score.duration_s + 0.001, 0.1, 99)[:1, : samples_of(score)].copy()
    sound[:, :RATE] = 0.0
    sound[:, int(3.5 * RATE) :] = 0.0
    return VocalStem("lead", sound, 0.0, 0.0)


def tracks(score: Score) -> Iterator[Track]:
    return (track for track in score.tracks if track.part != "vocal")


def vocal(score: Score) -> Track:
    assert score.vocal is not None
    return score.vocal


class Keeps:
    """Remembers the placed stems."""

    def __init__(self) -> None:
        self.stems: dict[str, tuple[Bus, Sound]] = {}

    def keep(self, name: str, bus: Bus, sound: Sound) -> None:
        self.stems[name] = (bus, sound.copy())


def band_of(score: Score, pack: GenrePack, *, sung: bool) -> tuple[Sound, float | None]:
    """The processed drums, bass and pads alone, and how far the voice was lifted."""
    keeps = Keeps()
    desk = Desk(score, pack, samples_of(score), RATE, keeper=keeps)
    if sung:
        desk.sing(vocal(score), lead(score))
    for seed, track in enumerate(tracks(score)):
        desk.play(track, band_stem(score, seed))
    mixdown = desk.mix_down()
    total = np.zeros((2, samples_of(score)), np.float32)
    for bus, sound in keeps.stems.values():
        if bus in ("drums", "music"):
            mixdown.processing[bus].apply(sound)
            total += sound
    return total, mixdown.voice_lift_db


def band_level_db(sound: Sound, low_hz: float, high_hz: float) -> float:
    spectrum = np.abs(np.fft.rfft(sound.mean(axis=0))) ** 2
    hertz = np.fft.rfftfreq(sound.shape[1], 1 / RATE)
    return float(10 * np.log10(spectrum[(hertz >= low_hz) & (hertz < high_hz)].sum()))


def test_band_steps_back_under_the_voice_most_where_words_live(
    score: Score, pack: GenrePack
) -> None:
    alone, _ = band_of(score, pack, sung=False)
    under, _ = band_of(score, pack, sung=True)

    def drop_db(place: slice, low_hz: float, high_hz: float) -> float:
        before = band_level_db(alone[:, place], low_hz, high_hz)
        return before - band_level_db(under[:, place], low_hz, high_hz)

    duck_db = pack.vocal.duck_db
    assert duck_db > 0
    assert drop_db(SUNG, 1600, 2600) > 1.5 * duck_db
    assert 0.2 * duck_db < drop_db(SUNG, 50, 200) < duck_db
    assert drop_db(SILENT, 1600, 2600) == pytest.approx(0.0, abs=0.3)


def test_band_that_must_not_step_back_stays(score: Score, pack: GenrePack) -> None:
    still = pack.model_copy(update={"vocal": pack.vocal.model_copy(update={"duck_db": 0.0})})
    alone, _ = band_of(score, still, sung=False)
    under, _ = band_of(score, still, sung=True)
    assert rms_db(under[:, SUNG]) == pytest.approx(rms_db(alone[:, SUNG]), abs=0.1)


def test_voice_is_lifted_over_a_loud_band_and_left_alone_over_a_quiet_one(
    score: Score, pack: GenrePack
) -> None:
    def with_vocal_at(level_lufs: float) -> GenrePack:
        role = pack.roles["vocal"].model_copy(update={"level_lufs": level_lufs})
        return pack.model_copy(update={"roles": pack.roles | {"vocal": role}})

    _, lifted = band_of(score, with_vocal_at(-24.0), sung=True)
    _, left = band_of(score, with_vocal_at(-9.0), sung=True)
    assert lifted is not None
    assert lifted > 3.0
    assert left == 0.0


def test_instrumental_lead_needs_no_room(score: Score, pack: GenrePack) -> None:
    desk = Desk(score, pack, samples_of(score), RATE)
    desk.play(vocal(score), band_stem(score, 1))
    mixdown = desk.mix_down()
    assert mixdown.voice_lift_db is None
    assert not mixdown.processing["lead"].active.any()


def test_parts_behind_the_lead_have_their_level_and_side(score: Score, pack: GenrePack) -> None:
    keeps = Keeps()
    desk = Desk(score, pack, samples_of(score), RATE, keeper=keeps)
    main = lead(score)
    desk.sing(vocal(score), main)
    desk.sing(vocal(score), VocalStem("double_left", main.sound * gain(-20), -9.0, -0.8))
    _, loud = keeps.stems["vocal-lead"]
    _, behind = keeps.stems["vocal-double-left"]
    difference = measure(loud, RATE).integrated_lufs - measure(behind, RATE).integrated_lufs
    assert difference == pytest.approx(9.0, abs=0.2)
    assert rms_db(behind[:1]) - rms_db(behind[1:]) > 10


def test_stems_sum_up_to_the_mix(score: Score, tmp_path: Path) -> None:
    pack = load_pack("synthwave")
    with Shelf(tmp_path / "stems") as shelf:
        desk = Desk(score, pack, samples_of(score), RATE, keeper=shelf)
        desk.sing(vocal(score), lead(score))
        for seed, track in enumerate(tracks(score)):
            desk.play(track, band_stem(score, seed))
        mixdown = desk.mix_down()
        files, gain_db = shelf.write(mixdown.processing, RATE)
    assert [f.name[:3] for f in files] == [f"{n:02d}-" for n in range(1, len(files) + 1)]
    assert {"reverb.flac", "vocal-reverb.flac", "vocal-lead.flac"} <= {f.name[3:] for f in files}
    assert sorted(p.name for p in (tmp_path / "stems").iterdir()) == [f.name for f in files]
    total = sum(decode(file)[0].astype(np.float64) for file in files) * 10 ** (-gain_db / 20)
    difference = np.asarray(total - mixdown.sound, np.float32)
    assert rms_db(difference) < rms_db(mixdown.sound) - 80


def quiet_loud(pack: GenrePack, span: Range | None, low: float = 0.85) -> tuple[float, float]:
    """Loudness range and automation depth of a song of two sections nearly alike."""
    form = (
        FormSection(name="verse", bars=8, energy=low),
        FormSection(name="chorus", bars=8, energy=1.0),
    )
    brief = sketch_brief("synthwave", tempo_bpm=110)
    score = compose(brief.model_copy(update={"overrides": BriefOverrides(form=form)}), pack)
    desk = Desk(score, pack, samples_of(score), RATE, range_lu=span)
    desk.play(vocal(score), noise(score.duration_s + 0.001, 0.1, 5)[:, : samples_of(score)])
    mixdown = desk.mix_down()
    return range_of(hop_powers(mixdown.sound, RATE)), mixdown.automation_depth


def test_automation_goes_as_deep_as_the_loudness_range_asks(pack: GenrePack) -> None:
    flat, depth = quiet_loud(pack, None)
    assert depth == 1.0
    assert flat < 1.9
    deeper, depth = quiet_loud(pack, Range(low=1.5, high=9))
    assert depth > 1.0
    assert deeper >= 1.5
    shallow, depth = quiet_loud(pack, Range(low=0.5, high=2.5), low=0.2)
    assert depth < 1.0
    assert shallow <= 2.5


def test_same_song_mixes_to_the_same_samples(score: Score, pack: GenrePack) -> None:
    first, again = (band_of(score, pack, sung=True)[0] for _ in range(2))
    assert np.array_equal(first, again)


def test_full_disk_is_named_and_nothing_stays(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", no_room)
    with pytest.raises(DiskFull), Shelf(tmp_path / "stems") as shelf:
        shelf.keep("drums", "drums", band_stem(score, 1))
    assert list((tmp_path / "stems").iterdir()) == []
