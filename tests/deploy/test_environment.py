from __future__ import annotations

from runtime.settings import Settings
from tests.deploy.files import DEPLOY, examples, settings_names

# Compose's own, and the bucket's.
OTHERS = {
    "POSTGRES_PASSWORD", "REDIS_PASSWORD", "S3_PASSWORD", "STAGE_PORT", "DESK_PORT",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
}  # fmt: skip


def test_every_name_in_the_example_is_a_setting() -> None:
    assert set(examples(DEPLOY / "env.example")) - OTHERS <= settings_names()


def test_the_example_is_accepted_as_it_stands() -> None:
    given = {
        name.removeprefix("GREENROOM_").lower(): value
        for name, value in examples(DEPLOY / "env.example").items()
        if name.startswith("GREENROOM_") and value
    }
    given["model_name"] = "a-model"
    settings = Settings.model_validate(given)
    assert settings.shared_database


def test_whatever_tells_processes_apart_is_in_the_example() -> None:
    shared = {"DATABASE_URL", "REDIS_URL", "CHROMA_URL", "MEDIA_URL", "TOKEN", "PUBLIC_URL"}
    assert {f"GREENROOM_{name}" for name in shared} <= set(examples(DEPLOY / "env.example"))
