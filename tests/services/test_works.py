from __future__ import annotations

from pathlib import Path

import pytest

from domain.actor import OPERATOR, artist_actor, visitor_actor
from domain.choice import CreativeChoice
from domain.errors import Forbidden, IllegalTransition, NotFound
from domain.ids import new_id
from domain.quality import QualityReport, within
from domain.run import Run
from domain.work import Concept, Provenance, Work, WorkStatus
from services.naming import file_stem
from services.works import FileToKeep, Made
from tests.services.build import artist, song
from tests.support import label as play
from tests.support.label import LYRICS, TestLabel

CONCEPT = Concept(title="Nachtfähre / 9", theme="night", story="A boat.", images=("salt",))


async def begun(label: TestLabel) -> tuple[Run, Work]:
    who = await artist(label)
    run = await play.cycle(label, who)
    work = await label.works.conceive(
        artist_actor(who.id), new_id("work"), who.id, run.id, CONCEPT, seed=3
    )
    return run, work


def made(label: TestLabel, at_folder: str, content: bytes = b"sound") -> Made:
    folder = label.home / at_folder
    folder.mkdir()
    path = folder / "song.mp3"
    path.write_bytes(content)
    file = FileToKeep(role="mp3", path=path, media_type="audio/mpeg", filename="nachtfahre-9.mp3")
    return Made(
        title="Nachtfähre / 9",
        lyrics=LYRICS,
        files=(file,),
        reports=(QualityReport(subject="lyrics", gates=(within("g", 1.0, what="x"),)),),
        provenance=(
            Provenance(part="lyrics", made_by="m@1", kind="algorithm", at=label.clock.now()),
        ),
        choices=(
            CreativeChoice(name="c", options=("a",), probabilities=(1.0,), chosen="a", seed=1),
        ),
        facts={"tempo_bpm": 80.0},
    )


async def test_growing_twice_grows_once(label: TestLabel) -> None:
    run, work = await begun(label)
    actor = artist_actor(run.artist_id)
    once = await label.works.grow(actor, work.id, WorkStatus.WRITTEN, made(label, "one"))
    twice = await label.works.grow(actor, work.id, WorkStatus.WRITTEN, made(label, "two"))
    same = {"row_version", "updated_at"}
    assert twice.model_dump(exclude=same) == once.model_dump(exclude=same)
    assert (len(twice.assets), len(twice.reports), len(twice.provenance)) == (1, 1, 1)
    assert (twice.status, twice.tempo_bpm) == (WorkStatus.WRITTEN, 80.0)


async def test_a_new_file_takes_the_place_of_the_old_one(label: TestLabel) -> None:
    run, work = await begun(label)
    actor = artist_actor(run.artist_id)
    await label.works.grow(actor, work.id, WorkStatus.WRITTEN, made(label, "one", b"first"))
    work = await label.works.grow(actor, work.id, WorkStatus.WRITTEN, made(label, "two", b"2nd"))
    (asset,) = work.assets
    assert (await label.works.path(asset)).read_bytes() == b"2nd"
    assert asset.bytes == 3
    named = Path(await label.works.shelved(work, asset))
    assert named.read_bytes() == b"2nd"
    assert named.name == "nachtfahre-9.mp3"
    assert named.parent.name == f"nachtfahre-9-{work.id[-6:]}"


async def test_files_of_namesakes_do_not_meet(label: TestLabel) -> None:
    who = await artist(label)
    works = [await song(label, await play.cycle(label, who)) for _ in range(2)]
    paths = {Path(await label.works.shelved(w, a)) for w in works for a in w.assets}
    assert len(paths) == 4
    assert all(path.is_file() for path in paths)


async def test_a_lost_name_leaves_the_file_itself(label: TestLabel) -> None:
    run, work = await begun(label)
    actor = artist_actor(run.artist_id)
    work = await label.works.grow(actor, work.id, WorkStatus.WRITTEN, made(label, "one"))
    Path(await label.works.shelved(work, work.assets[0])).unlink()
    kept = await label.works.path(work.assets[0])
    assert await label.works.shelved(work, work.assets[0]) == str(kept)


async def test_conceiving_and_revising_twice_do_it_once(label: TestLabel) -> None:
    run, work = await begun(label)
    actor = artist_actor(run.artist_id)
    other = CONCEPT.model_copy(update={"title": "Another"})
    again = await label.works.conceive(actor, work.id, run.artist_id, run.id, other, seed=9)
    assert again == work
    for number, kept in ((1, 1), (1, 1), (2, 2), (1, 2)):
        assert (await label.works.revise(actor, work.id, number)).revision == kept


async def test_steps_are_not_skipped_and_a_missing_file_changes_nothing(label: TestLabel) -> None:
    run, work = await begun(label)
    actor = artist_actor(run.artist_id)
    with pytest.raises(IllegalTransition):
        await label.works.grow(actor, work.id, WorkStatus.COMPLETE, Made())
    gone = FileToKeep(role="mp3", path=Path("/nowhere/x.mp3"), media_type="a/b", filename="x.mp3")
    with pytest.raises(NotFound):
        await label.works.grow(actor, work.id, WorkStatus.WRITTEN, Made(files=(gone,)))
    assert await label.works.get(OPERATOR, work.id) == work
    with pytest.raises(Forbidden):
        await label.works.grow(visitor_actor("v"), work.id, WorkStatus.WRITTEN, Made())


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Last Ferry Home", "last-ferry-home"),
        ("../../etc/passwd", "etc-passwd"),
        ("Nächte & Träume", "nachte-traume"),
        ("夜の船", "untitled"),
        ("...", "untitled"),
        ("x" * 200, "x" * 60),
    ],
)
def test_file_names_suit_every_file_system(title: str, stem: str) -> None:
    assert file_stem(title) == stem
