"""`greenroom music`: genres, singers, and songs without an artist."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.cli.shell import JsonFlag, ensure_embedded_model, err, out, print_json, run, settings
from app.cli.show import table
from app.forms import forced_form
from app.music.wish import MadeSong, SongWish
from domain.errors import InvalidInput, QualityRejected
from domain.ports.providers import Progress as Report
from domain.score import MoodPoint
from domain.singer import INSTRUMENTAL
from packs import load_pack, pack_ids
from packs.singers import choose_singer, load_singer, load_singers
from runtime.settings import Settings

cli = typer.Typer(help="Genres, singers, and songs without an artist.", no_args_is_help=True)
LYRICS_MAX_BYTES = 200_000
BRIEF_MAX_CHARS = 2000


@cli.command()
def packs(as_json: JsonFlag = False) -> None:
    """List the genre packs."""
    found = [load_pack(pack_id) for pack_id in pack_ids()]
    if as_json:
        print_json([pack.model_dump(mode="json") for pack in found])
        return
    rows = table("pack", "tempo", "modes", "sung", "what it is")
    for pack in found:
        rows.add_row(
            pack.id,
            f"{pack.tempo_bpm.low:g}–{pack.tempo_bpm.high:g}",
            ", ".join(pack.modes),
            "yes" if pack.vocal.sung else "no",
            escape(pack.description),
        )
    out.print(rows)


@cli.command()
def singers(as_json: JsonFlag = False) -> None:
    """List the singer presets."""
    found = load_singers()
    if as_json:
        print_json([singer.model_dump(mode="json") for singer in found])
        return
    rows = table("singer", "name", "range", "languages", "how it sounds")
    for singer in found:
        rows.add_row(
            singer.id,
            escape(singer.name),
            singer.compass,
            ", ".join(singer.languages),
            escape(singer.description),
        )
    out.print(rows)


@cli.command()
def render(
    pack: Annotated[str, typer.Option(help="Genre pack; see `greenroom music packs`.")],
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for the song's files.")],
    brief: Annotated[
        str, typer.Option(help="What the song is about; the model writes the words.")
    ] = "",
    lyrics: Annotated[
        Path | None, typer.Option(help="A text file of words, [Verse] and [Chorus] marked.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Default: found in the words.")] = None,
    mood: Annotated[
        str, typer.Option(help="Valence and arousal, each -1 to 1, such as -0.4,0.6.")
    ] = "0,0",
    singer: Annotated[
        str, typer.Option(help="A preset; `auto`: by the seed; `none`: instrumental.")
    ] = "auto",
    seed: Annotated[
        int, typer.Option(min=0, max=2**31 - 1, help="The same seed makes the same song.")
    ] = 1,
    stems: Annotated[bool, typer.Option(help="Keep every instrument as a file of its own.")] = True,
    as_json: JsonFlag = False,
) -> None:
    """Make a whole song: audio, stems, MIDI, score, timed lyrics and a quality report.

    Exit code 11: the song is there, but a quality gate still fails.
    """
    current = settings()
    wish = _wish(pack, brief, lyrics, title, mood, singer, seed, stems)
    wish = wish.model_copy(update={"form": forced_form(current.song_form)})
    if wish.sheet is None and not wish.instrumental:
        ensure_embedded_model(current, quiet=as_json)
    made = run(
        _render(wish, out_dir.absolute(), current, quiet=as_json),
        stopped="Stopped. Nothing was kept of the song; the same command begins it anew.",
    )
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        _show(made)
    if made.status == "failed":
        raise typer.Exit(QualityRejected.exit_code)


async def _render(wish: SongWish, out_dir: Path, current: Settings, *, quiet: bool) -> MadeSong:
    # Synthesis, voice and models take seconds to load, which only a song should pay.
    from app.music.make import make_song, open_folder
    from app.music.words import read_words
    from app.music.writing import writing_parts
    from app.studio import build_studio

    with _bar(quiet=quiet) as progress:
        words, form = read_words(wish)
        # Before a model spends minutes on words that have nowhere to go.
        open_folder(out_dir)
        if wish.sheet is None and not wish.instrumental:
            async with writing_parts(current) as parts:
                words, form = await parts.write(wish, progress)
        return await make_song(wish, words, form, build_studio(current).music, out_dir, progress)


def _wish(
    pack_id: str,
    brief: str,
    lyrics: Path | None,
    title: str | None,
    mood: str,
    singer: str,
    seed: int,
    stems: bool,
) -> SongWish:
    """Read the options; raises `InvalidInput` naming the one that is wrong."""
    pack = load_pack(pack_id)
    chosen = None
    if singer == "auto":
        chosen = choose_singer(seed, pack) if pack.vocal.sung else None
    elif singer != INSTRUMENTAL:
        chosen = load_singer(singer)
    if len(brief) > BRIEF_MAX_CHARS:
        raise InvalidInput(
            f"the brief has {len(brief)} characters",
            field="brief",
            remedy=f"Say it in at most {BRIEF_MAX_CHARS}.",
        )
    return SongWish(
        pack=pack,
        seed=seed,
        brief=brief.strip(),
        title=title.strip() if title and title.strip() else None,
        sheet=_sheet(lyrics) if lyrics else None,
        mood=_mood(mood),
        singer=chosen,
        instrumental=singer == INSTRUMENTAL,
        stems=stems,
    )


def _sheet(path: Path) -> str:
    try:
        raw = path.read_bytes()
        if len(raw) > LYRICS_MAX_BYTES:
            raise InvalidInput(
                f"{path} has {len(raw)} bytes", field="lyrics", remedy="A song has far fewer words."
            )
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read: {error.strerror}",
            field="lyrics",
            remedy="Name a text file with the words of the song.",
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"{path} is not text in UTF-8", field="lyrics", remedy="Save it as UTF-8 text."
        ) from error


def _mood(text: str) -> MoodPoint:
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
        if len(numbers) not in (2, 3) or not all(-1 <= n <= 1 for n in numbers):
            raise ValueError(text)
    except ValueError as error:
        raise InvalidInput(
            f"{text!r} is no mood",
            field="mood",
            remedy="Write valence and arousal, each from -1 to 1, such as --mood=-0.4,0.6.",
        ) from error
    return MoodPoint(
        valence=numbers[0],
        arousal=numbers[1],
        dominance=numbers[2] if len(numbers) == 3 else 0.0,
    )


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Report]:
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=err,
        disable=quiet,
        transient=True,
    ) as bars:
        task = bars.add_task("composing", total=1.0)

        def progress(stage: str, share: float) -> None:
            bars.update(task, description=escape(stage), completed=share)

        yield progress


def _show(made: MadeSong) -> None:
    minutes, seconds = divmod(round(made.duration_s), 60)
    sung = f"sung by {made.singer}" if made.singer else f"not sung: {made.unsung}"
    out.print(f"[bold]“{escape(made.title)}”[/bold]  {made.pack}, seed {made.seed}")
    out.print(
        f"  {minutes}:{seconds:02d}, {made.key} {made.mode}, {made.tempo_bpm:g} BPM, {sung}",
        markup=False,
        highlight=False,
    )
    for note in made.notes:
        out.print(f"  note: {note}", markup=False, highlight=False)
    for section in made.lyrics:
        out.print(f"\n  [{section.section}]", style="dim", markup=False, highlight=False)
        for line in section.lines:
            out.print(f"  {line}", markup=False, highlight=False)
    out.print()
    failures = [gate for report in made.reports for gate in report.failures]
    for gate in failures:
        out.print(f"  [red]{escape(gate.gate)}[/red]: {escape(gate.reason)}", highlight=False)
    if not failures:
        judged = sum(g.verdict == "pass" for r in made.reports for g in r.gates)
        out.print(f"  every one of {judged} quality gates is passed", highlight=False)
    if made.repairs:
        out.print(f"  repaired: {', '.join(made.repairs)}", markup=False, highlight=False)
    for role, path in made.files.items():
        out.print(f"  {role:<10} {path}", markup=False, highlight=False, soft_wrap=True)
    if made.stems:
        where = f"{made.stems[0].parent} ({len(made.stems)} files)"
        out.print(f"  {'stems':<10} {where}", markup=False, highlight=False, soft_wrap=True)
