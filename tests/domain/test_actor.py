from __future__ import annotations

import pytest

from domain.actor import OPERATOR, SYSTEM, Actor, artist_actor, visitor_actor
from domain.errors import Forbidden
from domain.rights import RIGHTS

VIEWER = Actor(kind="operator", id="user_1", rights=RIGHTS["viewer"])
OF_ONE = VIEWER.model_copy(update={"artists": frozenset({"artist_1"})})


def test_people_need_the_right_and_parts_to_be_named() -> None:
    OPERATOR.must("steer")
    SYSTEM.must("steer", "system")
    for actor in (VIEWER, SYSTEM, visitor_actor("visitor_1")):
        with pytest.raises(Forbidden):
            actor.must("steer", "artist")


def test_parts_of_the_system_read_and_visitors_do_not() -> None:
    for actor in (VIEWER, SYSTEM, artist_actor("artist_2")):
        actor.must_read("artist_1")
    for actor in (visitor_actor("visitor_1"), Actor(kind="operator", id="user_2")):
        with pytest.raises(Forbidden):
            actor.must_read()


def test_people_of_some_artists_see_what_any_of_these_takes_part_in() -> None:
    OF_ONE.must_see("artist_1")
    OF_ONE.must_read("artist_2", "artist_1")
    with pytest.raises(Forbidden):
        OF_ONE.must_see("artist_2")
    with pytest.raises(Forbidden):
        OF_ONE.must("read", artist_id="artist_2")
    with pytest.raises(Forbidden):
        OF_ONE.must_see_all()
    VIEWER.must_see_all()


def test_people_of_no_artist_see_none() -> None:
    nothing = VIEWER.model_copy(update={"artists": frozenset()})
    nothing.must_read()
    with pytest.raises(Forbidden):
        nothing.must_see("artist_1")
