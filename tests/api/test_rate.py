from __future__ import annotations

from datetime import timedelta

import pytest

from api.rate import AddressLimit
from domain.errors import LimitReached
from runtime.shared.windows import LocalWindows


async def test_an_address_that_does_too_much_is_told_to_wait() -> None:
    now = 0.0
    limit = AddressLimit(LocalWindows(lambda: now), most=2, window=timedelta(seconds=10))
    await limit.count("203.0.113.9")
    await limit.count("203.0.113.9")
    with pytest.raises(LimitReached) as caught:
        await limit.count("203.0.113.9")
    assert caught.value.remedy
    await limit.count("203.0.113.10")
    now = 10.0
    await limit.count("203.0.113.9")


async def test_two_api_processes_count_together() -> None:
    windows = LocalWindows()
    await AddressLimit(windows, most=1).count("203.0.113.9")
    with pytest.raises(LimitReached):
        await AddressLimit(windows, most=1).count("203.0.113.9")
