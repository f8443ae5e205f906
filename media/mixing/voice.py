"""The sung voice at the desk: an even level for every word, and where each part stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import maximum_filter1d

from domain.genre import EffectSpec, Role
from domain.score import Score
from media.effects.chain import Context, run_chain
from media.mixing.curves import GRID_S, level_db, ride, smooth
from media.mixing.strip import at_level, seed_of
from media.sound import Curve, Sound, panned, silence
from media.voice.stems import VocalStem

# The strip's compressor has a fixed threshold, so it is fed a known level.
STRIP_INPUT_LUFS = -18.0
RIDE_SHARE, RIDE_LIMIT_DB, RIDE_S = 0.6, 5.0, 0.4
BACKING_REVERB = 1.7
HEARD_BELOW_PEAK_DB = 34.0
ACTIVE_SPAN_DB = 14.0
HOLD_S, EDGE_S = 0.14, 0.09
# Echoes blur the words they fall on: those of the lead wait for its pauses, others have none.
ECHOES = frozenset({"delay"})
ECHO_STEP_BACK_DB = 10.0


def vocal_strip(score: Score, role: Role, stem: VocalStem, sample_rate_hz: int) -> Sound:
    """Level, shape and place one sung part.

    The level of a part counts from the loudness of the lead, which has the role's own.
    """
    even = at_level(stem.sound.copy(), STRIP_INPUT_LUFS, sample_rate_hz)
    ride(even, _evening(level_db(even, sample_rate_hz)), sample_rate_hz)
    context = Context(sample_rate_hz, score.tempo_bpm, seed_of(score, f"vocal:{stem.part}"))
    plain = [spec for spec in role.effects if spec.effect not in ECHOES]
    if stem.part == "lead":
        echoes = [spec for spec in role.effects if spec.effect in ECHOES]
        shaped = _with_echoes(run_chain(_both(even[0]), plain, context), echoes, context)
    else:
        shaped = panned(run_chain(even, plain, context)[0], stem.pan)
    return at_level(shaped, role.level_lufs + stem.level_db, sample_rate_hz)


def reverb_send(role: Role, stem: VocalStem) -> float:
    """Parts behind the lead stand deeper in the room."""
    return role.reverb_send * (1.0 if stem.part == "lead" else BACKING_REVERB)


def fitted(sound: Sound, samples: int) -> Sound:
    """Cut or pad a mono sound to a length."""
    if sound.shape[1] >= samples:
        return sound[:, :samples]
    longer = silence(samples, sound.shape[0])
    longer[:, : sound.shape[1]] = sound
    return longer


def activity(lead: Sound, sample_rate_hz: int) -> Curve:
    """Where the lead sings, 0 to 1 per grid step, a little ahead of each word and after it."""
    level = level_db(lead, sample_rate_hz)
    quiet = float(level.max(initial=-120.0)) - HEARD_BELOW_PEAK_DB
    sung = np.clip((level - quiet) / ACTIVE_SPAN_DB, 0.0, 1.0)
    if not (level > -100.0).any():
        return np.zeros(len(level))
    return smooth(maximum_filter1d(sung, max(1, round(HOLD_S / GRID_S))), EDGE_S)


def _evening(level: Curve) -> Curve:
    """A slow fader ride that lifts mumbled words and calms shouted ones."""
    heard = level > level.max(initial=-120.0) - HEARD_BELOW_PEAK_DB
    if not heard.any():
        return np.zeros(len(level))
    target = float(np.median(level[heard]))
    power = np.where(heard, 10.0 ** (level / 10.0), 0.0)
    mean = smooth(power, RIDE_S) / np.maximum(smooth(heard.astype(float), RIDE_S), 1e-3)
    wanted = RIDE_SHARE * (target - 10.0 * np.log10(mean + 1e-12))
    share = smooth(heard.astype(float), RIDE_S)
    return smooth(np.clip(wanted, -RIDE_LIMIT_DB, RIDE_LIMIT_DB) * (share > 0.02), RIDE_S / 2)


def _with_echoes(lead: Sound, echoes: Sequence[EffectSpec], context: Context) -> Sound:
    """Add echoes that step back while the lead sings."""
    if not echoes:
        return lead
    rate = context.sample_rate_hz
    wet = run_chain(lead, echoes, context) - lead
    ride(wet, -ECHO_STEP_BACK_DB * activity(lead, rate), rate)
    wet += lead
    return wet


def _both(mono: Sound) -> Sound:
    return np.stack([mono, mono])
