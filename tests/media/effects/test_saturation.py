import numpy as np

from media.effects import saturation
from tests.media.tones import RATE, sine


def test_saturation_adds_odd_harmonics_but_no_aliases() -> None:
    out = saturation.saturate(sine(9000, level=0.9), RATE, drive_db=12)[0]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    hertz = np.fft.rfftfreq(len(out), 1 / RATE)
    # Without oversampling the third harmonic (27 kHz) would fold to 17.1 kHz.
    alias = spectrum[(hertz > 17_000) & (hertz < 17_200)].max()
    assert 20 * np.log10(alias / spectrum.max()) < -55
