"""A whole script for the scripted model: everything a debut and several cycles ask for.

`script.json` beside this file is what `settings.model_script` takes; it is written by
`python -m tests.support.scripts` and a test fails when it is out of date. Keys are prompt ids
without version; each value is a list of answers. A seeded request gets answer `seed % n`, an
unseeded one an answer that depends only on its content (see `runtime.gateway.scripted`). Only
prompts in short form and `lyrics.rewrite` are answered in text; `profile.whole`, `song.concept`,
`lyrics.song`, `lyrics.critique` and `plan.choose` are what a strong model is asked, as JSON.

There are enough different lines that gates for repetition, rhyme and novelty pass for real: the
agents refuse, score and choose among these answers as they do with a model's.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import JsonValue

SCRIPT_FILE = Path(__file__).parent / "script.json"
Script = dict[str, list[JsonValue]]

_THINGS = (
    "The kettle", "A ferry", "The elevator", "My jacket", "A sparrow", "The radio",
    "Your bicycle", "The lantern", "A suitcase", "The ceiling fan", "A cassette", "The piano",
    "My brother", "A taxi", "The garden hose", "A paper crane", "The ticket man", "Your umbrella",
    "A violin", "The harbour bell", "A moth", "The typewriter", "My neighbour", "A lighthouse",
    "The pencil", "A marble", "The curtain",
)  # fmt: skip
_DOINGS = (
    "hums", "is sleeping", "trembles", "keeps turning", "waits", "grows quiet", "is ringing",
    "leans over", "wanders", "shines", "is dripping", "holds still", "flickers", "is breathing",
    "drifts", "comes undone", "is humming low", "falls over", "keeps time", "is melting",
    "whistles", "goes missing", "is burning", "rattles", "blinks twice",
)  # fmt: skip
_ENDS = (
    "in the rain", "by the train", "on the lane", "under chains", "near the pane",
    "beside the door", "across the floor", "along the shore", "outside the store", "in a drawer",
    "at the light", "all the night", "wearing white", "like a kite", "out of sight",
    "on the stone", "by the phone", "all alone", "to the bone", "in monotone",
    "over glass", "on the grass", "in the brass", "as you pass",
)  # fmt: skip


def lyric_lines(count: int = 600) -> list[str]:
    """Different lines; any two share at most one of their three parts."""
    return [
        f"{_THINGS[n % len(_THINGS)]} {_DOINGS[n % len(_DOINGS)]} {_ENDS[n % len(_ENDS)]}"
        for n in range(count)
    ]


def lyric_endings() -> list[str]:
    """How a small model continues a begun line: every pair of a doing and an end."""
    return [
        f" {_DOINGS[n // len(_ENDS)]} {_ENDS[n % len(_ENDS)]}"
        for n in range(len(_DOINGS) * len(_ENDS))
    ]


def full_script() -> Script:
    """Answers for every prompt."""
    return {**_profile(), **_song(), **_talk(), **_chat(), **_strong(), **_evolved()}


def _evolved() -> Script:
    """Sections of prompts written anew; those that drop a mark are refused, as a model's are."""
    return {
        "evolve.section": [
            "Write one short post. Say only what you were told, and name the song.",
            "Write two short sentences in your own voice. Use no number that was not given.",
        ]
    }


def _profile() -> Script:
    return {
        "profile.name": [
            "Mara Voss", "The Ivory Pines", "Otto Lindqvist", "June Calloway", "Silas Fenn",
            "Wren Halloway", "Dana Kest", "Ansel Moreau", "Ida Brandt", "Theo Marsh",
            "Lena Okoro",
        ],
        "profile.biography": [
            "grew up beside a freight yard and learned rhythm from couplings at night. These days "
            "the recordings happen in a kitchen with the fridge unplugged. The songs are about "
            "people who nearly called.",
            "repairs church organs by day and writes by lamplight. Every song begins as a hum "
            "into an old dictaphone. Neighbours can be heard on most of the recordings.",
        ],
        "profile.themes": [
            "trains at four in the morning\n- unsent postcards\n- houses with one lit window\n"
            "- the smell of solder\n- borrowed umbrellas",
            "rivers under bridges\n- kitchens after midnight\n- names on old tapes\n"
            "- bicycles in the rain\n- the first frost",
        ],
        "profile.influences": [
            "railway announcements\n- church organs\n- seventies public television\n- tape hiss",
        ],
        "profile.character": [
            {
                "values": ["patience", "handwriting"],
                "quirks": ["counts stairs", "tunes by the fridge"],
                "taboos": ["revenge"],
            }
        ],
        "profile.sample": [
            "I keep every bus ticket in case one of them rhymes.",
            "My landlord thinks the metronome is a leaking tap.",
            "The best microphone I own is a broken telephone.",
            "I tuned this guitar to the hum of the vending machine.",
        ],
        "profile.audience": ["Night-shift workers who take the long way home."],
    }  # fmt: skip


def _song() -> Script:
    return {
        "song.story": [
            "A man counts the windows of a passing night train. One of them is his.",
            "Two sisters repair a radio on the kitchen floor. Neither mentions the funeral.",
            "A girl waits at the ferry landing with a birdcage. The last boat has left.",
        ],
        "song.images": [
            "a birdcage without a bird\n- wet timetables\n- a thermos of cold tea\n- gull feathers",
            "a radio in pieces\n- a lamp on the lino\n- two screwdrivers\n- a funeral hat",
        ],
        "song.title": [
            "Wet Timetable", "Seventh Window", "Birdcage at the Landing", "Cold Thermos",
            "Two Screwdrivers", "Platform Hymn", "Gull Feathers", "Lamp on the Lino",
            "Unsent", "Freight Lullaby", "Frost on the Dial",
        ],
        "lyrics.line": list[JsonValue](lyric_endings()),
        # From the other end, so that a new version is not the old one.
        "lyrics.line_again": list[JsonValue](lyric_endings()[::-1]),
    }  # fmt: skip


def _talk() -> Script:
    return {
        "post.announcement": [
            "I wrote it on the back of a timetable.",
            "It took one winter and most of a thermos.",
            "You can hear the fridge in the second verse.",
        ],
        "post.update": [
            "Back at the kitchen table with half a chorus and a full thermos.",
            "I am changing the strings and listening to the trains.",
            "Thank you for listening, it keeps the lamp on.",
        ],
        "post.again": [
            "It was one winter, two cups and a window that would not shut.",
            "I sang it to the stairwell first, and the stairwell kept quiet.",
            "The bell in it is a spoon on the radiator.",
        ],
        "reflect.words": [
            "The window stayed lit a little longer this week. I want to write something slower.",
            "Some people listened, and I heard the fridge through their ears. I will unplug it.",
        ],
        "plan.reason": [
            "The tune has been walking up and down the stairs all morning.",
            "It has been quiet for long enough and the lamp is on.",
            "My hands want the piano more than they want the phone.",
        ],
    }


def _chat() -> Script:
    return {
        "chat.answer": [
            "The kitchen is quiet and the thermos is full, so ask me anything.",
            "I keep the window open and the tape running. Something slow is on its way.",
            "That is how it stands. I would rather be at the piano, to be honest.",
        ],
        "chat.step": [{"tool": "answer", "about": ""}],
        "chat.sum_up": ["They talked about the kitchen and a slow song."],
    }


def _landing(title: str, place: str) -> JsonValue:
    return {
        "title": title,
        "story": f"{place} A girl waits there with a birdcage and no ticket.",
        "images": ["gull feathers", "wet timetables", "a lamp on the lino"],
    }


def _strong() -> Script:
    lines = lyric_lines()
    return {
        "profile.whole": [_PROFILE_DRAFT],
        "song.concept": [
            {
                "title": "Seventh Window",
                "story": "A man counts the windows of a passing night train. One of them is his.",
                "images": ["wet timetables", "a thermos of cold tea", "a birdcage"],
            },
            {
                "title": "Two Screwdrivers",
                "story": "Two sisters repair a radio on the kitchen floor, saying nothing.",
                "images": ["a radio in pieces", "a lamp on the lino", "a funeral hat"],
            },
            *(
                _landing(title, place)
                for title, place in (
                    ("Birdcage at the Landing", "The last ferry has gone."),
                    ("Cold Thermos", "The waiting room is locked."),
                    ("Platform Hymn", "It snows on platform nine."),
                    ("Frost on the Dial", "The clock has stopped at four."),
                    ("Freight Lullaby", "A goods train takes an hour to pass."),
                    ("Lamp on the Lino", "The power is out again."),
                )
            ),
        ],
        "lyrics.song": [
            {
                "sections": [
                    {"section": f"part {part}", "lines": list[JsonValue](lines[at : at + 8])}
                    for part, at in enumerate(range(first, first + 40, 8))
                ]
            }
            for first in (0, 60, 120)
        ],
        "lyrics.song_again": [
            {
                "sections": [
                    {"section": f"part {part}", "lines": list[JsonValue](lines[at : at + 8])}
                    for part, at in enumerate(range(first, first + 40, 8))
                ]
            }
            for first in (240, 300, 360)
        ],
        "lyrics.rewrite": list[JsonValue](lines),
        "lyrics.critique": [
            {"weak": [{"line": 2, "reason": "flat"}, {"line": 6, "reason": "unclear"}]},
            {"weak": []},
        ],
        "plan.choose": [
            {
                "reason": "The tune has been walking up and down the stairs all morning.",
                "action": "write_and_release_song",
                "subject": "a night train",
            }
        ],
    }


_PROFILE_DRAFT: JsonValue = {
    "stage_name": "Mara Voss",
    "biography": "Mara Voss grew up beside a freight yard and learned rhythm from couplings at "
    "night. These days she records in a kitchen with the fridge unplugged.",
    "register": "plain",
    "vocabulary": ["thermos", "platform", "frost", "lamp"],
    "avoided_words": ["baby", "forever"],
    "sample_lines": [
        "I keep every bus ticket in case one of them rhymes.",
        "My landlord thinks the metronome is a leaking tap.",
    ],
    "traits": {
        "openness": 0.8,
        "conscientiousness": 0.6,
        "extraversion": 0.2,
        "agreeableness": 0.7,
        "neuroticism": 0.55,
    },
    "values": ["patience", "handwriting"],
    "quirks": ["counts stairs", "tunes by the fridge"],
    "taboos": ["revenge"],
    "anti_influences": ["stadium fireworks"],
    "influences": ["railway announcements", "church organs"],
    "themes": ["trains at four in the morning", "unsent postcards", "the first frost"],
    "audience": "Night-shift workers who take the long way home.",
    "posting_tone": "dry and brief",
    "look": {
        "style": "night_window",
        "motifs": ["train", "window"],
        "display_typeface": "fraunces",
        "text_typeface": "inter",
    },
}


def main() -> None:
    """Write the script file."""
    SCRIPT_FILE.write_text(json.dumps(full_script(), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
