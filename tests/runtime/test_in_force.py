from __future__ import annotations

import pytest

from runtime.in_force import GROUPS, in_force
from runtime.settings import Settings

SECRET = "hunter2"


def test_every_setting_is_told_with_its_source_and_no_secret_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "TOKEN": SECRET,
        "MODEL_KEY": SECRET,
        "PROVIDERS__FAL__KEY": SECRET,
        "DATABASE_URL": f"postgresql+psycopg://label:{SECRET}@db/label?password={SECRET}",
        "REDIS_URL": f"redis://:{SECRET}@redis/0",
        "MEDIA_URL": f"s3://bucket/prefix?secret={SECRET}&endpoint=https://x.example",
        "CONCURRENCY": "3",
    }.items():
        monkeypatch.setenv(f"GREENROOM_{name}", value)
    told = {setting.name: setting for setting in in_force(Settings())}
    assert set(told) == set(Settings.model_fields)
    assert not any(SECRET in setting.model_dump_json() for setting in told.values())
    assert (told["token"].value, told["token"].secret) == ("set", True)
    assert told["providers"].value == "set for fal"
    assert told["database_url"].value == "postgresql+psycopg://label:…@db/label?password=…"
    assert (told["concurrency"].value, told["concurrency"].source) == ("3", "environment")
    assert (told["revisions"].value, told["revisions"].source) == ("2", "default")
    assert told["model_key"].variable == "GREENROOM_MODEL_KEY"
    assert all(setting.meaning for setting in told.values())
    assert {setting.group for setting in told.values()} == set(GROUPS.values())
