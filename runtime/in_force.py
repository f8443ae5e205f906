"""The settings in force, in words for people: each with its source and meaning, no secret shown."""

from __future__ import annotations

import re

from pydantic import SecretStr

from domain.house import Setting
from runtime.settings import Settings

# The group of a setting is that of the longest beginning of its name.
GROUPS = {
    "": "Label",
    "host": "Server",
    "port": "Server",
    "public_url": "Server",
    "operator_networks": "Server",
    "cors_origins": "Server",
    "api_": "Server",
    "log_": "Watching",
    "metrics_": "Watching",
    "otlp_": "Watching",
    "alert_": "Watching",
    "webhook_": "Watching",
    "concurrency": "Work",
    "renders": "Work",
    "render_": "Work",
    "worker_": "Work",
    "drain_": "Work",
    "step_": "Work",
    "run_": "Work",
    "schedule_": "Work",
    "model_": "Language model",
    "embedded_": "Language model",
    "forbid_": "Language model",
    "budget_": "Budgets",
    "loop_": "Budgets",
    "music_": "Making",
    "provider": "Making",
    "soundfont": "Making",
    "song_": "Making",
    "cover_": "Making",
    "revisions": "Making",
    "approval": "Making",
    "disk_": "Making",
    "channels_": "Making",
}
# A password in an address, and whatever stands behind its question mark.
_USERINFO = re.compile(r"(?<=://)([^/@:]*):[^/@]*@")
_QUERY = re.compile(r"([?&;][^=&;]+)=[^&;]*")


def in_force(settings: Settings) -> tuple[Setting, ...]:
    """Every setting, in the order in which the class has them."""
    prefix = Settings.model_config["env_prefix"]
    return tuple(
        Setting(
            name=name,
            variable=f"{prefix}{name}".upper(),
            group=_group(name),
            value=_value(getattr(settings, name)),
            source="environment" if name in settings.model_fields_set else "default",
            meaning=field.description or "",
            secret="SecretStr" in str(field.annotation),
        )
        for name, field in Settings.model_fields.items()
    )


def _group(name: str) -> str:
    return GROUPS[max((start for start in GROUPS if name.startswith(start)), key=len)]


def _value(value: object) -> str:
    if value is None or value == () or value == {}:
        return "not set"
    if isinstance(value, SecretStr):
        return "set"
    if isinstance(value, dict):
        # Credentials by provider: only whose they are is told.
        return f"set for {', '.join(sorted(value))}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    return _QUERY.sub(r"\1=…", _USERINFO.sub(r"\1:…@", str(value)))
