"""The quality report of a song as a page for people and a file for programs."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from domain.quality import GateResult, QualityReport, spelled
from media.files import write_atomically
from media.plots import Plot

Facts = Mapping[str, str | float | int | None]

HEADINGS = {
    "lyrics": "Words",
    "score": "Score",
    "audio": "Sound",
    "cover": "Cover",
    "post": "Post",
}
# Names that the usual spelling of a gate would get wrong.
NAMES = {
    "true_peak_flac": "True peak, FLAC",
    "true_peak_mp3": "True peak, MP3",
    "true_peak_ogg": "True peak, OGG",
    "mp3_length": "Length of the MP3",
    "ogg_length": "Length of the OGG",
    "dc": "DC offset",
    "scale": "In scale",
    "chord_tones": "Chord tones",
    "crest": "Crest factor",
    "centroid": "Brightness",
    "words": "Words understood",
    "vocal_tuning": "Fine tuning of the voice",
    "vocal_pitch": "Pitch of the voice",
    "vocal_presence": "Presence of the voice",
    "intelligibility": "Voice over the band",
    "asked_length": "Length as asked",
    "free_length": "Length of the generator's choice",
}
FACTS = {
    "tempo_bpm": "Tempo, bpm",
    "duration_s": "Length, s",
    "integrated_lufs": "Loudness, LUFS",
    "loudness_range_lu": "Loudness range, LU",
    "true_peak_dbtp": "True peak, dBTP",
    "pcm_sha256": "Hash of the samples",
    "cpu_s": "Computing time, s",
}
VERDICTS = {"pass": "passes", "fail": "fails", "not_applicable": "does not apply"}
PLOT_TEXTS = {
    "waveform": "Peaks and mean level over time, coloured by section.",
    "spectrogram": "Energy over time and frequency.",
    "loudness": "Momentary and short-term loudness over time with range and target.",
    "structure": "Likeness of all moments, and the section borders written and heard.",
}
_ROOM = 0.5


@dataclass(frozen=True)
class Gauge:
    """Where a value lies beside its range, all in percent of a bar's width."""

    left: float
    width: float
    mark: float


@dataclass(frozen=True)
class Row:
    """One gate as the page shows it."""

    name: str
    verdict: str
    value: str
    wanted: str
    reason: str
    gauge: Gauge | None

    @property
    def word(self) -> str:
        """The verdict in words."""
        return VERDICTS[self.verdict]


@dataclass(frozen=True)
class Chapter:
    """One report as the page shows it: what was judged, and what did not apply."""

    heading: str
    judged: tuple[Row, ...]
    skipped: tuple[Row, ...]


@dataclass(frozen=True)
class Picture:
    """A plot inside the page."""

    title: str
    text: str
    uri: str


def write_report(
    out_dir: Path, reports: Sequence[QualityReport], facts: Facts,
    *, title: str = "Song", plots: Sequence[Plot] = (),
) -> Path:  # fmt: skip
    """Write report.json and report.html, which needs no other file, and return the page's path."""
    out_dir.mkdir(parents=True, exist_ok=True)
    record = {
        "title": title,
        "passed": _passed(reports),
        "facts": dict(facts),
        "reports": [report.model_dump(mode="json") for report in reports],
        "plots": [plot.path.name for plot in plots],
    }
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    write_atomically(out_dir / "report.json", text.encode())
    page = _template().render(
        title=title,
        passed=_passed(reports),
        summary=_summary(reports),
        facts=[(_spoken(name), _value(value)) for name, value in facts.items()],
        pictures=[_picture(plot) for plot in plots],
        chapters=[_chapter(report) for report in reports],
    )
    path = out_dir / "report.html"
    write_atomically(path, page.encode())
    return path


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = Path(__file__).with_name("report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(source)


def _passed(reports: Sequence[QualityReport]) -> bool:
    return bool(reports) and all(report.passed for report in reports)


def _summary(reports: Sequence[QualityReport]) -> str:
    verdicts = [gate.verdict for report in reports for gate in report.gates]
    failed, passed = verdicts.count("fail"), verdicts.count("pass")
    rest = verdicts.count("not_applicable")
    said = f"{failed} of {failed + passed} checks fail" if failed else f"All {passed} checks pass"
    return f"{said}; {rest} do not apply." if rest else f"{said}."


def _chapter(report: QualityReport) -> Chapter:
    rows = [_row(gate) for gate in report.gates]
    judged = [row for row in rows if row.verdict != "not_applicable"]
    # What fails is read first.
    judged.sort(key=lambda row: row.verdict != "fail")
    skipped = tuple(row for row in rows if row.verdict == "not_applicable")
    return Chapter(HEADINGS[report.subject], tuple(judged), skipped)


def _row(gate: GateResult) -> Row:
    return Row(
        name=NAMES.get(gate.gate, _spoken(gate.gate)),
        verdict=gate.verdict,
        value="–" if gate.value is None else f"{_value(gate.value)} {gate.unit}".strip(),
        wanted=_wanted(gate),
        # What was wanted stands in a column of its own.
        reason=_sentence(gate.reason.split("; wanted ")[0]),
        gauge=_gauge(gate),
    )


def _spoken(name: str) -> str:
    return _sentence(FACTS.get(name) or name.replace("_", " "))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _value(value: str | float | int | None) -> str:
    if isinstance(value, float):
        return spelled(value).replace("-", "−")
    return "–" if value is None else str(value)


def _wanted(gate: GateResult) -> str:
    low, high = gate.low, gate.high
    if low is not None and high is not None:
        return f"{_value(low)} to {_value(high)}"
    if low is not None:
        return f"≥ {_value(low)}"
    return "" if high is None else f"≤ {_value(high)}"


def _gauge(gate: GateResult) -> Gauge | None:
    """Put the value and its range on one bar, with room on both sides."""
    if gate.value is None or (gate.low is None and gate.high is None):
        return None
    ends = [end for end in (gate.low, gate.high) if end is not None]
    span = (max(ends) - min(ends)) or max(abs(ends[0]), abs(gate.value - ends[0]), 1e-9)
    first = min(gate.value, *ends) - _ROOM * span
    whole = max(gate.value, *ends) + _ROOM * span - first
    low = 0.0 if gate.low is None else (gate.low - first) / whole
    high = 1.0 if gate.high is None else (gate.high - first) / whole
    return Gauge(
        left=100.0 * low, width=100.0 * (high - low), mark=100.0 * (gate.value - first) / whole
    )


def _picture(plot: Plot) -> Picture:
    data = base64.b64encode(plot.path.read_bytes()).decode("ascii")
    return Picture(plot.title, PLOT_TEXTS.get(plot.name, ""), f"data:image/png;base64,{data}")
