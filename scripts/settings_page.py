"""Write the table of every setting into `docs/settings.md`, from the class that defines them."""

from __future__ import annotations

import re

from pydantic.fields import FieldInfo

from runtime.settings import Settings
from scripts.generated import write_or_check
from scripts.rooms import ROOT

PAGE = ROOT / "docs" / "settings.md"


def variable(name: str) -> str:
    """Name the environment variable of a setting."""
    return f"{Settings.model_config['env_prefix']}{name}".upper()


def default(field: FieldInfo) -> str:
    """Say what holds when the variable is not set."""
    if field.default_factory is dict:
        return "unset"
    if field.default_factory is not None:
        return "depends on the user and the system"
    if field.default is None or field.default == ():
        return "unset"
    return f"`{field.default}`"


def kind(field: FieldInfo) -> str:
    """Name the type as a reader would."""
    text = re.sub(r"<class '([\w.]+)'>", r"\1", str(field.annotation))
    text = re.sub(r"\b(?:pathlib|typing|pydantic\.types)\.", "", text)
    return text.replace("SecretStr", "secret").replace(" | None", "").replace("|", "or")


def table() -> str:
    """List every setting with its type, default and meaning."""
    lines = ["| Variable | Type | Default | Meaning |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        cells = (f"`{variable(name)}`", kind(field), default(field), field.description or "")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Write the page, or check it."""
    write_or_check(PAGE, table(), __doc__)


if __name__ == "__main__":
    main()
