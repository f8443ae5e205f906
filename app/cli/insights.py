"""`greenroom insights`: what changed in the last week, how sure that is, and what comes next."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, out, print_json
from app.cli.show import show_rows
from app.cli.user import ask
from app.client import LabelClient

NAMES = {
    "plays": "plays",
    "answers": "likes, comments, reposts, follows",
    "cost": "spending in dollars",
    "approvals": "approved",
    "failures": "runs that failed",
}


def show_insights(
    artist: Annotated[str | None, typer.Option(help="Handle or id of an artist.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show the last seven full days against those before, and what the next are likely to bring."""

    async def work(client: LabelClient) -> Any:
        return await client.get("insights", artist=artist)

    found = ask(work)
    if as_json:
        print_json(found)
        return
    out.print(f"{found['since']} to {found['until']}, in UTC", style="dim", highlight=False)
    rows = [_figure(one) for one in found["figures"]] + [_rate(one) for one in found["rates"]]
    show_rows(("what", "in the week", "against before", "ahead"), rows)
    for one in found["artists"]:
        growth = one["growth"]
        out.print(
            f"@{escape(one['handle'])} {growth['way']}: {_times(growth['growth'])}", highlight=False
        )


def _figure(one: dict[str, Any]) -> tuple[str, ...]:
    growth, ahead = one["growth"], one["ahead"]
    change = growth.get("reason") or f"{growth['way']}, {_times(growth['growth'])}"
    day = None if "reason" in ahead else ahead["days"][0]
    coming = f"today {day['low']:.2f} to {day['high']:.2f}" if day else ahead["reason"]
    amounts = f"{one['week']:.2f} after {one['week_before']:.2f}"
    return NAMES[one["name"]], amounts.replace(".00", ""), change, coming


def _rate(one: dict[str, Any]) -> tuple[str, ...]:
    week, before, ahead = one["week"], one["before"], one["ahead"]
    coming = ahead.get("reason") or f"{_share(ahead['share'])} of as many"
    share = f"{one['good']} of {one['trials']}" + (f", {_share(week)}" if week else "")
    return NAMES[one["name"]], share, _share(before) if before else "nothing before", coming


def _times(growth: dict[str, float]) -> str:
    return f"× {growth['estimate']:.2f} ({growth['low']:.2f} to {growth['high']:.2f})"


def _share(share: dict[str, float]) -> str:
    return f"{share['low']:.0%} to {share['high']:.0%}"
