"""`greenroom work`: queue, workers, runs, stuck ones and dead letters on one screen."""

from __future__ import annotations

from typing import Any

from rich.markup import escape

from app.cli.dead_letters import show_dead
from app.cli.shell import JsonFlag, out, print_json, run, settings
from app.cli.show import show_rows, table
from app.cli.spans import ago, until
from app.cli.worker import show_workers
from app.client import label_client
from domain.spans import span

SHOWN = 10


def show_work(as_json: JsonFlag = False) -> None:
    """Show the house at work: queue, workers, what runs, what is stuck, what failed."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            found = await client.get("operations")
            return found | {"caches": await client.get("operations/caches")}

    found = run(work())
    if as_json:
        print_json(found)
        return
    if hold := found["held"]:
        why = f": {escape(hold['why'])}" if hold["why"] else ""
        out.print(
            f"[yellow]Everything is held{why}.[/yellow] → greenroom hold --lift\n", highlight=False
        )
    _queue(found["queue"])
    _title("Workers", len(found["workers"]))
    show_workers(found["workers"])
    _running(found["running"])
    _retrying(found["retrying"])
    _stuck(found["stuck"])
    _title("Failed for good", found["dead"]["total"])
    show_dead(found["dead"]["items"][:SHOWN], found["dead"]["total"])
    _caches(found["caches"])
    if waits := found["waiting_for_people"]:
        out.print(f"\n{waits} wait for a decision. → greenroom approval list", highlight=False)


def _title(words: str, many: int | None = None) -> None:
    out.print(f"\n[bold]{words}[/bold]" + ("" if many is None else f"  {many}"), highlight=False)


def _queue(queue: dict[str, Any]) -> None:
    out.print(f"[bold]Queue[/bold]  {queue['waiting']} wait, {queue['running']} run, "
              f"{queue['delayed']} for later", highlight=False)  # fmt: skip
    for line in queue["priorities"]:
        said = f"  {line['name']}: {line['waiting']}, the oldest for {span(line['oldest_s'])}"
        out.print(said, highlight=False)
    crowded = [line for line in queue["artists"]["items"] if line["waiting"] > 1][:SHOWN]
    for line in crowded:
        who = f"@{line['handle']}" if line["handle"] else line["artist_id"]
        out.print(f"  {escape(who)}: {line['waiting']} in line", highlight=False)


def _caches(caches: list[dict[str, Any]]) -> None:
    if not (asked := [line for line in caches if line["hits"] + line["misses"]]):
        return
    _title("Found again instead of made anew")
    for line in asked:
        looked = line["hits"] + line["misses"]
        said = f"  {line['name']}: {line['hits']} of {looked} ({line['hits'] / looked:.0%})"
        out.print(escape(said), highlight=False)


def _running(runs: dict[str, Any]) -> None:
    _title("Running", runs["total"])
    if not runs["items"]:
        return
    rows = table("run", "artist", "step", "for", "worker")
    for item in runs["items"][:SHOWN]:
        rows.add_row(
            item["run_id"],
            f"@{escape(item['handle'])}",
            escape(item["step"] or "–"),
            ago(item["since"]).removesuffix(" ago"),
            escape(_holder(item)),
        )
    out.print(rows)


def _holder(run: dict[str, Any]) -> str:
    """Who works on it, and what has happened to it so far, where that is not usual."""
    told = [run["holder"] or "nobody"]
    if run["lease"] > 1:
        told.append(f"taken up {run['lease']} times")
    if run["deaths"]:
        told.append(f"{run['deaths']} died in this step")
    if run["retries"]:
        told.append(f"{run['retries']} tries failed")
    return ", ".join(told)


def _retrying(runs: dict[str, Any]) -> None:
    if not runs["total"]:
        return
    _title("Tried again by themselves", runs["total"])
    rows: list[tuple[str, ...]] = []
    for item in runs["items"][:SHOWN]:
        failure = item["failure"] or {"message": ""}
        rows.append(
            (
                item["run_id"],
                f"@{escape(item['handle'])}",
                until(item["retry_at"]),
                str(item["retries"]),
                escape(failure["message"]),
            )
        )
    show_rows(("run", "artist", "next try", "tries", "why"), rows)


def _stuck(runs: dict[str, Any]) -> None:
    if not runs["total"]:
        return
    _title("Stuck", runs["total"])
    rows = [
        (
            item["run_id"],
            f"@{escape(item['handle'])}",
            span(item["silent_s"]),
            escape(item["known"]),
        )
        for item in runs["items"][:SHOWN]
    ]
    show_rows(("run", "artist", "silent for", "what is known"), rows)
