"""Pictures of a finished song: waveform, spectrogram, loudness and structure, as PNG files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from domain.genre import Range
from domain.score import Score
from media.analysis import ANALYSIS_RATE_HZ, mono, spectrogram
from media.files import write_atomically
from media.loudness import HOP_S, MOMENTARY_HOPS, SHORT_TERM_HOPS, hop_powers, measure
from media.sheet import (
    ACCENT,
    BOTTOM,
    GROUND,
    HEIGHT_PX,
    LABEL_PT,
    LEFT,
    LONGEST_TITLE,
    MUTED,
    RIGHT,
    SMALL_PT,
    TEXT,
    WARM,
    WIDTH_PX,
    Part,
    blank,
    colour_of,
    draw_strip,
    letters,
    panel,
    parts_between,
    png,
    time_axis,
    timed_sheet,
)
from media.sound import Curve, Sound
from media.structure import (
    Beats,
    borders_of,
    describe,
    novelty,
    section_borders,
    self_similarity,
)

COLUMNS = 1400
MEL_BANDS, MEL_FRAME, MEL_LOW_HZ, MEL_HIGH_HZ = 120, 4096, 30.0, 11_000.0
MEL_TICKS_HZ = (100, 250, 500, 1000, 2000, 4000, 8000)
DEPTH_DB = 75.0
LEVEL_TICKS_DB = (-3, -8, -16)
LOUDEST_SHOWN_LUFS, QUIETEST_SHOWN_LUFS = -6.0, -40.0
LOUDNESS_TARGET = Range(low=-14.3, high=-13.7)
LIKENESS_COLOURS = ("#0b100e", "#0f3a33", "#1b7a5f", "#5fe0a8", "#f4ffd9")


@dataclass(frozen=True)
class Subject:
    """What is drawn: a decoded song and, when it is known, its score."""

    title: str
    sound: Sound
    rate_hz: int
    score: Score | None = None
    loudness_lufs: Range = LOUDNESS_TARGET

    @property
    def seconds(self) -> float:
        """Length."""
        return float(self.sound.shape[1] / self.rate_hz)

    @cached_property
    def signal(self) -> Sound:
        """One channel at the analysis rate."""
        return mono(self.sound, self.rate_hz)

    @cached_property
    def beats(self) -> Beats:
        """The song as the structure analyser hears it."""
        return describe(self.signal)

    @cached_property
    def heard(self) -> tuple[float, ...]:
        """Section borders found by listening."""
        return borders_of(self.beats)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The written sections, or the heard ones when nothing is written."""
        if self.score is None:
            return parts_between(self.heard, self.seconds)
        score, last = self.score, self.score.sections[-1]
        ends = [self.seconds if s is last else score.seconds(s.end) for s in score.sections]
        return tuple(
            Part(s.name, score.seconds(s.start), end)
            for s, end in zip(score.sections, ends, strict=True)
        )

    def about(self, fact: str) -> str:
        """The line beside a heading."""
        short = self.title
        if len(short) > LONGEST_TITLE:
            short = f"{short[:LONGEST_TITLE]}…"
        return f"{short}  ·  {fact}"


@dataclass(frozen=True)
class Plot:
    """A drawn picture."""

    name: str
    title: str
    path: Path


def draw_plots(subject: Subject, out_dir: Path) -> tuple[Plot, ...]:
    """Draw all pictures into `out_dir`: waveform.png, spectrogram.png, and so on."""
    drawings: tuple[tuple[str, Callable[[Subject], Figure]], ...] = (
        ("Waveform", draw_waveform),
        ("Spectrogram", draw_spectrogram),
        ("Loudness", draw_loudness),
        ("Structure", draw_structure),
    )
    out_dir.mkdir(parents=True, exist_ok=True)
    plots = []
    for title, draw in drawings:
        path = out_dir / f"{title.lower()}.png"
        write_atomically(path, png(draw(subject)))
        plots.append(Plot(title.lower(), title, path))
    return tuple(plots)


def draw_waveform(subject: Subject) -> Figure:
    """Peaks and mean level over time, each section in its colour."""
    about = subject.about("peaks pale, mean level full")
    figure, axes = timed_sheet("Waveform", about, subject.parts, subject.seconds)
    columns = min(COLUMNS, subject.sound.shape[1])
    width = subject.sound.shape[1] // columns
    cells = subject.sound[:, : columns * width].reshape(-1, columns, width)
    top = np.abs(cells).max(axis=(0, 2))
    mean = np.sqrt(np.square(cells).mean(axis=(0, 2)))
    times = (np.arange(columns) + 0.5) * width / subject.rate_hz
    for part in subject.parts:
        inside = (times >= part.start_s) & (times <= part.end_s)
        colour = colour_of(part.name)
        axes.fill_between(times, -top, top, where=inside, color=colour, alpha=0.45, lw=0)
        axes.fill_between(times, -mean, mean, where=inside, color=colour, lw=0)
    axes.axhline(0.0, color=GROUND, lw=0.6)
    places = [10.0 ** (db / 20.0) for db in LEVEL_TICKS_DB]
    names = [f"{db}".replace("-", "−") for db in LEVEL_TICKS_DB]
    axes.set_yticks([*(-p for p in places), 0.0, *places], [*names, "−∞", *names])
    axes.set_ylim(-1.0, 1.0)
    axes.set_ylabel("dBFS", color=MUTED)
    return figure


def draw_spectrogram(subject: Subject) -> Figure:
    """Energy over time and pitch, in decibels below the loudest."""
    about = subject.about(f"mel bands, {DEPTH_DB:.0f} dB from dark to bright")
    figure, axes = timed_sheet("Spectrogram", about, subject.parts, subject.seconds)
    hop = max(128, len(subject.signal) // COLUMNS)
    power = spectrogram(subject.signal, MEL_FRAME, hop) @ _mel_bank()
    level = 10.0 * np.log10(power + 1e-12)
    top = float(level.max())
    axes.imshow(
        level.T, origin="lower", aspect="auto", cmap="magma", vmin=top - DEPTH_DB, vmax=top,
        extent=(0.0, subject.seconds, _mel(MEL_LOW_HZ), _mel(MEL_HIGH_HZ)),
        interpolation="bilinear",
    )  # fmt: skip
    names = [f"{hz}" if hz < 1000 else f"{hz // 1000} k" for hz in MEL_TICKS_HZ]
    axes.set_yticks([_mel(hz) for hz in MEL_TICKS_HZ], names)
    axes.set_ylabel("Hz", color=MUTED)
    axes.grid(visible=False)
    return figure


def draw_loudness(subject: Subject) -> Figure:
    """Momentary and short-term loudness, their range and the target."""
    found = measure(subject.sound, subject.rate_hz)
    fact = f"{found.integrated_lufs:.1f} LUFS over all, range {found.range_lu:.1f} LU"
    about = subject.about(fact.replace("-", "−"))
    figure, axes = timed_sheet("Loudness", about, subject.parts, subject.seconds)
    powers = hop_powers(subject.sound, subject.rate_hz)
    for part in subject.parts:
        axes.axvspan(part.start_s, part.end_s, color=colour_of(part.name), alpha=0.07, lw=0)
    low, high = _range_ends(_lufs(powers, SHORT_TERM_HOPS))
    axes.axhspan(low, high, color=ACCENT, alpha=0.12, lw=0, label="loudness range")
    _plot_lufs(axes, powers, MOMENTARY_HOPS, "momentary, 0.4 s", color=MUTED, width=0.8)
    _plot_lufs(axes, powers, SHORT_TERM_HOPS, "short-term, 3 s", color=ACCENT, width=2.0)
    ends = [end for end in (subject.loudness_lufs.low, subject.loudness_lufs.high) if end]
    if ends:
        target = sum(ends) / len(ends)
        name = f"target {target:g} LUFS".replace("-", "−")
        axes.axhline(target, color=WARM, lw=1.2, ls=(0, (5, 4)), label=name)
    axes.set_ylim(QUIETEST_SHOWN_LUFS, LOUDEST_SHOWN_LUFS)
    axes.set_ylabel("LUFS", color=MUTED)
    axes.legend(
        loc="lower center", ncols=4, frameon=False, labelcolor=TEXT, prop=letters(LABEL_PT),
        handlelength=1.6, columnspacing=2.4,
    )  # fmt: skip
    return figure


def draw_structure(subject: Subject) -> Figure:
    """How alike all moments are, and the sections as written and as heard."""
    about = subject.about("left: every beat against every other, bright is alike")
    figure = blank("Structure", about)
    bottom, top = BOTTOM, 0.87
    edge = LEFT + (top - bottom) * HEIGHT_PX / WIDTH_PX
    square = panel(figure, LEFT, edge, bottom, top)
    beats = subject.beats
    end_s = max(len(beats.features) * beats.beat_s, beats.beat_s)
    colours = LinearSegmentedColormap.from_list("likeness", LIKENESS_COLOURS)
    if len(beats.features):
        square.imshow(
            self_similarity(beats), origin="lower", cmap=colours, vmin=-0.6, vmax=1.0,
            extent=(0.0, end_s, 0.0, end_s), interpolation="nearest", aspect="auto",
        )  # fmt: skip
    for border in subject.heard:
        square.axvline(border, color=TEXT, lw=0.6, alpha=0.6)
        square.axhline(border, color=TEXT, lw=0.6, alpha=0.6)
    square.grid(visible=False)
    time_axis(square, end_s, most_ticks=6)
    square.set_ylim(0.0, end_s)
    square.set_yticks([])
    lanes = panel(figure, edge + 0.025, RIGHT, bottom, top)
    time_axis(lanes, subject.seconds)
    _draw_lanes(lanes, subject)
    return figure


def _draw_lanes(axes: Axes, subject: Subject) -> None:
    """Written sections above, heard parts below, between them how much each beat changes."""
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([])
    axes.grid(visible=False)
    change = novelty(subject.beats)
    times = np.arange(len(change)) * subject.beats.beat_s
    curve = 0.30 + 0.34 * change / max(float(change.max(initial=0.0)), 1e-9)
    axes.fill_between(times, 0.30, curve, color=ACCENT, alpha=0.25, lw=0)
    axes.plot(times, curve, color=ACCENT, lw=1.2)
    if subject.score is not None:
        draw_strip(axes, subject.parts, 0.80, 0.11, SMALL_PT)
        for border in section_borders(subject.score):
            axes.plot([border, border], [0.30, 0.80], color=WARM, lw=1.1, ls=(0, (2, 2)))
    draw_strip(axes, parts_between(subject.heard, subject.seconds), 0.075, 0.11, SMALL_PT)
    for border in subject.heard:
        axes.plot([border, border], [0.185, 0.66], color=TEXT, lw=1.0, alpha=0.9)
    written = "written, borders dashed" if subject.score is not None else "nothing is written"
    for height, name in ((0.925, written), (0.70, "change"), (0.015, "heard, borders solid")):
        axes.text(
            0.006, height, name, color=MUTED, font=letters(SMALL_PT), transform=axes.transAxes
        )


def _lufs(powers: Curve, hops: int) -> Curve:
    if len(powers) < hops:
        return np.zeros(0)
    means = np.convolve(powers, np.full(hops, 1.0 / hops), mode="valid")
    return np.asarray(-0.691 + 10.0 * np.log10(np.maximum(means, 1e-12)))


def _plot_lufs(
    axes: Axes, powers: Curve, hops: int, label: str, *, color: str, width: float
) -> None:
    curve = _lufs(powers, hops)
    times = (np.arange(len(curve)) + hops / 2) * HOP_S
    axes.plot(times, np.maximum(curve, QUIETEST_SHOWN_LUFS), color=color, lw=width, label=label)


def _range_ends(short_term: Curve) -> tuple[float, float]:
    """Between which levels the loudness range lies (EBU Tech 3342)."""
    loud = short_term[short_term > -70.0]
    if not len(loud):
        return QUIETEST_SHOWN_LUFS, QUIETEST_SHOWN_LUFS
    mean = 10.0 * np.log10(np.mean(10.0 ** (loud / 10.0)))
    low, high = np.percentile(loud[loud > mean - 20.0], [10, 95])
    return float(low), float(high)


def _mel(hertz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hertz / 700.0))


def _mel_bank() -> Curve:
    """Triangular bands equally wide in mel, as (bins, bands)."""
    bins = np.fft.rfftfreq(MEL_FRAME, 1.0 / ANALYSIS_RATE_HZ)
    mels = 2595.0 * np.log10(1.0 + bins / 700.0)
    centres = np.linspace(_mel(MEL_LOW_HZ), _mel(MEL_HIGH_HZ), MEL_BANDS)
    # Low bands are narrower than a bin; a triangle of a bin's width still catches one.
    width = np.maximum(centres[1] - centres[0], np.interp(centres, mels, np.gradient(mels)))
    triangles = np.maximum(0.0, 1.0 - np.abs(mels[:, None] - centres) / width)
    return np.asarray(triangles / triangles.sum(axis=0))
