"""Where the words of a song without an artist come from: a sheet, a model, or nowhere."""

from __future__ import annotations

from random import Random

from agents.choosing import draw
from agents.profiler.house import house_profile
from agents.songwriter import conceive, write_lyrics
from app.music.wish import SongWish, Words
from domain.genre import FormSection, GenrePack
from domain.mood import Mood
from domain.ports.clock import Clock
from domain.ports.model import CallScope, Embedder, ModelGateway
from domain.ports.providers import Progress
from domain.score import LyricSection
from media.lyrics.forming import to_form
from media.lyrics.language import language_of
from media.lyrics.sheet import read_sheet

TITLE_CHARS = 60
UNUSED_BRIEF = "the words are given, so the brief is not used"


def read_words(wish: SongWish) -> tuple[Words, tuple[FormSection, ...] | None]:
    """The words of a sheet with the form that sings them all; of an instrumental, none.

    Raises `InvalidInput` naming `lyrics` and the line for a sheet that nobody can sing.
    """
    if wish.instrumental or wish.sheet is None:
        title = wish.title or invented_title(wish.pack, wish.seed)
        return Words(title=title, written_by="nobody"), wish.form
    sheet, notes = read_sheet(wish.sheet)
    words = Words(
        title=wish.title or _title_of(sheet) or invented_title(wish.pack, wish.seed),
        sections=sheet,
        language=language_of([line for section in sheet for line in section.lines]),
        written_by="a person",
        notes=(*notes, *((UNUSED_BRIEF,) if wish.brief else ())),
    )
    return words, to_form(sheet, wish.pack) if sheet else wish.form


async def write_words(
    wish: SongWish, gateway: ModelGateway, embedder: Embedder, clock: Clock, progress: Progress
) -> tuple[Words, tuple[FormSection, ...]]:
    """Let the model conceive a song for the brief and write its words, line by line."""
    profile = house_profile(wish.pack, wish.brief, wish.seed)
    run = f"render-{wish.pack.id}-{wish.seed}"
    progress("imagining the song", 0.0)
    concept, conceived = await conceive(
        gateway,
        profile=profile,
        pack=wish.pack,
        mood=_mood(wish, clock),
        seed=wish.seed,
        scope=CallScope(artist_id=run, run_id=run, step="conceive"),
        wish=wish.brief,
    )
    progress("writing the words", 0.2)
    form = wish.form or drawn_form(wish.pack, wish.seed)
    lyrics, written = await write_lyrics(
        gateway,
        embedder,
        profile=profile,
        pack=wish.pack,
        concept=concept,
        form_sections=form,
        seed=wish.seed,
        scope=CallScope(artist_id=run, run_id=run, step="write"),
    )
    models = dict.fromkeys((*conceived.models, *written.models))
    words = Words(
        title=wish.title or concept.title,
        sections=lyrics,
        language=profile.languages[0],
        written_by=", ".join(models),
    )
    return words, form


def drawn_form(pack: GenrePack, seed: int) -> tuple[FormSection, ...]:
    """One of the pack's forms, by weight."""
    choice = draw("form", {form.id: form.weight for form in pack.forms}, seed)
    return next(form for form in pack.forms if form.id == choice.chosen).sections


def invented_title(pack: GenrePack, seed: int) -> str:
    """Two words of the genre, for songs that are told nothing."""
    rng = Random(f"{seed}:title")
    return f"{rng.choice(pack.lexicon.adjectives)} {rng.choice(pack.lexicon.nouns)}".title()


def _title_of(sheet: tuple[LyricSection, ...]) -> str:
    """The first words of the chorus, or of the song: what people would call it."""
    if not sheet:
        return ""
    named = next((s for s in sheet if s.section == "chorus"), sheet[0])
    line = named.lines[0].strip(" ,.;:!?-–—")
    return line if len(line) <= TITLE_CHARS else line[:TITLE_CHARS].rsplit(" ", 1)[0]


def _mood(wish: SongWish, clock: Clock) -> Mood:
    point = wish.mood
    return Mood(
        at=clock.now(), valence=point.valence, arousal=point.arousal, dominance=point.dominance
    )
