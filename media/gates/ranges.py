"""Default ranges of the gates, and how a genre pack bends or excuses them."""

from __future__ import annotations

from domain.genre import GenrePack, Range
from domain.quality import GateResult, not_applicable, within
from media.likeness import DUPLICATE_THRESHOLD

DEFAULTS: dict[str, Range] = {
    # The score.
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
    "melody_originality": Range(high=DUPLICATE_THRESHOLD),
    # The finished files.
    "loudness": Range(low=-14.3, high=-13.7),
    "true_peak_flac": Range(high=-1.0),
    "true_peak_mp3": Range(high=-1.0),
    "true_peak_ogg": Range(high=-1.0),
    "clipping": Range(high=0),
    "dc": Range(high=0.001),
    "mp3_length": Range(high=0.1),
    "ogg_length": Range(high=0.1),
    "loudness_range": Range(low=4, high=12),
    "crest": Range(low=8, high=18),
    "silence": Range(high=1.0),
    "tail": Range(high=2.5),
    "stereo": Range(low=0.3, high=0.98),
    "centroid": Range(low=800, high=4500),
    "tempo": Range(high=0.02),
    "key": Range(low=1),
    "structure": Range(low=0.6),
    "tags": Range(high=0),
    "originality": Range(high=0.75),
    # The singer, alone.
    "vocal_presence": Range(low=0.95),
    "vocal_pitch": Range(low=0.95),
    "vocal_tuning": Range(low=0.50),
    "words": Range(high=0.30),
    # The singer in the band. Whisper-base misheard a quarter of the words of songs at 0.62, a
    # third at 0.55 and, with the voice buried step by step, half at 0.45 and four fifths at 0.3.
    "intelligibility": Range(low=0.45),
    # A song that another generator made.
    "asked_length": Range(high=0.25),
    "free_length": Range(low=0.5, high=3.0),
}


def wanted(pack: GenrePack, gate: str) -> Range:
    """The pack's range or the default one."""
    return pack.gates.ranges.get(gate, DEFAULTS[gate])


def excuse(pack: GenrePack, gate: str) -> GateResult | None:
    """The pack's reason why a gate makes no sense in its genre, as a result."""
    reason = pack.gates.not_applicable.get(gate)
    return None if reason is None else not_applicable(gate, reason)


def judge(pack: GenrePack, gate: str, value: float, what: str, unit: str = "") -> GateResult:
    """Judge a value by the pack's range or the default one."""
    asked = wanted(pack, gate)
    return excuse(pack, gate) or within(
        gate, value, low=asked.low, high=asked.high, unit=unit, what=what
    )
