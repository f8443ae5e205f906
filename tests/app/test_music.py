from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.score import Score
from media.tags import read_tags
from tests.app.conftest import Command

SHEET = """[Verse]
The harbour lights are going out
The tide is turning low
"""
FILES = {"flac", "mp3", "ogg", "midi", "score", "musicxml", "lyrics", "report"}


def _sheet(folder: Path, text: str) -> str:
    path = folder / "words.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_song_from_a_sheet_is_sung_and_whole(greenroom: Command, tmp_path: Path) -> None:
    out = tmp_path / "song"
    words = _sheet(tmp_path, SHEET)
    made = greenroom(
        "music", "render", "--pack", "synthwave", "--lyrics", words, "--seed", "3",
        "--mood=-0.4,0.6", "--out", str(out), "--json",
    )  # fmt: skip
    assert made.code in (0, 11), made.out + made.err
    song = made.json
    assert set(song["files"]) >= FILES
    assert all(Path(path).is_file() for path in song["files"].values())
    assert len(song["stems"]) >= 3
    assert all(Path(path).suffix == ".flac" for path in song["stems"])
    assert song["singer"]
    assert song["unsung"] is None
    tags = [read_tags(Path(song["files"][role])) for role in ("flac", "mp3", "ogg")]
    assert {tag.title for tag in tags} == {song["title"]}
    assert all("synthetic voice" in tag.ai_disclosure for tag in tags)
    assert "<00:" in Path(song["files"]["lyrics"]).read_text(encoding="utf-8")
    score = Score.model_validate(json.loads(Path(song["files"]["score"]).read_text()))
    assert score.mood.valence == -0.4
    assert [line.text for line in score.lyrics][:1] == ["The harbour lights are going out"]
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []
    again = greenroom(
        "music", "render", "--pack", "synthwave", "--lyrics", words, "--seed", "3",
        "--mood=-0.4,0.6", "--no-stems", "--out", str(out), "--json",
    )  # fmt: skip
    assert again.json["pcm_sha256"] == song["pcm_sha256"]
    assert again.json["stems"] == []
    assert not (out / "stems").exists()


def test_few_words_make_a_short_song_that_is_not_blamed_for_it(
    greenroom: Command, tmp_path: Path
) -> None:
    words = _sheet(tmp_path, "Der Regen fällt auf das alte Dach\n")
    made = greenroom(
        "music", "render", "--pack", "indie-folk", "--lyrics", words,
        "--out", str(tmp_path / "song"), "--no-stems", "--json",
    )  # fmt: skip
    assert made.code in (0, 11), made.out + made.err
    score = next(r for r in made.json["reports"] if r["subject"] == "score")
    verdicts = {gate["gate"]: gate["verdict"] for gate in score["gates"]}
    assert verdicts["song_length"] == verdicts["energy_contrast"] == "not_applicable"


def test_a_brief_is_enough_and_the_model_writes(greenroom: Command, tmp_path: Path) -> None:
    made = greenroom(
        "music", "render", "--pack", "lofi", "--brief", "rain on a kettle", "--singer", "none",
        "--out", str(tmp_path / "quiet"), "--json",
    )  # fmt: skip
    assert made.code in (0, 11), made.out + made.err
    assert made.json["lyrics"] == []
    assert made.json["unsung"] == "the song is instrumental"
    sung = greenroom(
        "music", "render", "--pack", "synthwave", "--brief", "rain on a kettle",
        "--out", str(tmp_path / "sung"),
    )  # fmt: skip
    assert sung.code in (0, 11), sung.out + sung.err
    assert "[verse]" in sung.out
    assert "sung by" in sung.out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "instrumental"),
        ("🎵🎶\n💜\n", "instrumental"),
        ("שיר על הים\nגלים באים\n", "sing"),
    ],
)
def test_words_that_cannot_be_sung_have_a_clear_outcome(
    greenroom: Command, tmp_path: Path, text: str, told: str
) -> None:
    mine = tmp_path / "song" / "stems" / "mine.wav"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"a recording of one's own")
    made = greenroom(
        "music", "render", "--pack", "indie-folk", "--lyrics", _sheet(tmp_path, text),
        "--brief", "the sea", "--out", str(tmp_path / "song"), "--no-stems", "--json",
    )  # fmt: skip
    assert made.code in (0, 11), made.out + made.err
    assert made.json["singer"] is None
    assert told in made.json["unsung"]
    assert any("brief is not used" in note for note in made.json["notes"])
    assert mine.is_file()
    assert Path(made.json["files"]["flac"]).is_file()


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (("--pack", "polka"), "genre"),
        (("--pack", "lofi", "--mood", "sad"), "mood"),
        (("--pack", "lofi", "--mood=2,0"), "mood"),
        (("--pack", "lofi", "--singer", "nobody"), "singer"),
        (("--pack", "lofi", "--lyrics", "/no/such/file.txt"), "lyrics"),
        (("--pack", "lofi", "--brief", "x" * 5000), "brief"),
        (("--pack", "lofi", "--singer", "none", "--out", "/proc/nowhere"), "out"),
    ],
)
def test_bad_options_are_named(
    greenroom: Command, tmp_path: Path, options: tuple[str, ...], field: str
) -> None:
    rest = () if "--out" in options else ("--out", str(tmp_path / "song"))
    made = greenroom("music", "render", *options, *rest, "--json")
    assert made.code == 2, made.out + made.err
    assert made.json["error"]["field"] == field
    assert made.json["error"]["remedy"]


def test_too_many_words_are_refused_with_the_number_that_fits(
    greenroom: Command, tmp_path: Path
) -> None:
    text = "\n".join(f"Line number {i} goes walking home" for i in range(400))
    made = greenroom(
        "music", "render", "--pack", "lofi", "--lyrics", _sheet(tmp_path, text),
        "--out", str(tmp_path / "song"), "--json",
    )  # fmt: skip
    assert made.code == 2
    assert made.json["error"]["field"] == "lyrics"
    assert not (tmp_path / "song" / "song.flac").exists()


def test_packs_and_singers_are_listed(greenroom: Command) -> None:
    packs = greenroom("music", "packs", "--json").json
    assert len(packs) == 8
    singers = greenroom("music", "singers", "--json").json
    assert len({singer["id"] for singer in singers}) >= 6
    shown = greenroom("music", "singers").out
    assert all(singer["id"] in shown for singer in singers)
