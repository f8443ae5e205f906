"""Measure what covers cost: CPU seconds and peak memory of every composition, one process each.

Run with `python -m benchmarks.pictures [--size 3000]`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time

from rich.console import Console
from rich.table import Table

from domain.art import COMPOSITIONS, ArtDirection, Composition, DisplayTypeface, Style, TextTypeface
from media.pictures.cover import CoverSpec, draw_cover
from media.pictures.encode import to_jpeg

PALETTE = ("#101426", "#2d3a66", "#c4573f", "#e8b45a", "#f4ead8")


def measure(style: Style, composition: Composition, size_px: int) -> tuple[float, float, int]:
    """Draw and encode one cover; returns CPU seconds, peak MB of the process and JPEG bytes."""
    art = ArtDirection(
        style=style,
        palette=PALETTE,
        composition=composition,
        display_typeface=DisplayTypeface.FRAUNCES,
        text_typeface=TextTypeface.INTER,
    )
    spec = CoverSpec(title="Slow Weather", artist="North Relay", art=art)
    seed = 0
    while draw_cover(spec, seed, 64).chosen("composition") != composition:
        seed += 1
    start = time.process_time()
    data = to_jpeg(draw_cover(spec, seed, size_px).image)
    used = time.process_time() - start
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return used, peak_mb, len(data)


def main() -> None:
    """Print one row a composition."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=3000, help="side of the covers in pixels")
    size_px = parser.parse_args().size
    table = Table(title=f"Covers of {size_px} px, drawn and encoded")
    for heading in ("style", "composition", "CPU s", "peak MB", "JPEG MB"):
        table.add_column(
            heading, justify="left" if heading in ("style", "composition") else "right"
        )
    context = multiprocessing.get_context("spawn")
    for style, compositions in COMPOSITIONS.items():
        for composition in compositions:
            # A fresh process for each: peak memory never falls within one.
            with context.Pool(1) as pool:
                used, peak, size = pool.apply(measure, (style, composition, size_px))
            table.add_row(style, composition, f"{used:.1f}", f"{peak:.0f}", f"{size / 1e6:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
