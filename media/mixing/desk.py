"""The desk: stems in one at a time, buses and rooms, one balanced stereo bus out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from domain.genre import GenrePack, Range
from domain.score import Score, Track
from media.effects.eq import highpass, lowpass
from media.effects.reverb import impulse, reverb
from media.loudness import hop_powers
from media.mixing.automation import accents_db, energy_db, fit_depth
from media.mixing.clearing import broad_db, dip_band
from media.mixing.curves import flat, glue, ride
from media.mixing.levels import Bus, lift_over_band
from media.mixing.strip import channel_strip, kick_times
from media.mixing.voice import activity, fitted, reverb_send, vocal_strip
from media.sound import Curve, Sound, silence
from media.voice.stems import VocalStem

SEND_HIGHPASS_HZ, RETURN_LOWPASS_HZ = 220.0, 9000.0
# The voice gets a shorter, later room of its own, so that its words stay in front.
PLATE_SHARE, PLATE_LONGEST_S, PLATE_PREDELAY_MS = 0.7, 1.8, 42.0
PLATE_STEP_BACK_DB = 3.0
# A voice follows the sections less than the band, and only the band dips for it.
SUNG_ENERGY_SHARE = 0.4
DIP_SHARE: dict[Bus, float] = {"drums": 0.5, "music": 1.0, "room": 1.0, "lead": 0.0, "plate": 0.0}
GLUE: dict[Bus, tuple[float, float]] = {"drums": (4.0, 1.4), "music": (3.0, 1.3)}
GLUE_OF_VOICE = (2.0, 1.8)


class Keeper(Protocol):
    """Takes every placed stem as it goes into its bus."""

    def keep(self, name: str, bus: Bus, sound: Sound) -> None:
        """Put a copy of the stem aside."""


@dataclass(frozen=True)
class Processing:
    """What a bus does to everything in it: a gain over time and a dip in the speech band."""

    curve_db: Curve
    dip_db: float
    active: Curve
    sample_rate_hz: int

    def apply(self, sound: Sound) -> None:
        """Process in place; linear, so it may be applied to stems or to their sum."""
        dip_band(sound, self.active, self.dip_db, self.sample_rate_hz)
        ride(sound, self.curve_db, self.sample_rate_hz)


@dataclass(frozen=True)
class Mixdown:
    """The finished mix, what each bus did, and what was decided on the way."""

    sound: Sound
    processing: dict[Bus, Processing]
    automation_depth: float
    voice_lift_db: float | None


class Desk:
    """Mixes one song; nothing of a stem but its share of the buses stays in memory."""

    def __init__(
        self, score: Score, pack: GenrePack, samples: int, sample_rate_hz: int,
        *, range_lu: Range | None = None, keeper: Keeper | None = None,
    ) -> None:  # fmt: skip
        self._score, self._pack = score, pack
        self._samples, self._rate = samples, sample_rate_hz
        self._range_lu, self._keeper = range_lu, keeper
        self._kicks = kick_times(score)
        self._buses: dict[Bus, Sound] = {}
        self._active = flat(samples, sample_rate_hz)
        self._sung = False

    def play(self, track: Track, stem: Sound) -> None:
        """Add an instrument; the stem given is used up."""
        role = self._pack.roles[track.role]
        placed = channel_strip(self._score, role, track, stem, self._rate, self._kicks)
        self._add(track.role, _bus_of(track), placed, "room", role.reverb_send)

    def sing(self, track: Track, stem: VocalStem) -> None:
        """Add one sung part of the vocal track."""
        role = self._pack.roles[track.role]
        self._sung = True
        placed = fitted(vocal_strip(self._score, role, stem, self._rate), self._samples)
        if stem.part == "lead":
            self._active = activity(placed, self._rate)
        name = f"{track.role}-{stem.part.replace('_', '-')}"
        self._add(name, "lead", placed, "plate", reverb_send(role, stem))

    def mix_down(self) -> Mixdown:
        """Play the rooms, let the band step back, follow the sections, and sum up."""
        for name in ("room", "plate"):
            self._return(name)
        curves = {bus: self._own_curve(bus) for bus in self._buses}
        powers = {bus: hop_powers(sound, self._rate) for bus, sound in self._buses.items()}
        lift_db = None
        if self._sung:
            lift_db = lift_over_band(powers, curves, self._active, self._pack.vocal.duck_db)
            for bus in ("lead", "plate"):
                if bus in curves:
                    curves[bus] = curves[bus] + lift_db
        depth = self._automate(curves, powers)
        processing = {bus: self._processing(bus, curve) for bus, curve in curves.items()}
        return Mixdown(self._sum(processing), processing, depth, lift_db)

    def _add(self, name: str, bus: Bus, placed: Sound, send: Bus, share: float) -> None:
        if self._keeper is not None:
            self._keeper.keep(name, bus, placed)
        self._to(bus, placed, 1.0)
        if share:
            self._to(send, placed, share)

    def _to(self, bus: Bus, sound: Sound, share: float) -> None:
        if bus not in self._buses:
            self._buses[bus] = silence(self._samples)
        self._buses[bus] += sound if share == 1.0 else np.float32(share) * sound

    def _return(self, bus: Bus) -> None:
        """Replace what was sent to a room by the sound of the room."""
        if bus not in self._buses:
            return
        mix = self._pack.mix
        decay_s, predelay_ms = mix.reverb_s, 18.0
        if bus == "plate":
            decay_s = min(PLATE_SHARE * mix.reverb_s, PLATE_LONGEST_S)
            predelay_ms = PLATE_PREDELAY_MS
        room = impulse(
            self._rate, decay_s=decay_s, damping_hz=mix.reverb_damping_hz,
            predelay_ms=predelay_ms, seed=self._score.seed % 2**32,
        )  # fmt: skip
        sent = highpass(self._buses.pop(bus), self._rate, hz=SEND_HIGHPASS_HZ)
        heard = lowpass(reverb(sent, room), self._rate, hz=RETURN_LOWPASS_HZ)
        heard *= np.float32(mix.reverb_level)
        name = "reverb" if bus == "room" else "vocal-reverb"
        self._add(name, bus, heard, bus, 0.0)

    def _own_curve(self, bus: Bus) -> Curve:
        """What a bus does whatever the section: glue, and stepping back for the voice."""
        curve = flat(self._samples, self._rate)
        setting = GLUE_OF_VOICE if bus == "lead" and self._sung else GLUE.get(bus)
        if setting is not None:
            over_db, ratio = setting
            curve = curve + glue(self._buses[bus], self._rate, over_db=over_db, ratio=ratio)
        if bus == "plate":
            return curve - PLATE_STEP_BACK_DB * self._active
        return curve + broad_db(self._active, DIP_SHARE[bus] * self._pack.vocal.duck_db)

    def _automate(self, curves: dict[Bus, Curve], powers: dict[Bus, Curve]) -> float:
        """Add the sections' levels to the curves; returns how deep they had to go."""
        span_db = self._pack.mix.dynamic_range_db
        whole = energy_db(self._score, span_db, self._samples, self._rate)
        energy = {bus: self._share(bus) * whole for bus in curves}
        depth = fit_depth(powers, curves, energy, self._range_lu)
        accents = accents_db(self._score, self._samples, self._rate)
        for bus in curves:
            curves[bus] = curves[bus] + depth * energy[bus] + accents
        return depth

    def _share(self, bus: Bus) -> float:
        held_up = self._sung and bus in ("lead", "plate")
        return SUNG_ENERGY_SHARE if held_up else 1.0

    def _processing(self, bus: Bus, curve: Curve) -> Processing:
        dip_db = DIP_SHARE[bus] * self._pack.vocal.duck_db
        return Processing(curve, dip_db, self._active, self._rate)

    def _sum(self, processing: dict[Bus, Processing]) -> Sound:
        total: Sound | None = None
        for bus, done in processing.items():
            sound = self._buses.pop(bus)
            done.apply(sound)
            if total is None:
                total = sound
            else:
                total += sound
        return silence(self._samples) if total is None else total


def _bus_of(track: Track) -> Bus:
    if track.part == "drums":
        return "drums"
    return "lead" if track.part == "vocal" else "music"
