from __future__ import annotations

import asyncio

from runtime.passwords import Passwords, digest, new_secret


async def test_a_password_fits_its_own_hash_only() -> None:
    passwords = Passwords()
    kept = await passwords.hash("four words nobody guesses")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.fits("four words nobody guesses", kept)
    assert not await passwords.fits("four words nobody guessed", kept)
    assert not await passwords.fits("four words nobody guesses", "no hash at all")


async def test_others_go_on_while_a_password_is_hashed() -> None:
    passwords, turns = Passwords(), 0
    kept = await passwords.hash("four words nobody guesses")
    for work in (passwords.hash("x"), passwords.fits("x", kept), passwords.fits("x", None)):
        task = asyncio.create_task(work)
        turns = 0
        while not task.done():
            turns += 1
            await asyncio.sleep(0.001)
        assert turns > 2, "the loop stood still meanwhile"


async def test_nobodys_password_fits_nothing() -> None:
    assert not await Passwords(1, 8).fits("four words nobody guesses", None)


async def test_a_cheaper_hash_is_outdated() -> None:
    kept = await Passwords(1, 8).hash("four words nobody guesses")
    assert Passwords().outdated(kept)
    assert not Passwords(1, 8).outdated(kept)


def test_secrets_are_random_and_their_digests_are_not() -> None:
    assert new_secret("gr_") != new_secret("gr_")
    assert len(new_secret()) >= 43
    assert digest("a") == digest("a") != digest("b")
