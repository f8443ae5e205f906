"""The fields of the form that says anew who an artist is.

Names in the form are paths in the profile, so that what refuses a value names its field.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from domain.art import (
    COMPOSITIONS,
    Composition,
    DisplayTypeface,
    Motif,
    Style,
    TextTypeface,
    Texture,
)
from domain.genre import KEYS, Mode
from domain.profile import PostingStyle, Voice

# One value, or several: a line each in a text, or a box each to tick.
Kind = Literal["line", "text", "number", "trait", "choice", "lines", "colours", "boxes"]
Choices = tuple[tuple[str, tuple[str, ...]], ...]
SEVERAL: frozenset[Kind] = frozenset({"lines", "colours", "boxes"})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Entry(_Part):
    """One field; `ends` are what the two ends of a trait are called."""

    path: str
    label: str
    kind: Kind = "line"
    hint: str = ""
    choices: Choices = ()
    ends: tuple[str, str] = ("", "")
    rows: int = 3
    required: bool = False

    @property
    def several(self) -> bool:
        """Whether it holds a list."""
        return self.kind in SEVERAL


class Group(_Part):
    """Fields that belong together."""

    id: str
    title: str
    lead: str
    entries: tuple[Entry, ...]


def _plain(values: Iterable[str]) -> Choices:
    return (("", tuple(values)),)


def _of(model: type[BaseModel], name: str) -> Choices:
    return _plain(get_args(model.model_fields[name].annotation))


def _trait(name: str, label: str, low: str, high: str) -> Entry:
    return Entry(path=f"personality.{name}", label=label, kind="trait", ends=(low, high))


def _lines(path: str, label: str, hint: str = "One a line.", rows: int = 3) -> Entry:
    return Entry(path=path, label=label, kind="lines", hint=hint, rows=rows)


GROUPS: tuple[Group, ...] = (
    Group(
        id="who",
        title="Who it is",
        lead="The name and the story that everybody reads, and what the songs turn around.",
        entries=(
            Entry(path="stage_name", label="Stage name", required=True),
            Entry(
                path="biography",
                label="Biography",
                kind="text",
                rows=6,
                hint="At most 1,200 characters; the first sentence stands on cards.",
                required=True,
            ),
            _lines("themes", "Themes", "What the songs are about, one a line.", 4),
            _lines("influences", "Influences", rows=4),
            Entry(path="audience", label="Who it is for", kind="text", rows=2),
            Entry(
                path="languages",
                label="Languages",
                kind="lines",
                rows=2,
                hint="Two letters a line, such as en; the first is the one of the lyrics.",
            ),
        ),
    ),
    Group(
        id="voice",
        title="How it speaks",
        lead="Lyrics, posts and the chat all follow this.",
        entries=(
            Entry(
                path="voice.register",
                label="Register",
                kind="choice",
                choices=_of(Voice, "register_"),
            ),
            _lines("voice.vocabulary", "Words it likes", rows=4),
            _lines("voice.avoided_words", "Words it avoids", rows=4),
            _lines("voice.sample_lines", "Lines in its voice", rows=4),
        ),
    ),
    Group(
        id="character",
        title="Character",
        lead="Where the mood rests, and how it takes what happens to it.",
        entries=(
            _trait("openness", "Openness", "practical", "curious"),
            _trait("conscientiousness", "Conscientiousness", "easy-going", "thorough"),
            _trait("extraversion", "Extraversion", "reserved", "outgoing"),
            _trait("agreeableness", "Agreeableness", "blunt", "warm"),
            _trait("neuroticism", "Neuroticism", "calm", "sensitive"),
            _lines("personality.values", "Values"),
            _lines("personality.quirks", "Quirks"),
            _lines("personality.taboos", "Taboos", "What it never does or says, one a line."),
            _lines(
                "personality.anti_influences",
                "Does not want to sound like",
            ),
        ),
    ),
    Group(
        id="music",
        title="Music",
        lead="The artist composes inside of this. Who sings, and how the genre is bent, stands "
        "under Sound.",
        entries=(
            Entry(path="music.tempo_bpm.0", label="Slowest, BPM", kind="number"),
            Entry(path="music.tempo_bpm.1", label="Fastest, BPM", kind="number"),
            Entry(path="music.energy.0", label="Least energy, 0 to 1", kind="number"),
            Entry(path="music.energy.1", label="Most energy, 0 to 1", kind="number"),
            Entry(
                path="music.keys",
                label="Keys",
                kind="boxes",
                choices=_plain(KEYS),
                hint="None ticked: as the genre has it.",
            ),
            Entry(
                path="music.modes",
                label="Modes",
                kind="boxes",
                choices=_plain(get_args(Mode)),
                hint="None ticked: as the genre has it.",
            ),
            _lines("music.forms", "Forms", "Names of the genre's forms, one a line; none: all."),
        ),
    ),
    Group(
        id="looks",
        title="Looks",
        lead="What covers, pictures and the public page are drawn with.",
        entries=(
            Entry(path="visual.style", label="Style", kind="choice", choices=_plain(Style)),
            Entry(
                path="visual.composition",
                label="Composition",
                kind="choice",
                choices=(
                    ("", (Composition.VARIED,)),
                    *((style, tuple(known)) for style, known in COMPOSITIONS.items()),
                ),
                hint="Varied, or one of the style's own.",
            ),
            Entry(
                path="visual.display_typeface",
                label="Face of titles",
                kind="choice",
                choices=_plain(DisplayTypeface),
            ),
            Entry(
                path="visual.text_typeface",
                label="Face of small print",
                kind="choice",
                choices=_plain(TextTypeface),
            ),
            Entry(path="visual.texture", label="Texture", kind="choice", choices=_plain(Texture)),
            Entry(
                path="visual.palette",
                label="Colours",
                kind="colours",
                rows=5,
                hint="Three to seven, one a line, as # and six hexadecimal digits.",
            ),
            Entry(
                path="visual.motifs",
                label="Motifs",
                kind="boxes",
                choices=_plain(Motif),
                hint="At most six.",
            ),
        ),
    ),
    Group(
        id="posting",
        title="Posts",
        lead="What it writes to its listeners, and how often.",
        entries=(
            Entry(path="posting.tone", label="Tone", required=True),
            Entry(
                path="posting.emoji",
                label="Emoji",
                kind="choice",
                choices=_of(PostingStyle, "emoji"),
            ),
            Entry(path="posting.hashtags_max", label="Hashtags at most", kind="number"),
            Entry(path="posting.posts_per_week", label="Posts a week", kind="number"),
        ),
    ),
)
ENTRIES: tuple[Entry, ...] = tuple(entry for group in GROUPS for entry in group.entries)
LABELS = {entry.path: entry.label for entry in ENTRIES}
