"""Renders runs, works and approvals for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.markup import escape
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.table import Table

from app.cli.shell import err, out

INNER_FILES = ("fingerprint", "plate", "cover_thumb")
EXIT = {"succeeded": 0, "waiting": 3, "rejected": 12, "cancelled": 13}


def exit_code(run: dict[str, Any]) -> int:
    """For scripts: 0 done, 3 waits for approval, 12 rejected, 13 expired, else the failure's."""
    if run["status"] == "failed" and run["failure"]:
        return int(run["failure"]["exit_code"])
    return EXIT.get(run["status"], 1)


def show_run(run: dict[str, Any]) -> None:
    """A run as a person reads it."""
    colour = {"succeeded": "green", "waiting": "yellow", "failed": "red"}.get(run["status"], "cyan")
    out.print(
        f"[bold]{run['id']}[/bold]  {escape(run['stage_name'])} (@{escape(run['artist'])})  "
        f"[{colour}]{run['status']}[/{colour}]  {run['action'] or run['kind']}",
        highlight=False,
    )
    for work in run["works"]:
        show_work(work)
    for post in run["posts"]:
        out.print(f"  post  [{post['status']}] {post['payload']['text']}", markup=False)
    out.print(
        f"  cost  {run['tokens']:,} tokens, ${run['cost_usd']:.4f}, {run['cpu_s']:.1f} CPU seconds",
        highlight=False,
    )
    if run["status"] == "waiting":
        out.print(f"  waits for approval [bold]{run['approval_id']}[/bold]", highlight=False)
        out.print(f"  → greenroom approval approve {run['approval_id']}", highlight=False)
        out.print(f"  → greenroom approval reject {run['approval_id']} --reason …", highlight=False)
        asked = f"greenroom approval changes {run['approval_id']} --reason … --comment …"
        out.print(f"  → {asked}", highlight=False)
    if run["failure"]:
        failure = run["failure"]
        why = escape(f"stopped at {failure['step']}: {failure['message']}")
        err.print(f"[red]{why}[/red]", highlight=False)
        if failure["remedy"]:
            err.print(f"  → {failure['remedy']}", markup=False, highlight=False)
        if run["status"] == "failed":
            err.print(f"  → greenroom run resume {run['id']}", highlight=False)
        elif run["discarded"] is not None:
            err.print(f"  discarded: {run['discarded'] or 'no reason given'}", markup=False)


def show_work(work: dict[str, Any]) -> None:
    """A work with its files and what its gates said."""
    facts = [
        f"{work['duration_s']:.0f} s" if work["duration_s"] else None,
        f"{work['tempo_bpm']:g} BPM" if work["tempo_bpm"] else None,
        f"{work['key']} {work['mode']}" if work["key"] else None,
    ]
    out.print(
        f"  [bold]{escape(work['title'])}[/bold]  {', '.join(f for f in facts if f)}",
        highlight=False,
    )
    for section in work["lyrics"]:
        out.print(f"    [dim]{escape(section['section'])}[/dim]", highlight=False)
        for line in section["lines"]:
            out.print(f"      {line}", markup=False, highlight=False)
    show_quality(work["reports"])
    for file in (f for f in work["files"] if f["role"] not in INNER_FILES):
        out.print(
            f"    {file['role']:<11} {file['path']}", markup=False, highlight=False, soft_wrap=True
        )


def show_quality(reports: list[dict[str, Any]]) -> None:
    """Every gate that failed in words, and how many passed."""
    for report in reports:
        verdicts = [g["verdict"] for g in report["gates"]]
        failed = [g for g in report["gates"] if g["verdict"] == "fail"]
        sign = "[red]✗[/red]" if failed else "[green]✓[/green]"
        out.print(
            f"    {sign} {escape(report['subject'])}: {verdicts.count('pass')} gates passed, "
            f"{len(failed)} failed, {verdicts.count('not_applicable')} do not apply",
            highlight=False,
        )
        for gate in failed:
            out.print(f"      {gate['gate']}: {gate['reason']}", markup=False, highlight=False)


# Columns whose cells are typed into the next command.
COPIED = frozenset(
    ("run", "approval", "artist", "handle", "name", "worker", "webhook", "job", "network")
)


def table(*columns: str) -> Table:
    """A plain table; its cells are read as markup, so data must be escaped."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        # An id that is broken over two lines cannot be copied; words may wrap.
        made.add_column(column, overflow="fold", no_wrap=column in COPIED)
    return made


def show_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table whose last column is words; where lines are short these stand under each row.

    Cells are read as markup, so data must be escaped.
    """
    kept = [tuple(row) for row in rows]
    whole, short = table(*columns), table(*columns[:-1])
    for row in kept:
        whole.add_row(*row)
        short.add_row(*row[:-1])
    wide = out.options.update(max_width=1000)
    if whole.__rich_measure__(out, wide).maximum <= out.width:
        out.print(whole)
        return
    heading, *lines = out.render_lines(short, wide, pad=False)
    out.print(Segments([*heading, Segment.line()]), soft_wrap=True)
    for line, (*_, words) in zip(lines, kept, strict=True):
        out.print(Segments([*line, Segment.line()]), soft_wrap=True)
        if words:
            said = f"[dim]{columns[-1]}:[/dim] {words}"
            out.print(Padding(said, (0, 0, 0, 2), expand=False), highlight=False)
