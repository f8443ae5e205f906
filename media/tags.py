"""Tags of FLAC, Ogg Vorbis and MP3 files. The only file that knows mutagen."""

# mutagen is only partly typed.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from mutagen import MutagenError
from mutagen.flac import FLAC, Picture
from mutagen.id3 import (
    APIC,
    ID3,
    TALB,
    TBPM,
    TCON,
    TIT2,
    TKEY,
    TPE1,
    TSRC,
    TXXX,
    USLT,
    ID3NoHeaderError,
)
from mutagen.oggvorbis import OggVorbis
from pydantic import BaseModel, ConfigDict, Field

from domain.errors import InvalidInput
from domain.genre import Mode
from media.theory import is_minor

AI_DISCLOSURE_KEY = "AI_DISCLOSURE"
_FRONT_COVER = 3
_UTF8 = 3
_OGG_PICTURE = "metadata_block_picture"


class SongTags(BaseModel):
    """What a player shows, and the truth about how the song was made."""

    model_config = ConfigDict(frozen=True)

    title: str = Field(min_length=1)
    artist: str = Field(min_length=1)
    album: str = ""
    genre: str = ""
    bpm: float = Field(gt=0)
    key: str = ""
    lyrics: str = ""
    ai_disclosure: str = Field(min_length=1)
    isrc: str | None = Field(default=None, pattern=r"^[A-Z]{2}[A-Z0-9]{3}\d{7}$")
    cover_jpeg: bytes | None = None


def key_tag(key: str, mode: Mode) -> str:
    """A key as tags write it: "Am", "F#m", "G"."""
    return f"{key}m" if is_minor(mode) else key


def write_tags(path: Path, tags: SongTags) -> None:
    """Replace a file's tags; the file is swapped whole, so a crash leaves the old one."""
    writer = _format(path)[0]
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    copy = Path(name)
    try:
        shutil.copyfile(path, copy)
        writer(copy, tags)
        copy.replace(path)
    except MutagenError as error:
        raise InvalidInput(
            f"{path.name} cannot be tagged: {error}", field="path", remedy="encode it again"
        ) from error
    finally:
        copy.unlink(missing_ok=True)


def read_tags(path: Path) -> SongTags:
    """Read the tags back; raises InvalidInput when the file has none."""
    try:
        return _format(path)[1](path)
    except (MutagenError, KeyError, ValueError) as error:
        raise InvalidInput(
            f"{path.name} has no usable tags: {error}", field="path", remedy="write them first"
        ) from error


Writer = Callable[[Path, SongTags], None]
Reader = Callable[[Path], SongTags]


def _format(path: Path) -> tuple[Writer, Reader]:
    formats: dict[str, tuple[Writer, Reader]] = {
        ".flac": (_write_flac, _read_flac),
        ".ogg": (_write_ogg, _read_ogg),
        ".mp3": (_write_mp3, _read_mp3),
    }
    if path.suffix.lower() not in formats:
        raise InvalidInput(
            f"{path.name} is neither FLAC, Ogg nor MP3",
            field="path",
            remedy="tag .flac, .ogg or .mp3",
        )
    return formats[path.suffix.lower()]


def _write_flac(path: Path, tags: SongTags) -> None:
    file = FLAC(path)
    file.delete()
    file.clear_pictures()
    file.update(_comments(tags))
    if tags.cover_jpeg:
        file.add_picture(_picture(tags.cover_jpeg))
    file.save()


def _read_flac(path: Path) -> SongTags:
    file = FLAC(path)
    return _from_comments(file, bytes(file.pictures[0].data) if file.pictures else None)


def _write_ogg(path: Path, tags: SongTags) -> None:
    file = OggVorbis(path)
    file.delete()
    file.update(_comments(tags))
    if tags.cover_jpeg:
        packed = base64.b64encode(_picture(tags.cover_jpeg).write())
        file[_OGG_PICTURE] = packed.decode("ascii")
    file.save()


def _read_ogg(path: Path) -> SongTags:
    file = OggVorbis(path)
    packed = file.get(_OGG_PICTURE)
    cover = bytes(Picture(base64.b64decode(packed[0])).data) if packed else None
    return _from_comments(file, cover)


def _comments(tags: SongTags) -> dict[str, str]:
    """The Vorbis comments that FLAC and Ogg share; empty ones are left out."""
    texts = {
        "title": tags.title, "artist": tags.artist, "album": tags.album, "genre": tags.genre,
        "bpm": f"{tags.bpm:g}", "initialkey": tags.key, "lyrics": tags.lyrics,
        AI_DISCLOSURE_KEY: tags.ai_disclosure, "isrc": tags.isrc or "",
    }  # fmt: skip
    return {name: text for name, text in texts.items() if text}


def _from_comments(file: FLAC | OggVorbis, cover: bytes | None) -> SongTags:
    def text(name: str) -> str:
        return str(file[name][0]) if name in file else ""

    return SongTags(
        title=text("title"), artist=text("artist"), album=text("album"), genre=text("genre"),
        bpm=float(text("bpm")), key=text("initialkey"), lyrics=text("lyrics"),
        ai_disclosure=text(AI_DISCLOSURE_KEY), isrc=text("isrc") or None, cover_jpeg=cover,
    )  # fmt: skip


def _picture(jpeg: bytes) -> Picture:
    picture = Picture()
    picture.type, picture.mime, picture.data = _FRONT_COVER, "image/jpeg", jpeg
    return picture


def _write_mp3(path: Path, tags: SongTags) -> None:
    with contextlib.suppress(ID3NoHeaderError):
        ID3(path).delete(path)
    frames = ID3()
    for frame, text in (
        (TIT2, tags.title), (TPE1, tags.artist), (TALB, tags.album), (TCON, tags.genre),
        (TBPM, f"{tags.bpm:g}"), (TKEY, tags.key), (TSRC, tags.isrc or ""),
    ):  # fmt: skip
        if text:
            frames.add(frame(encoding=_UTF8, text=text))
    frames.add(TXXX(encoding=_UTF8, desc=AI_DISCLOSURE_KEY, text=tags.ai_disclosure))
    if tags.lyrics:
        frames.add(USLT(encoding=_UTF8, lang="eng", desc="", text=tags.lyrics))
    if tags.cover_jpeg:
        frames.add(
            APIC(
                encoding=_UTF8,
                mime="image/jpeg",
                type=_FRONT_COVER,
                desc="cover",
                data=tags.cover_jpeg,
            )
        )
    frames.save(path)


def _read_mp3(path: Path) -> SongTags:
    frames = ID3(path)

    def text(name: str) -> str:
        return str(frames[name].text[0]) if name in frames else ""

    lyrics = frames.getall("USLT")
    covers = frames.getall("APIC")
    return SongTags(
        title=text("TIT2"), artist=text("TPE1"), album=text("TALB"), genre=text("TCON"),
        bpm=float(text("TBPM")), key=text("TKEY"), lyrics=str(lyrics[0].text) if lyrics else "",
        ai_disclosure=text(f"TXXX:{AI_DISCLOSURE_KEY}"), isrc=text("TSRC") or None,
        cover_jpeg=bytes(covers[0].data) if covers else None,
    )  # fmt: skip
