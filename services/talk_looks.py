"""What an artist looks up in a talk, as cards and as facts that it may speak of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from domain.artist import Artist
from domain.directive import Directive
from domain.post import Post, PostStatus
from domain.run import RUN_STATES, Run, RunStatus
from domain.talk import Card, Fact
from domain.work import Work, WorkStatus
from services.base import Service
from store.unit import UnitOfWork

COMMENTS = 6
POSTS = 2
RUNS = 8
_HEARD = (WorkStatus.COMPLETE, WorkStatus.RELEASED, WorkStatus.RENDERED)
_WORDS: dict[str, str] = {
    "write_and_release_song": "writes and releases a song",
    "post_update": "writes a post",
    "rest": "rests",
}
_RUN_WORDS = {
    RunStatus.QUEUED: "about to begin",
    RunStatus.RUNNING: "at work",
    RunStatus.WAITING: "waiting for a person's decision",
}


class Found(BaseModel):
    """Cards for the person, facts for the artist's own words, and what strangers wrote."""

    model_config = ConfigDict(frozen=True)

    cards: tuple[Card, ...] = ()
    facts: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


class TalkLooks(Service):
    """Reads committed state; writes nothing."""

    async def numbers(self, artist: Artist) -> Found:
        """Plays, likes, comments, and what was written last."""
        async with self.database.unit() as unit:
            totals = await unit.audience.totals(artist.id)
            releases = await unit.releases.live(artist.id)
            comments = await unit.audience.comments(artist_id=artist.id, limit=COMMENTS)
        plays, likes, said = (totals.get(k, 0) for k in ("play", "like", "comment"))
        facts = (
            Fact(name="Plays", value=str(plays)),
            Fact(name="Likes", value=str(likes)),
            Fact(name="Comments", value=str(said)),
            Fact(name="Releases", value=str(len(releases))),
        )
        card = Card(kind="numbers", id=artist.id, title="The numbers so far", facts=facts)
        told = f"the numbers so far: {plays} plays, {likes} likes, {said} comments, " + (
            f"{len(releases)} releases"
        )
        words = tuple(c.text.text for c in comments if c.text is not None)
        return Found(cards=(card,), facts=(told,), comments=words)

    async def work(self, artist: Artist, about: str) -> Found:
        """The song that is named, else the newest one that can be heard."""
        async with self.database.unit() as unit:
            works = await unit.works.of_artist(artist.id, _HEARD)
        if not works:
            return Found(facts=("there is no song to hear yet",))
        named = [w for w in works if w.title and w.title.casefold() in about.casefold()]
        work = (named or works)[0]
        which = "the song" if named else "the newest song"
        told = f"{which} “{work.title}”, {_standing(work)}; it is about {work.concept.theme}"
        return Found(cards=(work_card(work),), facts=(told,))

    async def posts(self, artist: Artist) -> Found:
        """The newest posts."""
        async with self.database.unit() as unit:
            posts = await unit.posts.of_artist(artist.id, limit=POSTS)
        if not posts:
            return Found(facts=("nothing was posted yet",))
        told = tuple(f"a post, {_post_words(p)}: “{p.payload.text}”" for p in posts)
        return Found(cards=tuple(post_card(p) for p in posts), facts=told)

    async def doing(self, artist: Artist) -> Found:
        """What goes on, what waits, and what comes next by the schedule."""
        async with self.database.unit() as unit:
            runs = await unit.runs.page(None, RUNS, artist_id=artist.id)
            schedules = await unit.schedules.of_artist(artist.id)
        open_runs = [run for run in runs if not _over(run)]
        told = [f"{_run_title(run)}: {_RUN_WORDS[run.status]}" for run in open_runs]
        due = [s.next_at for s in schedules if s.next_at is not None]
        if due:
            told.append(f"the next start by the schedule: {min(due):%A %d %B, %H:%M} UTC")
        if not open_runs:
            told.insert(0, f"nothing goes on now; you are {artist.status.value}")
        return Found(cards=tuple(run_card(run) for run in open_runs), facts=tuple(told))

    async def directives(self, artist: Artist) -> Found:
        """What the label asked for and still stands."""
        async with self.database.unit() as unit:
            standing = await unit.directives.standing(artist.id)
        if not standing:
            return Found(facts=("the label has asked for nothing that still stands",))
        told = tuple(f"the label asked: {d.text}" for d in standing)
        return Found(cards=tuple(directive_card(d) for d in standing), facts=told)

    async def named_directive(self, artist_id: str, about: str) -> Directive | None:
        """The standing directive that shares most words with what is said; the only one counts."""
        async with self.database.unit() as unit:
            standing = await unit.directives.standing(artist_id)
        if len(standing) < 2:
            return standing[0] if standing else None
        said = _word_set(about)
        best = max(standing, key=lambda d: (len(said & _word_set(d.text)), d.created_at))
        return best if said & _word_set(best.text) else standing[-1]


def work_card(work: Work) -> Card:
    """A song; the page adds its player and cover."""
    facts = [Fact(name="Status", value=work.status.value)]
    if work.duration_s is not None:
        minutes, seconds = divmod(round(work.duration_s), 60)
        facts.append(Fact(name="Length", value=f"{minutes}:{seconds:02d}"))
    if work.tempo_bpm is not None:
        facts.append(Fact(name="Tempo", value=f"{work.tempo_bpm:.0f} BPM"))
    if work.key:
        facts.append(Fact(name="Key", value=f"{work.key} {work.mode or ''}".strip()))
    return Card(
        kind="work", id=work.id, title=work.title, text=work.concept.story, facts=tuple(facts)
    )


def post_card(post: Post) -> Card:
    """A post as its channel gets it."""
    facts = (
        Fact(name="Channel", value=post.payload.channel),
        Fact(name="Status", value=post.status.value.replace("_", " ")),
    )
    return Card(kind="post", id=post.id, title="Post", text=post.payload.text, facts=facts)


def run_card(run: Run) -> Card:
    """A run."""
    facts = [Fact(name="Status", value=run.status.value)]
    return Card(kind="run", id=run.id, title=_run_title(run), facts=tuple(facts))


def directive_card(directive: Directive) -> Card:
    """A directive; the page adds how to edit and revoke it."""
    facts = [Fact(name="Status", value=directive.status.value)]
    if directive.standing:
        holds = "until it is revoked" if directive.lasting else "until it is done once"
        facts.append(Fact(name="Holds", value=holds))
    return Card(
        kind="directive",
        id=directive.id,
        title="Directive",
        text=directive.text,
        facts=tuple(facts),
    )


async def standing_texts(unit: UnitOfWork, artist_id: str) -> tuple[str, ...]:
    """The standing directives' words, oldest first."""
    return tuple(d.text for d in await unit.directives.standing(artist_id))


def _over(run: Run) -> bool:
    return RUN_STATES.final(run.status) or run.status is RunStatus.FAILED


def _run_title(run: Run) -> str:
    if run.kind == "debut":
        return "Debut"
    doing = _WORDS.get(run.action or "")
    return f"A cycle: {doing}" if doing else "A cycle"


def _standing(work: Work) -> str:
    if work.status is WorkStatus.RELEASED:
        return "released"
    return "finished, not released yet" if work.status is WorkStatus.COMPLETE else "in the making"


def _post_words(post: Post) -> str:
    return {
        PostStatus.PUBLISHED: "published",
        PostStatus.AWAITING_APPROVAL: "waiting for approval",
    }.get(post.status, post.status.value.replace("_", " "))


def _word_set(text: str) -> set[str]:
    return {word for word in text.casefold().split() if len(word) > 3}
