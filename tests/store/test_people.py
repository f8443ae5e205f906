"""People, links, sessions, keys and the audit log, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.audit import Outcome
from domain.errors import Conflict
from domain.user import UserStatus
from store.database import Database
from tests.store import nouns

NOW, HOUR = nouns.NOW, timedelta(hours=1)


async def test_people_are_found_by_name_and_listed_as_they_came(label: Database) -> None:
    async with label.unit() as unit:
        for number, name in enumerate(("bo", "cy", "di"), 2):
            await unit.users.add(nouns.user(f"user_0{number}", name))
        first = await unit.users.page(limit=2)
        rest = await unit.users.page(first[-1].id, 5)
        assert [u.name for u in (*first, *rest)] == ["ada", "bo", "cy", "di"]
        assert await unit.users.by_name("cy") == nouns.user("user_03", "cy")
        assert await unit.users.by_name("Cy") is None, "names are kept in lower case"


async def test_a_name_is_given_once(label: Database) -> None:
    async with label.unit() as unit:
        with pytest.raises(Conflict) as raised:
            await unit.users.add(nouns.user("user_02", "ada"))
    assert raised.value.field == "name"


async def test_an_empty_label_knows_nobody(database: Database) -> None:
    async with database.unit() as unit:
        assert not await unit.users.any()
        await unit.users.add(nouns.user())
        assert await unit.users.any()


async def test_admins_are_those_who_may_come_in(label: Database) -> None:
    gone = UserStatus.DISABLED
    async with label.unit() as unit:
        await unit.users.add(nouns.user("user_02", "bo", role="admin"))
        await unit.users.add(nouns.user("user_03", "cy", role="admin", status=gone))
        assert [u.name for u in await unit.users.admins()] == ["bo"]


async def test_a_sign_of_somebody_disturbs_nobody_who_edits_them(label: Database) -> None:
    later = NOW + HOUR
    async with label.unit() as unit:
        ada = await unit.users.get("user_01")
        await unit.users.seen("user_01", later)
        assert (await unit.users.get("user_01")).last_seen_at == later
        await unit.users.save(ada.amend(later, role="viewer"))
        await unit.sessions.seen("session_01", later)
        await unit.sessions.seen("session_01", NOW)
        await unit.keys.used("key_01", later)
        await unit.keys.used("key_01", NOW)
        session, key = await unit.sessions.get("session_01"), await unit.keys.get("key_01")
    assert (session.seen_at, session.row_version) == (later, 1), "the latest sign counts"
    assert (key.last_used_at, key.row_version) == (later, 1)


async def test_secrets_are_found_by_their_digest(label: Database) -> None:
    async with label.unit() as unit:
        assert await unit.invitations.by_secret(nouns.SHA) == nouns.invitation()
        assert await unit.sessions.by_secret(nouns.SHA) == nouns.session()
        assert await unit.keys.by_secret(nouns.SHA) == nouns.api_key()
        for repository in (unit.invitations, unit.sessions, unit.keys):
            assert await repository.by_secret("another") is None


async def test_invitations_newest_first_without_those_of_the_first_start(label: Database) -> None:
    async with label.unit() as unit:
        for number, kind in enumerate(("first", "reset", "invite"), 2):
            await unit.invitations.add(
                nouns.invitation(f"invitation_0{number}", kind=kind, secret_hash=kind)
            )
        used = nouns.invitation("invitation_05", secret_hash="used", used_at=NOW)
        await unit.invitations.add(used)
        page = await unit.invitations.page(limit=3)
        assert [i.id[-2:] for i in page] == ["05", "04", "03"]
        assert [i.id[-2:] for i in await unit.invitations.page(page[-1].id)] == ["01"]
        assert [i.id[-2:] for i in await unit.invitations.unused("invite")] == ["01", "04"]


async def test_open_sessions_are_those_nobody_ended(label: Database) -> None:
    async with label.unit() as unit:
        await unit.users.add(nouns.user("user_02", "bo"))
        await unit.sessions.add(nouns.session("session_02", secret_hash="2", ended_at=NOW))
        await unit.sessions.add(nouns.session("session_03", secret_hash="3"))
        await unit.sessions.add(nouns.session("session_04", secret_hash="4", user_id="user_02"))
        assert [s.id[-2:] for s in await unit.sessions.open_of("user_01")] == ["03", "01"]


async def test_keys_of_one_and_of_all(label: Database) -> None:
    async with label.unit() as unit:
        await unit.users.add(nouns.user("user_02", "bo"))
        await unit.keys.add(nouns.api_key("key_02", secret_hash="2", user_id="user_02"))
        await unit.keys.add(nouns.api_key("key_03", secret_hash="3"))
        assert [k.id[-2:] for k in await unit.keys.page()] == ["03", "02", "01"]
        assert [k.id[-2:] for k in await unit.keys.page("user_01")] == ["03", "01"]
        assert [k.id[-2:] for k in await unit.keys.page("user_01", "key_03")] == ["01"]


async def test_the_audit_log_is_filtered_in_the_query(label: Database) -> None:
    async with label.unit() as unit:
        log = unit.audit
        await log.add(nouns.audit_entry("audit_02", user_id=None, artist=None, outcome="refused"))
        late = {"created_at": NOW + HOUR, "operation": "DELETE 100%_"}
        await log.add(nouns.audit_entry("audit_03", artist="artist_02", **late))

        async def found(**wanted: object) -> list[str]:
            page = await log.page(**wanted)  # type: ignore[arg-type]
            return [entry.id[-2:] for entry in page]

        assert await found() == ["03", "02", "01"]
        assert await found(after="audit_03", limit=1) == ["02"]
        assert await found(user_id="user_01") == ["03", "01"]
        assert await found(artists=["artist-01", "artist_02"]) == ["03", "01"]
        assert await found(artists=[]) == []
        assert await found(operation="100%_") == ["03"]
        assert await found(operation="_") == ["03"], "signs of a pattern are taken as they are"
        assert await found(outcome=Outcome.REFUSED) == ["02"]
        assert await found(since=NOW + HOUR) == ["03"]
        assert await found(until=NOW + HOUR) == ["02", "01"]


async def test_the_oldest_entries_are_forgotten_so_many_at_a_time(label: Database) -> None:
    async with label.unit() as unit:
        for number in range(2, 5):
            at = NOW + number * HOUR
            await unit.audit.add(nouns.audit_entry(f"audit_0{number}", created_at=at))
        before = NOW + 4 * HOUR
        assert await unit.audit.prune(before, 2) == 2
        assert await unit.audit.prune(before, 2) == 1
        assert await unit.audit.prune(before, 2) == 0
        assert [e.id for e in await unit.audit.page()] == ["audit_04"]
