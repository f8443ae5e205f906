"""What generators are told: a song in words, as prompt, tags and tagged lyrics."""

from __future__ import annotations

from domain.errors import ProviderInputInvalid
from domain.ports.providers import Capabilities
from domain.requests import MusicAsk, SongRequest
from domain.score import LyricSection

MINOR_MODES = frozenset({"aeolian", "dorian", "phrygian"})
SPELT = {"prechorus": "Pre Chorus", "pre-chorus": "Pre Chorus", "break": "Break"}


def ask_of(request: SongRequest, able: Capabilities) -> MusicAsk:
    """The request in words; raises `ProviderInputInvalid` when this generator cannot make it."""
    ask = request.ask
    if ask is None:
        raise ProviderInputInvalid(
            f"{able.name} reads no score, and the request says nothing in words", field="ask"
        )
    if able.longest_s is not None and ask.duration_s > able.longest_s:
        raise ProviderInputInvalid(
            f"{able.name} makes at most {able.longest_s:.0f} s", field="duration_s"
        )
    if sung(ask) and "lyrics" not in able.features:
        raise ProviderInputInvalid(f"{able.name} does not sing given lyrics", field="lyrics")
    return ask


def sung(ask: MusicAsk) -> bool:
    """True when given words are to be sung."""
    return bool(ask.lyrics) and not ask.instrumental


def style_tags(ask: MusicAsk) -> list[str]:
    """The style split where it has commas, with tempo and key."""
    tags = [part.strip() for part in ask.style.replace(";", ",").split(",")]
    return [*filter(None, tags), f"{ask.tempo_bpm:.0f} BPM", key_name(ask)]


def key_name(ask: MusicAsk) -> str:
    """The key as generators know it: major or minor."""
    return f"{ask.key} {'minor' if ask.mode in MINOR_MODES else 'major'}"


def prompt_text(ask: MusicAsk, limit: int) -> str:
    """The style as one prompt that ends before `limit` characters, cut between tags."""
    tags = style_tags(ask)
    if ask.instrumental or not ask.lyrics:
        tags.append("instrumental, no vocals")
    elif ask.language != "en":
        tags.append(f"sung in the language {ask.language!r}")
    return joined_tags(tags, limit)


def joined_tags(tags: list[str], limit: int) -> str:
    """Tags joined by commas; from behind the first, tags that do not fit are left out."""
    text = tags[0][:limit]
    for tag in tags[1:]:
        longer = f"{text}, {tag}"
        text = longer if len(longer) <= limit else text
    return text


def heading(section: LyricSection) -> str:
    """The section's tag without brackets, as generators spell it."""
    name = section.section.strip().lower()
    return SPELT.get(name, name.title())


def tagged_lyrics(ask: MusicAsk, limit: int) -> str:
    """The words under section tags in square brackets.

    Raises `ProviderInputInvalid` when they are longer than `limit`: a song that loses its last
    verse on the way is not the song that was asked for.
    """
    blocks = ["\n".join([f"[{heading(part)}]", *part.lines]) for part in ask.lyrics]
    text = "\n\n".join(blocks)
    if len(text) > limit:
        raise ProviderInputInvalid(
            f"the lyrics have {len(text)} characters with their tags, {limit} are taken",
            field="lyrics",
            remedy="Shorten the lyrics.",
        )
    return text
