"""Steering by command: `greenroom artist directive|autonomy|budget|stop`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from app.cli.hold import moment
from app.cli.shell import JsonFlag, out, print_json, run, settings
from app.cli.show import table
from app.client import label_client
from domain.clock_words import parse_window
from domain.errors import InvalidInput

directive = typer.Typer(help="Give an artist directives and goals.", no_args_is_help=True)
Handle = Annotated[str, typer.Argument(help="The artist's handle or id.")]
DirectiveId = Annotated[str, typer.Argument(help="The directive's id, as `list` shows it.")]
Text = Annotated[str, typer.Argument(help="In a sentence: what to do, or not to do.")]
Until = Annotated[
    str | None, typer.Option(help="A day, such as 2030-05-10, to whose end it stands.")
]
Lasting = Annotated[
    bool | None,
    typer.Option("--lasting/--once", help="Until it is revoked, or done once; else by its words."),
]
TargetOption = Annotated[
    str | None,
    typer.Option(help="What a goal is measured by, such as “3 songs”, “5 posts”, “100 plays”."),
]
MEASURES = ("songs", "posts", "plays", "likes")


@directive.command("add")
def add(
    handle: Handle,
    text: Text,
    goal: Annotated[bool, typer.Option("--goal", help="Something to be reached.")] = False,
    target: TargetOption = None,
    until: Until = None,
    lasting: Lasting = None,
    as_json: JsonFlag = False,
) -> None:
    """Give an artist a directive or a goal; its next plan sees it."""
    body = {
        "kind": "goal" if goal or target else "directive",
        "text": text,
        "target": _target(target),
        "until": _until(until),
        "lasting": lasting,
    }
    _told(_send("POST", handle, "directives", body=body), as_json)


@directive.command("list")
def list_directives(
    handle: Handle,
    every: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List an artist's directives and goals, newest first."""

    async def work() -> Any:
        status = {} if every else {"status": "standing"}
        async with label_client(settings()) as client:
            return (await client.get("artists", handle, "directives", limit=200, **status))["items"]

    found = run(work())
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("Nothing is asked of this artist.", highlight=False)
        out.print(f'  → greenroom artist directive add {handle} "…"', markup=False, highlight=False)
        return
    rows = table("id", "kind", "status", "until", "text")
    for item in found:
        one = item["directive"]
        text = f"{one['text']} ({item['progress']})" if item["progress"] else one["text"]
        until = moment(one["until"]) if one["until"] else ""
        rows.add_row(one["id"], one["kind"], one["status"], until, escape(text))
    out.print(rows)


@directive.command("edit")
def edit(
    handle: Handle,
    directive_id: DirectiveId,
    text: Text,
    target: TargetOption = None,
    until: Until = None,
    lasting: Lasting = None,
    as_json: JsonFlag = False,
) -> None:
    """Say a directive otherwise; how it read before is kept."""
    body = {"text": text, "target": _target(target), "until": _until(until), "lasting": lasting}
    _told(_send("PUT", handle, "directives", directive_id, body=body), as_json)


@directive.command("revoke")
def revoke(handle: Handle, directive_id: DirectiveId, as_json: JsonFlag = False) -> None:
    """Take a directive back."""
    _told(_send("POST", handle, "directives", directive_id, "revoke"), as_json)


def autonomy(
    handle: Handle,
    level: Annotated[
        Literal["manual", "supervised", "autopilot"] | None,
        typer.Argument(help="How freely it acts; left out: show how it is."),
    ] = None,
    veto: Annotated[
        str | None, typer.Option(help="How long one may object, such as 6h, 90m or 0.")
    ] = None,
    quiet: Annotated[
        str | None, typer.Option(help="Local hours in which nothing goes out: 22:00-8:00, or none.")
    ] = None,
    tz: Annotated[str | None, typer.Option(help="Time zone of quiet hours and days.")] = None,
    posts_day: Annotated[
        str | None, typer.Option(help="Most posts on a day, or none for no limit.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Set how freely an artist acts: manual, supervised, or autopilot with a veto window."""
    body: dict[str, Any] = {"level": level} if level else {}
    body |= {"veto_hours": _hours(veto)} if veto is not None else {}
    body |= {"tz": tz} if tz else {}
    body |= {"posts_day": _number("posts_day", posts_day)} if posts_day is not None else {}
    if quiet is not None:
        none = quiet.strip().lower() in ("none", "")
        body["quiet"] = "none" if none else parse_window(quiet, "quiet").model_dump(mode="json")
    _told_steering(handle, _steer(handle, body), as_json)


def budget(
    handle: Handle,
    tokens_day: Annotated[str | None, typer.Option(help="Tokens within 24 hours, or none.")] = None,
    usd_day: Annotated[
        str | None, typer.Option(help="US dollars within 24 hours, or none.")
    ] = None,
    tokens_run: Annotated[str | None, typer.Option(help="Tokens in one run, or none.")] = None,
    usd_run: Annotated[str | None, typer.Option(help="US dollars in one run, or none.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show or lower what an artist may use; the label's own limits stand beside it."""
    given = {
        "tokens_day": tokens_day,
        "usd_day": usd_day,
        "tokens_run": tokens_run,
        "usd_run": usd_run,
    }
    own = {name: _number(name, said) for name, said in given.items() if said is not None}
    _told_steering(handle, _steer(handle, {"budgets": own} if own else {}), as_json)


def stop(
    handle: Handle,
    why: Annotated[str, typer.Option(help="Kept with every run that is ended.")] = "",
    go_on: Annotated[bool, typer.Option("--go-on", help="Do not pause the artist.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """End at once everything an artist is at, and pause it; nothing of it goes out any more."""
    found = _send("POST", handle, "stop", body={"why": why, "pause": not go_on})
    if as_json:
        print_json(found)
        return
    many = len(found["runs"])
    ended = f"{many} run{'' if many == 1 else 's'} ended" if many else "Nothing was under way"
    out.print(f"{ended}; {handle} is {found['artist']['status']}.", markup=False, highlight=False)


def _send(method: Literal["POST", "PUT"], handle: str, *path: str, body: Any = None) -> Any:
    async def work() -> Any:
        async with label_client(settings()) as client:
            if method == "PUT":
                return await client.put("artists", handle, *path, body=body)
            return await client.post("artists", handle, *path, body=body)

    return run(work())


def _steer(handle: str, body: dict[str, Any]) -> Any:
    async def work() -> Any:
        async with label_client(settings()) as client:
            if body:
                return await client.put("artists", handle, "steering", body=body)
            return await client.get("artists", handle, "steering")

    return run(work())


def _told(found: Any, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    one = found["directive"]
    out.print(f"{one['id']}: {one['text']}", markup=False, highlight=False)
    facts = [one["kind"], one["status"], "for good" if one["lasting"] else "once"]
    facts += [f"rules out {', '.join(one['forbids']).replace('_', ' ')}"] if one["forbids"] else []
    facts += [found["progress"]] if found["progress"] else []
    out.print(f"  {', '.join(facts)}", markup=False, highlight=False)


def _told_steering(handle: str, found: Any, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    own, limits, spent = found["steering"], found["limits"], found["spent_day"]
    level = own["level"] or "supervised (nobody chose)"
    veto = f", goes out after {own['veto_hours']:g} h" if own["level"] == "autopilot" else ""
    out.print(f"@{handle}: {level}{veto}", markup=False, highlight=False)
    if own["quiet"]:
        start, end = own["quiet"]["start"][:5], own["quiet"]["end"][:5]
        out.print(f"  quiet {start} to {end}, {own['tz']}", markup=False, highlight=False)
    if own["posts_day"] is not None:
        out.print(f"  {found['posted_today']} of {own['posts_day']} posts today", highlight=False)
    used = f"{spent['tokens']:,} of {limits['tokens_day']:,} tokens"
    money = f"${spent['cost_usd']:.2f} of ${limits['usd_day']:.2f}"
    out.print(f"  within 24 hours: {used}, {money}", markup=False, highlight=False)
    for name in found["asking"]:
        words = f"  the rhythm {name} asks all the same"
        out.print(f"{words} → greenroom schedule set {handle} --name {name} --approve level")


def _hours(text: str) -> float:
    """`6h`, `90m` or a number of hours."""
    plain = text.strip().lower()
    per = {"h": 1.0, "m": 1 / 60, "d": 24.0}.get(plain[-1:])
    try:
        return float(plain[:-1] if per else plain) * (per or 1.0)
    except ValueError:
        raise InvalidInput(
            f"{text!r} is no length of time", field="veto", remedy="Write 6h, 90m, 2d or 0."
        ) from None


def _number(name: str, text: str) -> float | None:
    if text.strip().lower() == "none":
        return None
    try:
        number = float(text)
    except ValueError:
        raise InvalidInput(
            f"{text!r} is no number", field=name, remedy="Write a number, or none for no limit."
        ) from None
    return number if name.startswith("usd") else int(number)


def _target(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    words = text.split()
    measure = words[-1].lower().rstrip("s") + "s" if words else ""
    if len(words) != 2 or not words[0].isdigit() or measure not in MEASURES:
        raise InvalidInput(
            f"{text!r} is no target",
            field="target",
            remedy=f"Write a number and one of: {', '.join(MEASURES)}.",
        )
    return {"count": int(words[0]), "measure": measure}


def _until(text: str | None) -> str | None:
    """The end of a day of this machine's, or a moment."""
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"{text!r} is no day", field="until", remedy="Write it as 2030-05-10."
        ) from None
    if len(text) <= len("2030-05-10"):
        given = given.replace(hour=23, minute=59, second=59)
    return given.astimezone().isoformat()
