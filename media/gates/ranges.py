"""Default ranges of the gates, and how a genre pack bends or excuses them."""

from __future__ import annotations

from domain.genre import GenrePack, Range
from domain.quality import GateResult, not_applicable, within

DEFAULTS: dict[str, Range] = {
    "scale": Range(low=0.95),
    "chord_tones": Range(low=0.80),
    "steps": Range(low=0.40),
    "leap": Range(high=12),
    "vocal_range": Range(high=19),
    "voice_leading": Range(high=2.5),
    "stress": Range(low=0.90),
    "syllables": Range(low=1.0),
    "chorus_recurrence": Range(low=0.80),
    "instrument_range": Range(low=1.0),
    "energy_contrast": Range(low=0.2),
    "song_length": Range(low=75, high=150),
    "loudness": Range(low=-14.3, high=-13.7),
    "true_peak_flac": Range(high=-1.0),
    "true_peak_mp3": Range(high=-1.0),
    "clipping": Range(high=0),
    "dc": Range(high=0.001),
    "loudness_range": Range(low=4, high=12),
    "crest": Range(low=8, high=18),
    "silence": Range(high=1.0),
    "tail": Range(high=2.5),
    "stereo": Range(low=0.3, high=0.98),
    "centroid": Range(low=800, high=4500),
    "tempo": Range(high=0.02),
    "mp3_length": Range(high=0.1),
    "originality": Range(high=0.75),
}


def judge(pack: GenrePack, gate: str, value: float, what: str, unit: str = "") -> GateResult:
    """Judge a value by the pack's range or the default one."""
    excuse = pack.gates.not_applicable.get(gate)
    if excuse is not None:
        return not_applicable(gate, excuse)
    wanted = pack.gates.ranges.get(gate, DEFAULTS[gate])
    return within(gate, value, low=wanted.low, high=wanted.high, unit=unit, what=what)
