"""Runs one job of an embedded engine in a child process and follows its progress.

A child keeps rendering off the event loop, gives its memory back when it ends, can be killed,
and ends by itself when its parent dies (it watches its standard input).
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from domain import errors
from domain.errors import EnvironmentProblem, GreenroomError, ProviderUnavailable
from domain.ports.providers import Generated, Progress
from tools.vendors.embedded.job import RESULT

MODULE = "tools.vendors.embedded.worker"
ROOT = Path(__file__).resolve().parents[3]
LINE_LIMIT_BYTES = 1 << 20
# All that a child needs of this process's environment, which holds keys that are not its business.
HANDED_DOWN = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")


async def run_job(out_dir: Path, progress: Progress) -> Generated:
    """Run the job whose request lies in `out_dir`; a finished one is only read back.

    Raises what the child raised, or `ProviderUnavailable` when it died without a word.
    """
    result = out_dir / RESULT
    if not result.exists():
        await _run_child(out_dir, progress)
    return Generated.model_validate_json(await asyncio.to_thread(result.read_text))


async def _run_child(out_dir: Path, progress: Progress) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        MODULE,
        str(out_dir),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=_environment(),
        limit=LINE_LIMIT_BYTES,
    )
    assert child.stdout is not None
    assert child.stderr is not None
    complaints = asyncio.create_task(child.stderr.read())
    failure: dict[str, Any] | None = None
    try:
        async for line in child.stdout:
            said = _parse(line)
            if "stage" in said:
                progress(str(said["stage"]), float(said["fraction"]))
            elif "error" in said:
                failure = said["error"]
        code = await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
        tail = (await complaints).decode(errors="replace").strip()[-800:]
    if failure is not None:
        raise _revive(failure)
    if code != 0:
        raise ProviderUnavailable(
            f"the embedded engine ended with code {code}: {tail or 'it said nothing'}",
            remedy="Run `greenroom doctor`; if memory is short, close something and resume.",
        )


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in HANDED_DOWN or name.startswith("PYTHON")
    }
    return {**kept, "OMP_NUM_THREADS": "1"}


def _parse(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _revive(failure: dict[str, Any]) -> GreenroomError:
    """Make the child's error again, as the class it was."""
    kind = getattr(errors, str(failure.get("class")), EnvironmentProblem)
    if not (isinstance(kind, type) and issubclass(kind, GreenroomError)):
        kind = EnvironmentProblem
    revived: GreenroomError = kind(
        str(failure.get("message")), field=failure.get("field"), remedy=failure.get("remedy")
    )
    return revived
