import numpy as np
import pytest

from domain.genre import FormSection, Range
from domain.score import BriefOverrides, Score
from media.compose import compose
from media.loudness import HOP_S
from media.mixing.automation import LAST_CHORUS_DB, LIFT_DB, accents_db, energy_db, fit_depth
from media.mixing.curves import GRID_S, flat, glue, level_db, ride
from media.sound import SAMPLE_RATE_HZ, Curve
from packs import load_pack
from tests.media.songs import sketch_brief
from tests.media.tones import noise, rms_db, sine

RATE = SAMPLE_RATE_HZ
FORM = (
    FormSection(name="verse", bars=4, energy=0.5),
    FormSection(name="chorus", bars=4, energy=1.0),
    FormSection(name="verse", bars=4, energy=0.5),
    FormSection(name="chorus", bars=4, energy=1.0),
)


@pytest.fixture(scope="module")
def score() -> Score:
    brief = sketch_brief("synthwave", tempo_bpm=120)
    overrides = BriefOverrides(form=FORM, tempo_bpm=120)
    return compose(brief.model_copy(update={"overrides": overrides}), load_pack("synthwave"))


def at(curve: Curve, score: Score, bar: float) -> float:
    return float(curve[round(score.seconds(bar * 4) / GRID_S)])


def test_levels_follow_the_energy_of_the_sections(score: Score) -> None:
    curve = energy_db(score, 8.0, int(score.duration_s * RATE), RATE)
    assert at(curve, score, 2) == pytest.approx(-4.0, abs=0.05)
    assert at(curve, score, 6) == pytest.approx(0.0, abs=0.05)
    assert at(energy_db(score, 0.0, int(score.duration_s * RATE), RATE), score, 2) == 0.0


def test_song_rises_into_its_choruses_and_the_last_one_stands_out(score: Score) -> None:
    curve = accents_db(score, int(score.duration_s * RATE), RATE)
    assert at(curve, score, 1) == pytest.approx(0.0, abs=0.01)
    assert 0.2 < at(curve, score, 3) < at(curve, score, 3.75) <= LIFT_DB
    assert at(curve, score, 6) == pytest.approx(0.0, abs=0.01)
    assert at(curve, score, 14) == pytest.approx(LAST_CHORUS_DB, abs=0.01)


def test_depth_without_a_range_to_reach_is_as_written() -> None:
    assert fit_depth({}, {}, {}, None) == 1.0


@pytest.mark.parametrize(
    ("span", "expected"), [(Range(low=9), "deeper"), (Range(low=1, high=6), "as written")]
)
def test_depth_is_the_nearest_that_reaches_the_range(span: Range, expected: str) -> None:
    hops = 400
    power = np.full(hops, 0.01)
    energy = np.repeat([-4.0, 0.0], round(hops * HOP_S / GRID_S / 2))
    depth = fit_depth({"music": power}, {"music": np.zeros(len(energy))}, {"music": energy}, span)
    assert depth == 1.0 if expected == "as written" else depth > 2.0


def test_quiet_sections_are_lifted_where_the_band_alone_falls_too_far() -> None:
    hops = 400
    power = np.repeat([0.0002, 0.02], hops // 2)
    energy = np.repeat([-4.0, 0.0], round(hops * HOP_S / GRID_S / 2))
    still = np.zeros(len(energy))
    wanted = Range(low=4, high=12)
    assert fit_depth({"music": power}, {"music": still}, {"music": energy}, wanted) < 0.0


def test_ride_applies_the_curve_where_it_stands() -> None:
    sound = sine(500, 2.0)
    curve = flat(sound.shape[1], RATE)
    curve[100:] = -6.0
    before = rms_db(sound)
    ride(sound, curve, RATE)
    assert rms_db(sound[:, : RATE // 2]) == pytest.approx(before, abs=0.01)
    assert rms_db(sound[:, int(1.2 * RATE) :]) == pytest.approx(before - 6.0, abs=0.01)


def test_glue_turns_down_only_what_stands_out() -> None:
    sound = noise(3.0, 0.05)
    sound[:, RATE : 2 * RATE] *= 4.0
    curve = glue(sound, RATE, over_db=3.0, ratio=2.0)
    assert curve[50] == pytest.approx(0.0, abs=0.05)
    assert curve[150] == pytest.approx(-4.5, abs=1.0)
    assert curve[280] == pytest.approx(0.0, abs=0.1)


def test_level_is_measured_per_step() -> None:
    level = level_db(sine(1000, 1.0, 0.5), RATE)
    assert level[50] == pytest.approx(-9.03, abs=0.1)
