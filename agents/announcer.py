"""Writes posts in the artist's voice; code keeps them factual, clean and inside the limits."""

from __future__ import annotations

import re
from collections.abc import Sequence

import regex
from pydantic import BaseModel, ConfigDict

from agents.desk import Desk, Judge, Judged, Rounds
from agents.judges import prose_judge
from agents.report import Notebook, Report
from agents.wording import copies
from domain.art import ArtDirection
from domain.errors import InvalidInput
from domain.ports.model import CallScope, Completion, ModelGateway, Sampling
from domain.ports.network import NetworkCapabilities
from domain.profile import Profile
from prompts import SHIPPED, PromptBook

LONGEST_CHARACTERS = 280
ASKED_CHARS = 600
WORKING = "the artist is at work on new songs"
_POST = Sampling(max_tokens=90, temperature=0.8, top_p=0.93, stop=("\n\n",), repeat_penalty=1.1)
_TAGS = regex.compile(
    r"(?:^|\s)[#@]\w+|\p{Extended_Pictographic}[\ufe0f\u200d\p{Extended_Pictographic}]*"
)
# What a musician may not promise: code knows of no shows, dates, platforms or prices.
_UNFOUNDED = re.compile(
    r"\b(spotify|apple music|youtube|bandcamp|soundcloud|tiktok|instagram|itunes|stream it|"
    r"link in bio|tickets?|tour dates?|tonight|tomorrow|next week|friday|monday|saturday|sunday|"
    r"pre-?order|vinyl|\$\d+|album|on tour|venues?|shows?|concerts?|gigs?|festivals?|crowd|"
    r"interview|award|record deal|our last stop|live stream|merch)\b",
    re.I,
)


class SongFacts(BaseModel):
    """What is true about the song a post speaks of."""

    model_config = ConfigDict(frozen=True)

    title: str
    theme: str
    story: str


async def write_announcement(
    gateway: ModelGateway,
    *,
    profile: Profile,
    song: SongFacts,
    capabilities: NetworkCapabilities,
    seed: int,
    scope: CallScope,
    attempt: int = 0,
    book: PromptBook = SHIPPED,
) -> tuple[str, Report]:
    """The text of a post that says `song` is out; the title stands in it letter for letter."""
    notes = Notebook("announcer", {"title": song.title, "channel": capabilities.name})
    longest = _longest(capabilities)
    opening = opening_of(song.title)
    if len(opening) > longest:
        raise InvalidInput(f"the title alone does not fit into {longest} characters", field="title")
    inputs: dict[str, object] = {
        **_voice(profile),
        "title": song.title,
        "theme": song.theme,
        "story": song.story,
        "most_characters": longest,
    }
    judge = _post_judge(longest, opening, 3, profile, allowed=song.title)
    desk = Desk(gateway, scope, seed, notes, book)
    text = await _write(desk, "post.announcement", inputs, judge, attempt, opening)
    return text, notes.close()


async def write_update(
    gateway: ModelGateway,
    *,
    profile: Profile,
    subject: str,
    facts: Sequence[str],
    capabilities: NetworkCapabilities,
    seed: int,
    scope: CallScope,
    attempt: int = 0,
    earlier_posts: Sequence[str] = (),
    book: PromptBook = SHIPPED,
) -> tuple[str, Report]:
    """The text of a post about `subject`; `facts` are all it may claim."""
    notes = Notebook("announcer", {"subject": subject, "channel": capabilities.name})
    longest = _longest(capabilities)
    inputs: dict[str, object] = {
        **_voice(profile),
        "subject": subject,
        "facts": list(facts) or [WORKING],
        "most_characters": longest,
    }
    allowed = " ".join((subject, *facts))
    judge = _post_judge(longest, "", 2, profile, allowed=allowed, earlier=earlier_posts)
    desk = Desk(gateway, scope, seed, notes, book)
    text = await _write(desk, "post.update", inputs, judge, attempt)
    return text, notes.close()


async def write_again(
    gateway: ModelGateway,
    *,
    profile: Profile,
    about: str,
    before: str,
    asked: str,
    capabilities: NetworkCapabilities,
    seed: int,
    scope: CallScope,
    opening: str = "",
    book: PromptBook = SHIPPED,
) -> tuple[str, Report]:
    """The text of a post in other words than `before`, as a person `asked`.

    `about` is all that it may claim; it begins with `opening`.
    """
    notes = Notebook("announcer", {"about": about, "before": before, "asked": asked})
    longest = _longest(capabilities)
    inputs: dict[str, object] = {
        **_voice(profile),
        "about": about,
        "before": before,
        "asked": asked[:ASKED_CHARS],
        "opening": opening,
        "most_characters": longest,
    }
    most = 3 if opening else 2
    judge = _post_judge(longest, opening, most, profile, allowed=about, earlier=(before,))
    desk = Desk(gateway, scope, seed, notes, book)
    text = await _write(desk, "post.again", inputs, judge, 0, opening)
    return text, notes.close()


def opening_of(title: str) -> str:
    """How a post begins that says a song is out."""
    return f'"{title}" is out now.'


def cover_alt(title: str, stage_name: str, art: ArtDirection) -> str:
    """Alternative text for a cover, from the facts it was drawn from."""
    style = art.style.value.replace("_", " ")
    motifs = ", ".join(motif.value for motif in art.motifs)
    things = f" with {motifs}" if motifs else ""
    return f"Cover of “{title}” by {stage_name}: a {style} picture{things}."


async def _write(
    desk: Desk,
    prompt_id: str,
    inputs: dict[str, object],
    judge: Judge,
    attempt: int,
    opening: str = "",
) -> str:
    form = await desk.form()
    examples = desk.examples(prompt_id, form)
    rounds = Rounds(4 if form == "short" else 2, 3, f"{prompt_id}/{attempt}")
    return await desk.best(
        prompt_id, inputs, _POST, _not_copied(judge, examples, opening), rounds, form=form
    )


def _voice(profile: Profile) -> dict[str, object]:
    return {
        "name": profile.stage_name,
        "register": profile.voice.register_,
        "tone": profile.posting.tone,
    }


def _longest(capabilities: NetworkCapabilities) -> int:
    return min(LONGEST_CHARACTERS, capabilities.text_max_graphemes)


def _post_judge(
    longest: int,
    begins: str,
    most: int,
    profile: Profile,
    *,
    allowed: str,
    earlier: Sequence[str] = (),
) -> Judge:
    prose = prose_judge(least=1, most=most, longest=longest, begins=begins)
    known = {post.casefold() for post in earlier}
    avoided = [word.casefold() for word in profile.personality.taboos]

    def judge(text: str, completion: Completion) -> Judged:
        found = prose(_TAGS.sub("", text), completion)
        said = found.text.casefold()
        problem = found.refused
        claims = [m.group() for m in _UNFOUNDED.finditer(found.text)]
        if problem is None and any(c.casefold() not in allowed.casefold() for c in claims):
            problem = f"claims what nobody said: {claims[0]!r}"
        if problem is None and said in known:
            problem = "was posted before"
        if problem is None and any(word in said for word in avoided):
            problem = "speaks of a taboo"
        bonus = -0.5 * found.text.count("!")
        return Judged(found.text, found.score + bonus, found.parts, problem)

    return judge


def _not_copied(judge: Judge, examples: Sequence[str], opening: str) -> Judge:
    def judged(text: str, completion: Completion) -> Judged:
        found = judge(text, completion)
        # The opening is the prompt's own on purpose; what follows must not be.
        if found.refused is None and copies(found.text.removeprefix(opening), examples):
            return Judged(found.text, refused="copies the prompt's examples")
        return found

    return judged
