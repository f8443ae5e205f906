"""The dark sheet that all plots of a song share: colours, letters, axes, the strip of sections.

Only the figure objects of matplotlib are used, no global state: drawing is safe in any thread.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MultipleLocator
from PIL import Image

from domain.errors import PartMissing

WIDTH_PX, HEIGHT_PX, DPI = 1600, 620, 160
LEFT, RIGHT, BOTTOM, TOP = 0.055, 0.975, 0.12, 0.79
GROUND, PANEL, LINE = "#0e1311", "#141b18", "#2a332f"
TEXT, MUTED, ACCENT, WARM = "#e9f0ec", "#93a19a", "#5fe0a8", "#ffb86b"
SECTION_COLOURS = {
    "intro": "#7d93a8", "verse": "#4f9dde", "prechorus": "#36c5c0", "build": "#36c5c0",
    "chorus": "#ff7a6b", "drop": "#ff5d8f", "hook": "#ff9f6b", "postchorus": "#ffa26b",
    "bridge": "#a98bf5", "breakdown": "#7f8cf0", "break": "#7f8cf0", "solo": "#f2c14e",
    "instrumental": "#f2c14e", "interlude": "#9ccf6a", "theme": "#5fc28a", "outro": "#8a8f98",
}  # fmt: skip
SPARE_COLOURS = ("#d4a5e0", "#8fd3a6", "#e0b48f", "#8fb6e0", "#c9d67a")
UNNAMED_COLOURS = ("#35708f", "#3d8f72")
TICKS_S, MOST_TICKS = (1, 2, 5, 10, 15, 20, 30, 60, 120), 13
TITLE_PT, LABEL_PT, TICK_PT, SMALL_PT = 13.0, 8.5, 8.0, 7.5
LONGEST_TITLE = 60
# Width of a usual letter as a share of its height.
LETTER_WIDTH = 0.6


@dataclass(frozen=True)
class Part:
    """A section as the strip shows it."""

    name: str
    start_s: float
    end_s: float


def parts_between(borders: Sequence[float], seconds: float) -> tuple[Part, ...]:
    """Numbered parts between borders."""
    spans = itertools.pairwise((0.0, *borders, seconds))
    return tuple(Part(f"{number}", a, b) for number, (a, b) in enumerate(spans, start=1))


def colour_of(name: str) -> str:
    """The colour of a section, the same in every picture; numbered parts take turns."""
    if name.isdigit():
        return UNNAMED_COLOURS[int(name) % len(UNNAMED_COLOURS)]
    key = "".join(filter(str.isalpha, name.lower()))
    return SECTION_COLOURS.get(key) or SPARE_COLOURS[sum(map(ord, name)) % len(SPARE_COLOURS)]


@lru_cache(maxsize=16)
def letters(size_pt: float) -> FontProperties:
    """The label's text face in a size; raises PartMissing when it is not installed."""
    try:
        folder = resources.files("fontpkg_inter") / "files"
        names = sorted(f.name for f in folder.iterdir() if "Italic" not in f.name)
    except (ModuleNotFoundError, FileNotFoundError):
        names = []
    if not names:
        raise PartMissing(
            "the font Inter is not installed",
            remedy="install Greenroom's locked dependencies again",
        )
    return FontProperties(fname=Path(str(folder)) / names[0], size=size_pt)


def blank(heading: str, subtitle: str) -> Figure:
    """An empty sheet with a heading."""
    figure = Figure(figsize=(WIDTH_PX / DPI, HEIGHT_PX / DPI), dpi=DPI, facecolor=GROUND)
    FigureCanvasAgg(figure)
    figure.text(LEFT, 0.935, heading, color=TEXT, font=letters(TITLE_PT), va="center")
    figure.text(
        RIGHT, 0.935, subtitle, color=MUTED, font=letters(LABEL_PT), va="center", ha="right",
        parse_math=False,
    )  # fmt: skip
    return figure


def panel(figure: Figure, left: float, right: float, bottom: float, top: float) -> Axes:
    """A framed drawing area; places are shares of the sheet."""
    axes = figure.add_axes((left, bottom, right - left, top - bottom), facecolor=PANEL)
    for side in axes.spines.values():
        side.set_color(LINE)
        side.set_linewidth(0.8)
    axes.tick_params(colors=MUTED, length=0, pad=5)
    axes.set_axisbelow(True)
    axes.grid(color=LINE, lw=0.6)
    return axes


def timed_sheet(
    heading: str, subtitle: str, parts: Sequence[Part], seconds: float
) -> tuple[Figure, Axes]:
    """A sheet with the strip of sections over one panel on the time axis."""
    figure = blank(heading, subtitle)
    strip = figure.add_axes((LEFT, TOP + 0.012, RIGHT - LEFT, 0.062), facecolor=GROUND)
    strip.set_axis_off()
    strip.set_xlim(0.0, seconds)
    strip.set_ylim(0.0, 1.0)
    draw_strip(strip, parts, 0.0, 1.0, LABEL_PT)
    axes = panel(figure, LEFT, RIGHT, BOTTOM, TOP)
    time_axis(axes, seconds)
    return figure, axes


def draw_strip(
    axes: Axes, parts: Sequence[Part], bottom: float, height: float, size_pt: float
) -> None:
    """Draw sections as coloured blocks; a name is left out where it would not fit."""
    whole_s = axes.get_xlim()[1]
    letter_s = size_pt / 72 * DPI * LETTER_WIDTH / (axes.get_position().width * WIDTH_PX) * whole_s
    for part in parts:
        span_s = part.end_s - part.start_s
        colour = colour_of(part.name)
        ink = TEXT if part.name.isdigit() else GROUND
        axes.add_patch(
            Rectangle((part.start_s, bottom), span_s, height, fc=colour, ec=GROUND, lw=1.2)
        )
        if letter_s * (len(part.name) + 1) < span_s:
            axes.text(
                part.start_s + span_s / 2, bottom + height / 2, part.name, color=ink,
                font=letters(size_pt), ha="center", va="center_baseline", parse_math=False,
            )  # fmt: skip


def time_axis(axes: Axes, seconds: float, most_ticks: int = MOST_TICKS) -> None:
    """Minutes and seconds along the bottom."""
    axes.set_xlim(0.0, seconds)
    step = next((s for s in TICKS_S if seconds / s <= most_ticks), TICKS_S[-1])
    axes.xaxis.set_major_locator(MultipleLocator(step))
    axes.xaxis.set_major_formatter(FuncFormatter(_clock))


def _clock(seconds: float, _place: int | None) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def png(figure: Figure) -> bytes:
    """The finished sheet; the same drawing gives the same bytes."""
    for axes in figure.axes:
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_fontproperties(letters(TICK_PT))
        axes.yaxis.label.set_fontproperties(letters(TICK_PT))
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi=DPI)
    size = (WIDTH_PX, HEIGHT_PX)
    picture = Image.frombytes("RGBA", size, buffer.getvalue()).convert("RGB")
    packed = io.BytesIO()
    # A palette of 256 colours halves the file and cannot be told from the full picture.
    picture.quantize(256, Image.Quantize.FASTOCTREE).save(packed, "PNG", optimize=True)
    return packed.getvalue()
