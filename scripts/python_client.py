"""Write the typed Python client: `python -m scripts.python_client [FOLDER]`.

openapi-python-client makes it from the OpenAPI document, so it is as complete as the API. It is
built and not kept: nobody reads thousands of generated lines in a change, and a copy would lag
behind. The folder, `build/python-client` unless another is named, is a package ready for pip.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import ErrorLevel

from api.app import api_document
from runtime.version import VERSION

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "build" / "python-client"
CONFIG = ConfigFile(
    project_name_override="greenroom-client",
    package_name_override="greenroom_client",
    package_version_override=VERSION,
    literal_enums=True,
    # It is formatted for nobody, and installed as it is.
    post_hooks=[],
)


def write(folder: Path) -> list[str]:
    """Write the package into `folder`; gives what could not be written."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as source:
        json.dump(api_document(VERSION), source)
        source.flush()
        config = Config.from_sources(
            CONFIG,
            MetaType.SETUP,
            Path(source.name),
            "utf-8",
            overwrite=True,
            output_path=folder,
        )
        found = generate(config=config)
    return [
        f"{error.level.value}: {error.header} {error.detail or ''}"
        for error in found
        if error.level is ErrorLevel.ERROR or "Endpoint will not" in (error.detail or "")
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write it; 1 where some operation could not be."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    folder = Path(given[0]) if given else FOLDER
    wrong = write(folder)
    print(*(wrong or [f"wrote {folder}"]), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
