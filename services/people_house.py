"""All that has to do with people, built once."""

from __future__ import annotations

from dataclasses import dataclass

from domain.ports.clock import Clock
from runtime.passwords import Passwords
from runtime.shared.windows import Windows
from services.audit import AuditService
from services.people import PeopleService
from services.people_joining import JoiningService
from services.people_keys import KeyService
from services.people_sessions import SignInService
from store.database import Database


@dataclass(frozen=True)
class PeopleHouse:
    """The services of people."""

    people: PeopleService
    joining: JoiningService
    sign_in: SignInService
    keys: KeyService
    audit: AuditService


def build_people(
    database: Database, clock: Clock, windows: Windows, passwords: Passwords | None = None
) -> PeopleHouse:
    """The services of people over one database."""
    passwords = passwords or Passwords()
    audit = AuditService(database, clock)
    return PeopleHouse(
        people=PeopleService(database, clock),
        joining=JoiningService(database, clock, passwords, audit),
        sign_in=SignInService(database, clock, passwords, windows, audit),
        keys=KeyService(database, clock),
        audit=audit,
    )
