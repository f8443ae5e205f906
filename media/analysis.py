"""What a listener's ear would find in a decoded song: tempo, key, spectrum, fingerprint."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from scipy.ndimage import uniform_filter1d
from scipy.signal import find_peaks, get_window

from domain.errors import InvalidInput
from domain.genre import KEYS
from media.encode import decode
from media.sound import Curve, Sound

ANALYSIS_RATE_HZ = 22_050
_KRUMHANSL_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_KRUMHANSL_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
_TEMPERLEY_MAJOR = (0.748, 0.06, 0.488, 0.082, 0.67, 0.46, 0.096, 0.715, 0.104, 0.366, 0.057, 0.4)
_TEMPERLEY_MINOR = (
    0.712,
    0.084,
    0.474,
    0.618,
    0.049,
    0.46,
    0.105,
    0.747,
    0.404,
    0.067,
    0.133,
    0.33,
)
_FRAME, _HOP = 8192, 4096
ENDING_S = 4.0
ONSET_HOP = 256
ONSET_RATE_HZ = ANALYSIS_RATE_HZ / ONSET_HOP
REFINING_PERIODS = 8
_FINGERPRINT_BANDS, _FINGERPRINT_HOP_S, _FINGERPRINT_LAG = 17, 0.064, 4
_FINGERPRINT_HEADER = b"GRF1"


def mono(sound: Sound, sample_rate_hz: int) -> Sound:
    """One channel at the analysis rate."""
    return np.asarray(
        soxr.resample(sound.mean(axis=0), sample_rate_hz, ANALYSIS_RATE_HZ, quality="HQ"),
        np.float32,
    )


def spectrogram(signal: Sound, frame: int = _FRAME, hop: int = _HOP) -> Curve:
    """Power spectrogram, (frames, bins)."""
    if len(signal) < frame:
        signal = np.pad(signal, (0, frame - len(signal)))
    frames = np.lib.stride_tricks.sliding_window_view(signal, frame)[::hop]
    window = get_window("hann", frame).astype(np.float32)
    return np.asarray(np.abs(np.fft.rfft(frames * window, axis=1)) ** 2)


def spectral_centroid_hz(signal: Sound) -> float:
    """Mean over frames of the centre of the magnitude spectrum, quiet frames left out."""
    magnitude = np.sqrt(spectrogram(signal, 2048, 1024))
    weight = magnitude.sum(axis=1)
    loud = weight > 0.01 * weight.max(initial=1e-9)
    hertz = np.fft.rfftfreq(2048, 1.0 / ANALYSIS_RATE_HZ)
    return float(np.mean((magnitude[loud] @ hertz) / weight[loud]))


def onset_curve(signal: Sound) -> Curve:
    """How much new energy arrives, `ONSET_RATE_HZ` times a second (spectral flux)."""
    power = spectrogram(signal, 1024, ONSET_HOP)
    level = np.log1p(100.0 * np.sqrt(power))
    rise = np.maximum(0.0, np.diff(level, axis=0)).sum(axis=1)
    return np.asarray(rise - uniform_filter1d(rise, int(ONSET_RATE_HZ)))


def tempos_bpm(signal: Sound, count: int = 2) -> tuple[float, ...]:
    """The strongest periods between 50 and 200 beats a minute, strongest first."""
    low, high = int(ONSET_RATE_HZ * 60 / 200), int(ONSET_RATE_HZ * 60 / 50)
    if len(signal) < ANALYSIS_RATE_HZ:
        return ()
    curve = onset_curve(signal)
    size = 1 << (2 * len(curve)).bit_length()
    correlation = np.fft.irfft(np.abs(np.fft.rfft(curve, size)) ** 2)[: len(curve)]
    if len(correlation) < high * (REFINING_PERIODS + 1):
        return ()
    tops, _ = find_peaks(correlation[low : high + 1])
    lags = sorted(tops + low, key=lambda lag: correlation[lag], reverse=True)[:count]
    return tuple(60.0 * ONSET_RATE_HZ / _refined(correlation, int(lag)) for lag in lags)


def _refined(correlation: Curve, lag: int) -> float:
    """The same period some repeats on, where it is that much better resolved."""
    period = float(lag)
    for repeats in (2, 4, REFINING_PERIODS):
        far = round(period * repeats)
        reach = repeats // 2 + 1
        near = correlation[far - reach : far + reach + 1]
        period = (far - reach + int(np.argmax(near))) / repeats
    return period


def second_opinion_bpm(signal: Sound) -> tuple[float, ...]:
    """Tempo by librosa's beat tracker, its beats refined by regression."""
    # librosa compiles for seconds on first use; only a song that failed the first test pays.
    import librosa  # noqa: PLC0415

    onset = librosa.onset.onset_strength(y=signal, sr=ANALYSIS_RATE_HZ, hop_length=ONSET_HOP)
    _, beats = librosa.beat.beat_track(
        onset_envelope=onset, sr=ANALYSIS_RATE_HZ, hop_length=ONSET_HOP, tightness=200
    )
    if len(beats) < 8:
        return ()
    return (float(60.0 * ONSET_RATE_HZ / np.polyfit(np.arange(len(beats)), beats, 1)[0]),)


@dataclass(frozen=True)
class KeyEstimate:
    """A key as one method hears it."""

    method: str
    tonic: str
    minor: bool

    def __str__(self) -> str:
        return f"{self.tonic} {'minor' if self.minor else 'major'} ({self.method})"


def key_estimates(signal: Sound) -> tuple[KeyEstimate, ...]:
    """Three opinions, two tone profiles and the bass with the ending; none about silence."""
    if not signal.any():
        return ()
    power = spectrogram(signal)
    ending = power[-int(ENDING_S * ANALYSIS_RATE_HZ / _HOP) :]
    chroma = _chroma(power, 60.0, 2000.0)
    bass = _chroma(power, 40.0, 220.0)
    return (
        _by_profile("Krumhansl", chroma, _KRUMHANSL_MAJOR, _KRUMHANSL_MINOR),
        _by_profile("Temperley", chroma, _TEMPERLEY_MAJOR, _TEMPERLEY_MINOR),
        _by_bass(chroma, bass, _chroma(ending, 40.0, 220.0)),
    )


def _chroma(power: Curve, low_hz: float, high_hz: float) -> Curve:
    """Energy per pitch class, each frame weighted alike so that loud parts do not decide alone."""
    hertz = np.fft.rfftfreq(_FRAME, 1.0 / ANALYSIS_RATE_HZ)
    inside = (hertz >= low_hz) & (hertz <= high_hz)
    classes = np.round(12.0 * np.log2(hertz[inside] / 440.0)).astype(int) + 69
    frames = np.zeros((len(power), 12))
    for pitch_class in range(12):
        frames[:, pitch_class] = np.sqrt(power[:, inside][:, classes % 12 == pitch_class]).sum(
            axis=1
        )
    total = frames.sum(axis=1, keepdims=True)
    kept = total[:, 0] > 0.05 * total.max(initial=1e-12)
    return np.asarray((frames[kept] / total[kept]).mean(axis=0))


def _by_profile(
    method: str, chroma: Curve, major: tuple[float, ...], minor: tuple[float, ...]
) -> KeyEstimate:
    scored = [
        (float(np.corrcoef(chroma, np.roll(profile, root))[0, 1]), root, is_minor)
        for profile, is_minor in ((major, False), (minor, True))
        for root in range(12)
    ]
    _, root, is_minor = max(scored)
    return KeyEstimate(method, KEYS[root], is_minor)


def _by_bass(chroma: Curve, bass: Curve, ending_bass: Curve) -> KeyEstimate:
    """The tonic the bass insists on and ends with; the louder third makes major or minor."""
    scores = [
        chroma[root] + 0.7 * chroma[(root + 7) % 12] + 1.5 * bass[root] + 1.5 * ending_bass[root]
        for root in range(12)
    ]
    root = int(np.argmax(scores))
    minor = bool(chroma[(root + 3) % 12] > chroma[(root + 4) % 12])
    return KeyEstimate("bass and ending", KEYS[root], minor)


def fingerprint(path: Path) -> bytes:
    """A compact fingerprint: signs of energy changes across bands and time, 16 bits a frame."""
    sound, rate = decode(path)
    return fingerprint_of(mono(sound, rate))


def fingerprint_of(signal: Sound) -> bytes:
    """Fingerprint of a mono signal at the analysis rate."""
    hop = int(_FINGERPRINT_HOP_S * ANALYSIS_RATE_HZ)
    power = spectrogram(signal, 8192, hop)
    edges = np.geomspace(200.0, 4000.0, _FINGERPRINT_BANDS + 1)
    bins = np.searchsorted(np.fft.rfftfreq(8192, 1.0 / ANALYSIS_RATE_HZ), edges)
    bands = np.log(np.add.reduceat(power, bins, axis=1)[:, :_FINGERPRINT_BANDS] + 1e-9)
    across = bands[:, :-1] - bands[:, 1:]
    signs = (across[_FINGERPRINT_LAG:] - across[:-_FINGERPRINT_LAG]) > 0
    words = np.packbits(signs, axis=1)
    return _FINGERPRINT_HEADER + struct.pack("<I", len(words)) + words.tobytes()


def similarity(a: bytes, b: bytes) -> float:
    """Likeness of two fingerprints, 0 (unrelated) to 1 (the same recording), at the best offset."""
    first, second = _bits(a), _bits(b)
    if len(first) > len(second):
        first, second = second, first
    if len(first) < 8:
        return 0.0
    # Agreement at every offset at once: correlation of plus and minus ones.
    size = 1 << (len(first) + len(second)).bit_length()
    product = np.fft.rfft(second, size, axis=0) * np.conj(np.fft.rfft(first, size, axis=0))
    score = np.fft.irfft(product, size, axis=0).sum(axis=1) / first.shape[1]
    offsets = np.arange(size)
    offsets[offsets > size // 2] -= size
    overlap = np.minimum(len(first), len(second) - offsets) - np.maximum(0, -offsets)
    enough = overlap >= len(first) // 2
    return min(1.0, max(0.0, float(np.max(score[enough] / overlap[enough]))))


def _bits(data: bytes) -> Curve:
    if data[:4] != _FINGERPRINT_HEADER or len(data) < 8:
        raise InvalidInput(
            "this is no fingerprint", field="fingerprint", remedy="make it with fingerprint(path)"
        )
    (count,) = struct.unpack_from("<I", data, 4)
    words = np.frombuffer(data, np.uint8, offset=8).reshape(count, -1)
    return np.asarray(np.unpackbits(words, axis=1).astype(np.float64) * 2.0 - 1.0)
