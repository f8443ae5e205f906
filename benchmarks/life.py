"""A made-up artist's life of several hundred memories, with questions whose answers are known.

Four kinds of question: `named` asks by two names that many other memories share one of, `mixed`
by one such name and another word for the rest, `reworded` shares hardly a word with its answer,
`now` wants the latest of many alike.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.memory import MemoryKind, MemoryRecord, hash_text

ARTIST = "artist_benchmark"
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAYS = 400

SONGS = (
    "Tidewater",
    "Paper Lantern",
    "Signal Hill",
    "Night Ferry",
    "Copper Rain",
    "Glass Orchard",
    "Low Season",
    "Third Platform",
    "Winter Radio",
    "Salt Letters",
)
FANS = (
    "marlow_k",
    "ines.writes",
    "deepcut_dan",
    "yuki",
    "brother_oak",
    "lena77",
    "the_real_tomas",
    "quietstorm",
    "abi",
    "northbound",
    "velvet_moth",
    "samir",
)
PLAYERS = ("Mo", "Jette", "Ruben", "Aoife", "Kenji", "Paola")
VENUES = (
    "the Anchor",
    "Kulturhuset",
    "the Old Mill",
    "Cafe Central",
    "the Boathouse",
    "Studio Nine",
)
REACTIONS = (
    "the chorus made me cry on the bus",
    "too slow for me, I skipped the second half",
    "the bass line is the best thing you have done",
    "I played it at my sister's wedding",
    "the words are hard to hear behind the drums",
    "please release a version with piano only",
    "it sounds like rain on a tin roof",
    "my kids dance to it every morning",
)
INSTRUMENTS = (
    ("cello", "bowed low strings"),
    ("trumpet", "brass"),
    ("upright piano", "keys"),
    ("tambourine", "hand percussion"),
    ("pedal steel", "slide guitar"),
)
TAKES = ("the third take was the keeper", "we ran out of time", "the room hummed", "it clicked")
CROWDS = ("the room was half empty", "everyone sang along", "people talked through it", "sold out")

ONE_OFFS: tuple[tuple[MemoryKind, str, str], ...] = (
    (
        "episodic",
        "The power failed and we finished by candlelight.",
        "Which concert went dark when the electricity was lost?",
    ),
    (
        "episodic",
        "Lost my voice after three nights in a row.",
        "Have I ever strained my throat by singing too often?",
    ),
    (
        "episodic",
        "The hard disk with the demos died; nothing was backed up.",
        "When did we lose recordings to broken storage?",
    ),
    (
        "episodic",
        "A customs officer took the accordion apart at the border.",
        "What trouble did we have travelling abroad with equipment?",
    ),
    (
        "episodic",
        "Wrote a whole verse in the dentist's waiting room.",
        "Where do lyrics come to me in odd places?",
    ),
    (
        "episodic",
        "The cover with the lighthouse was turned down for being too dark.",
        "Which artwork was rejected, and why?",
    ),
    (
        "episodic",
        "A dog walked on stage and lay down by the amplifier.",
        "Did an animal ever interrupt a show?",
    ),
    (
        "episodic",
        "Our van broke down and strangers pushed it to the venue.",
        "When did people we did not know help with transport?",
    ),
    (
        "semantic",
        "My grandmother kept bees and taught me to be patient.",
        "What did family teach me when I was small?",
    ),
    ("semantic", "I cannot eat shellfish.", "Which food makes me ill?"),
    (
        "semantic",
        "Slow tempos around seventy beats suit my voice best.",
        "How fast should a piece be for my singing?",
    ),
    (
        "semantic",
        "Minor keys with a raised sixth feel like home.",
        "Which harmony do I feel comfortable in?",
    ),
    (
        "semantic",
        "I never write about real people by name.",
        "Is there something private that I keep out of texts?",
    ),
    (
        "audience",
        "Most listeners come from Portugal and Chile.",
        "In which countries is the music popular?",
    ),
    (
        "audience",
        "Posts after nine in the evening get twice the replies.",
        "What hour is best for publishing?",
    ),
    (
        "audience",
        "Teachers use the quiet pieces in class to calm pupils.",
        "Is the music played in schools?",
    ),
    (
        "relationship",
        "Promised the label in Leeds first refusal on the album.",
        "What did I commit to with a company in England?",
    ),
    (
        "relationship",
        "Quarrelled with the mixing engineer about loudness.",
        "With whom did I argue over how compressed things sound?",
    ),
    (
        "relationship",
        "A poet from Oslo offered to swap texts for melodies.",
        "Did a writer from Norway suggest working together?",
    ),
    (
        "reflection",
        "I hide behind reverb when I doubt the words.",
        "What do I do when I am unsure of the lyrics?",
    ),
    (
        "reflection",
        "Finishing small things often beats planning a grand one.",
        "Is it wiser to complete modest pieces than dream of big ones?",
    ),
    (
        "reflection",
        "Silence before the last chorus moves people more than volume.",
        "How can a pause have more effect than loudness near the end?",
    ),
    (
        "directive",
        "Use no swear words in anything that is published.",
        "Am I allowed to be profane?",
    ),
    (
        "directive",
        "Keep every release under four minutes.",
        "What is the longest a track may last?",
    ),
)


Sort = Literal["named", "mixed", "reworded", "now"]


class Question(BaseModel):
    """A question and the one memory that answers it."""

    model_config = ConfigDict(frozen=True)

    sort: Sort
    text: str
    answer_id: str


def live(seed: int) -> tuple[list[MemoryRecord], list[Question]]:
    """The memories and the questions of one life."""
    rng = random.Random(seed)
    records: list[MemoryRecord] = []
    questions: list[Question] = []
    for kind, text, question, sort in _happenings(rng):
        record = _record(len(records), kind, text, rng)
        records.append(record)
        if question:
            questions.append(Question(sort=sort, text=question, answer_id=record.id))
    questions.extend(_latest(records))
    return records, questions


Happening = tuple[MemoryKind, str, str | None, Sort]


def _happenings(rng: random.Random) -> Iterator[Happening]:
    for fan in FANS:
        for song in SONGS:
            text = f"{fan} wrote about {song}: {rng.choice(REACTIONS)}."
            asked = f"How did {fan} react to {song}?" if rng.random() < 0.3 else None
            yield "audience", text, asked, "named"
    for song in SONGS:
        for instrument, other_name in INSTRUMENTS:
            player = rng.choice(PLAYERS)
            text = f"Recorded {instrument} for {song} with {player}; {rng.choice(TAKES)}."
            asked = f"Who played the {other_name} on {song}?" if rng.random() < 0.6 else None
            yield "episodic", text, asked, "mixed"
    for venue in VENUES:
        for song in SONGS:
            text = f"Opened with {song} at {venue}; {rng.choice(CROWDS)}."
            asked = f"What was it like to begin with {song} at {venue}?"
            yield "episodic", text, asked if rng.random() < 0.4 else None, "named"
    for kind, text, question in ONE_OFFS:
        yield kind, text, question, "reworded"


def _record(number: int, kind: MemoryKind, text: str, rng: random.Random) -> MemoryRecord:
    happened_at = NOW - timedelta(days=rng.uniform(0, DAYS))
    return MemoryRecord(
        id=f"memory_{number:05}",
        created_at=happened_at,
        updated_at=happened_at,
        artist_id=ARTIST,
        kind=kind,
        text=text,
        happened_at=happened_at,
        importance=round(rng.uniform(0.2, 0.8), 2),
        text_sha256=hash_text(text),
    )


def _latest(records: list[MemoryRecord]) -> Iterator[Question]:
    for fan in FANS:
        theirs = [record for record in records if record.text.startswith(f"{fan} wrote")]
        newest = max(theirs, key=lambda record: record.happened_at)
        text = f"What has {fan} said lately?"
        yield Question(sort="now", text=text, answer_id=newest.id)
