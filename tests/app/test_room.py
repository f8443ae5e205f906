from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from app.room import room_teller
from runtime.clock import ManualClock
from runtime.settings import Settings
from tests.support.label import START


async def test_room_is_counted_and_again_after_a_while(tmp_path: Path) -> None:
    media = tmp_path / "media" / "ab"
    media.mkdir(parents=True)
    (media / "one").write_bytes(b"x" * 1000)
    (tmp_path / "label.db").write_bytes(b"x" * 10)
    (tmp_path / "label.db-wal").write_bytes(b"x" * 5)
    clock = ManualClock(START)
    tell = room_teller(Settings(home=tmp_path, cache_dir=tmp_path / "none"), clock)
    assert {room.name: room.bytes for room in await tell()} == {
        "Database": 15,
        "Works and pictures": 1000,
        "Memory's vectors": 0,
        "Models and sound fonts": 0,
    }
    (media / "two").write_bytes(b"x")
    assert (await tell())[1].bytes == 1000
    clock.advance(timedelta(minutes=2))
    assert (await tell())[1].bytes == 1001


async def test_what_is_kept_elsewhere_is_not_counted(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        cache_dir=tmp_path,
        database_url="postgresql+psycopg://db/label",
        media_url="s3://bucket",
        chroma_url="http://chroma",
    )
    rooms = await room_teller(settings, ManualClock(START))()
    assert [room.bytes is None for room in rooms] == [True, True, True, False]
