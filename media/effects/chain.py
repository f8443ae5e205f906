"""Effects by name, as genre packs list them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.genre import EffectSpec
from media.effects import chorus, compressor, delay, eq, saturation, stereo, vinyl
from media.sound import Sound


@dataclass(frozen=True)
class Context:
    """What an effect may need to know about the song."""

    sample_rate_hz: int
    tempo_bpm: float
    seed: int


def _delay(sound: Sound, rate: int, tempo_bpm: float, settings: dict[str, float]) -> Sound:
    rest = {k: v for k, v in settings.items() if k != "beats"}
    return delay.delay(sound, rate, time_s=settings["beats"] * 60.0 / tempo_bpm, **rest)


Effect = Callable[[Sound, Context, dict[str, float]], Sound]
EFFECTS: dict[str, Effect] = {
    "highpass": lambda s, c, p: eq.highpass(s, c.sample_rate_hz, **p),
    "lowpass": lambda s, c, p: eq.lowpass(s, c.sample_rate_hz, **p),
    "peak": lambda s, c, p: eq.peak(s, c.sample_rate_hz, **p),
    "low_shelf": lambda s, c, p: eq.low_shelf(s, c.sample_rate_hz, **p),
    "high_shelf": lambda s, c, p: eq.high_shelf(s, c.sample_rate_hz, **p),
    "compressor": lambda s, c, p: compressor.compress(s, c.sample_rate_hz, **p),
    "deesser": lambda s, c, p: compressor.deess(s, c.sample_rate_hz, **p),
    "saturate": lambda s, c, p: saturation.saturate(s, c.sample_rate_hz, **p),
    "tape": lambda s, c, p: vinyl.tape(s, c.sample_rate_hz, seed=c.seed, **p),
    "crackle": lambda s, c, p: vinyl.crackle(s, c.sample_rate_hz, seed=c.seed, **p),
    "chorus": lambda s, c, p: chorus.chorus(s, c.sample_rate_hz, **p),
    "delay": lambda s, c, p: _delay(s, c.sample_rate_hz, c.tempo_bpm, p),
    "width": lambda s, c, p: stereo.width(s, **p),
}


def run_chain(sound: Sound, specs: Sequence[EffectSpec], context: Context) -> Sound:
    """Apply the effects in order; raises InvalidInput for a name or setting that is unknown."""
    for spec in specs:
        effect = EFFECTS.get(spec.effect)
        if effect is None:
            raise InvalidInput(
                f"there is no effect {spec.effect!r}",
                field="effects",
                remedy=f"use one of {', '.join(EFFECTS)}",
            )
        try:
            sound = effect(sound, context, spec.settings)
        except (TypeError, KeyError) as error:
            raise InvalidInput(
                f"effect {spec.effect!r} does not take {spec.settings}: {error}",
                field="effects",
                remedy="see the function of the same name in media.effects",
            ) from error
    return sound
