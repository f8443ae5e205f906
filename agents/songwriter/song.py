"""What stays the same while one song's words are written, and how its lines are kept."""

from __future__ import annotations

from dataclasses import dataclass

from agents.desk import Desk, Weigh
from agents.songwriter.asked import Again
from agents.songwriter.layout import Stanza, stanzas_of
from agents.songwriter.scoring import LineContext, words_avoided
from domain.genre import FormSection, GenrePack
from domain.profile import Profile
from domain.work import Concept
from media.lyrics.prosody import syllable_count
from media.lyrics.review import CHORUS, Aim
from media.lyrics.scorers.consistency import Person
from media.lyrics.scorers.originality import Catalogue
from media.lyrics.words import words_in
from prompts import Form

Lines = dict[tuple[str, int], str]
HOOK_ROOM = 3  # Syllables that must be left after a title for a line to say something.


@dataclass(frozen=True, slots=True)
class Song:
    """One song on the desk."""

    desk: Desk
    profile: Profile
    pack: GenrePack
    concept: Concept
    form: tuple[FormSection, ...]
    scheme: str
    openings: list[str]
    weigh: Weigh
    catalogue: Catalogue
    sources: tuple[str, ...]
    prompt_form: Form
    attempt: int
    continues: bool
    persons: tuple[Person, ...]
    tense: str
    language: str
    again: Again | None = None

    @property
    def stanzas(self) -> tuple[Stanza, ...]:
        """The stanzas to write, each once."""
        return stanzas_of(self.form)

    @property
    def aim(self) -> Aim:
        """What the whole song is held to."""
        return Aim(
            scheme=self.scheme,
            syllables=self.pack.lexicon.syllables_per_line,
            title=self.concept.title,
            persons=self.persons,
            catalogue=self.catalogue,
            language=self.language,
        )

    def context(self, before: tuple[str, ...]) -> LineContext:
        """What a line is judged against, given the other lines of the song."""
        return LineContext(
            pack=self.pack,
            before=before,
            sources=self.sources,
            catalogue=self.catalogue,
            vocabulary=self.profile.voice.vocabulary,
            avoided=words_avoided(self.profile),
            persons=self.persons,
            tense=self.tense,
            language=self.language,
        )

    def hook(self) -> str | None:
        """The title as a line begins with it; None when it leaves no room for a line."""
        high = self.pack.lexicon.syllables_per_line[1]
        if syllable_count(self.concept.title) > high + 2 - HOOK_ROOM:
            return None
        return sentence_case(self.concept.title, self.concept.story)

    def texts(self, lines: Lines) -> dict[str, tuple[str, ...]]:
        """The stanzas with their words."""
        return {s.key: tuple(lines[s.key, i] for i in range(s.lines)) for s in self.stanzas}


def is_hook(key: str, index: int) -> bool:
    """Whether a line is where a listener expects the title: the chorus's first."""
    return key == CHORUS and index == 0


def sentence_case(title: str, story: str) -> str:
    """A title as a sentence begins; words keep a capital that the story gives them."""
    first, *rest = title.split()
    kept = {word for word in words_in(story) if word[:1].isupper()}
    return " ".join([first[:1].upper() + first[1:], *(w if w in kept else _lower(w) for w in rest)])


def _lower(word: str) -> str:
    return word if word == "I" or word.startswith(("I'", "I’")) else word.lower()
