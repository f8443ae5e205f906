"""A run as one HTML page that needs nothing else: no network, no script, everything escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.evaluation import EvalRun, EvalSample, Transcript
from evals.results import Results, results_of

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def report_html(
    run: EvalRun, samples: Sequence[EvalSample], transcripts: Mapping[str, Transcript]
) -> str:
    """The page; the worst cases stand first."""
    results = results_of(run, samples)
    return _TEMPLATES.get_template("report.html.j2").render(
        run=run,
        results=results,
        samples=sorted(samples, key=lambda s: (_worth(s, results), s.case_id, s.epoch)),
        transcripts=transcripts,
    )


def _worth(sample: EvalSample, results: Results) -> float:
    value = sample.value(results.run.main)
    return 2.0 if value is None else value
