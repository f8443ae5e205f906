"""Gate on the voice in the finished song: does it stand out of the band enough to be understood?

The finished song is compared with the dry voice line by line. A tape machine in the mix lets the
voice come a little early and a little late in turn, so the dry voice is moved along where that
explains more. What then follows it, frequency by frequency, is taken for the voice, the rest for
what covers it. Band by band their ratio counts as in the Speech Intelligibility Index (ANSI S3.5):
from nothing at -15 dB to all at +15 dB, weighted by what each band tells of speech.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d
from scipy.signal import get_window

from domain.genre import GenrePack
from domain.quality import GateResult, not_applicable
from domain.score import LyricLine, Score
from media.analysis import ANALYSIS_RATE_HZ, mono
from media.gates.heard import Heard
from media.gates.ranges import judge
from media.sound import Curve, Sound

Spectra = npt.NDArray[np.complex64]

GATE = "intelligibility"
FRAME, HOP = 1024, 256
# Octave bands and their importance, after table 3 of ANSI S3.5-1997; the highest is left out.
BANDS_HZ = (250.0, 500.0, 1000.0, 2000.0, 4000.0)
IMPORTANCE = (0.0617, 0.1671, 0.2373, 0.2648, 0.2142)
LEAST_DB, MOST_DB = -15.0, 15.0
# Samples that the song's voice may be off the dry one, and that this may change by in a frame.
LATEST, DRIFT = 160, 1
STEADY_FRAMES = 9
# Frames far below a line's loudest hold nothing to be understood.
QUIET_SHARE = 1e-3


def check_balance(
    heard: Heard, dry_vocal: Sound | None, rate_hz: int, score: Score, pack: GenrePack
) -> GateResult:
    """Judge how much of the sung words stands out of the finished song, 0 to 1."""
    if dry_vocal is None:
        return not_applicable(GATE, "nobody sings in this song")
    if not score.lyrics:
        return not_applicable(GATE, "the score gives the singer no words")
    voice = mono(dry_vocal, rate_hz)
    shares = [_line_share(heard.signal, voice, line, score) for line in score.lyrics]
    what = "share of the voice's cues that stand out of the band"
    return judge(pack, GATE, float(np.mean(shares)), what)


def _line_share(song: Sound, voice: Sound, line: LyricLine, score: Score) -> float:
    first = int(score.seconds(line.start) * ANALYSIS_RATE_HZ)
    last = min(int(score.seconds(line.end) * ANALYSIS_RATE_HZ), len(song), len(voice))
    if last - first < 4 * FRAME:
        return 0.0
    whole, sung = _spectra(song[first:last]), _spectra(voice[first:last])
    moved = _shifted(sung, _delays(whole, sung))
    return max(_standing_out(whole, sung), _standing_out(whole, moved))


def _standing_out(whole: Spectra, sung: Spectra) -> float:
    """The share of a line's voice that is heard, 0 to 1."""
    level = np.square(np.abs(sung)).sum(axis=1)
    kept = level > QUIET_SHARE * level.max()
    whole, sung = whole[kept], sung[kept]
    power = np.square(np.abs(sung)).sum(axis=0)
    if not power.any():
        return 0.0
    # The best linear path from the dry voice to the song: equaliser, level and delay in one.
    path = (whole * sung.conj()).sum(axis=0) / (power + 1e-9 * power.max())
    clear = np.square(np.abs(path * sung)).sum(axis=0)
    cover = np.square(np.abs(whole - path * sung)).sum(axis=0)
    return float(np.dot(IMPORTANCE, _audible(clear, cover)) / sum(IMPORTANCE))


def _delays(whole: Spectra, sung: Spectra) -> Curve:
    """The way through the frames, in samples, on which song and dry voice agree most."""
    alike = np.fft.irfft(whole * sung.conj(), n=FRAME, axis=1)
    alike = np.concatenate([alike[:, -LATEST:], alike[:, : LATEST + 1]], axis=1)
    steps = np.arange(-DRIFT, DRIFT + 1)
    best, came = alike[0], []
    for frame in alike[1:]:
        edged = np.pad(best, DRIFT, constant_values=-np.inf)
        choices = np.stack([edged[DRIFT + step : DRIFT + step + len(best)] for step in steps])
        came.append(steps[choices.argmax(axis=0)])
        best = frame + choices.max(axis=0)
    way = [int(best.argmax())]
    for step in reversed(came):
        way.append(way[-1] + int(step[way[-1]]))
    return uniform_filter1d(np.array(way[::-1], np.float64) - LATEST, STEADY_FRAMES, mode="nearest")


def _shifted(spectra: Spectra, delays: Curve) -> Spectra:
    """Delay every frame by its own number of samples."""
    turns = np.outer(delays, np.fft.rfftfreq(FRAME))
    return np.asarray(spectra * np.exp(-2j * np.pi * turns), np.complex64)


def _spectra(signal: Sound) -> Spectra:
    frames = np.lib.stride_tricks.sliding_window_view(signal, FRAME)[::HOP]
    window = get_window("hann", FRAME).astype(np.float32)
    return np.asarray(np.fft.rfft(frames * window, axis=1), np.complex64)


def _audible(clear: Curve, cover: Curve) -> Curve:
    """Share of each band that counts, by the ratio of its voice to what covers it."""
    hertz = np.fft.rfftfreq(FRAME, 1.0 / ANALYSIS_RATE_HZ)
    shares = []
    for centre in BANDS_HZ:
        inside = (hertz >= centre / np.sqrt(2.0)) & (hertz < centre * np.sqrt(2.0))
        ratio = (float(clear[inside].sum()) + 1e-12) / (float(cover[inside].sum()) + 1e-12)
        share = (10.0 * np.log10(ratio) - LEAST_DB) / (MOST_DB - LEAST_DB)
        shares.append(min(1.0, max(0.0, share)))
    return np.array(shares)
