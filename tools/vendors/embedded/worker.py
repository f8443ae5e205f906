"""The child's side: do one job in a folder, say how far it has come, leave the result there.

Progress and errors are JSON lines on standard output.
"""

from __future__ import annotations

import errno
import json
import resource
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from domain.errors import DiskFull, GreenroomError
from domain.ports.providers import Generated
from domain.requests import CoverRequest, MasterRequest, PackageRequest, SongRequest
from media.files import write_atomically
from tools.vendors.embedded.job import REQUEST, RESULT, Job

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
MODULES = {
    "song": "songs",
    "master": "masters",
    "package": "packages",
    "cover": "pictures",
    "portrait": "pictures",
}


def load(kind: str) -> None:
    """Load what a kind of job needs, and no more: fonts and sound cost a second or two each.

    Nothing that starts a thread (onnxruntime does) may be loaded here: forks follow.
    """
    if kind in MODULES:
        import_module(f"{__package__}.{MODULES[kind]}")
    if kind == "song":
        from media.lyrics.words import pronounce  # noqa: PLC0415 - for who sings

        pronounce("la")


def do(folder: Path) -> int:
    """Do the job in the folder; returns the exit code, 1 after a told error."""
    try:
        _keep(_make(folder), folder)
    except GreenroomError as error:
        say(error=_told(error))
        return 1
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        full = DiskFull(f"no room in {folder}", remedy="Free some space and resume the run.")
        say(error=_told(full))
        return 1
    return 0


def _make(folder: Path) -> Generated:
    job = Job.model_validate_json((folder / REQUEST).read_bytes())
    request = job.request
    # Each kind of job loads only what it needs; the mother may have done so already.
    if isinstance(request, SongRequest):
        from tools.vendors.embedded.songs import make_song  # noqa: PLC0415

        return make_song(request, job.bench, folder, progress)
    if isinstance(request, MasterRequest):
        from tools.vendors.embedded.masters import make_master  # noqa: PLC0415

        return make_master(request, folder, progress)
    if isinstance(request, PackageRequest):
        from tools.vendors.embedded.packages import make_package  # noqa: PLC0415

        return make_package(request, folder, progress)
    from tools.vendors.embedded.pictures import make_cover, make_portrait  # noqa: PLC0415

    if isinstance(request, CoverRequest):
        return make_cover(request, folder, progress)
    return make_portrait(request, folder, progress)


def _keep(made: Generated, folder: Path) -> None:
    """Leave the result, with what it cost; a job is done when this file is there."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    facts = {"cpu_s": round(usage.ru_utime + usage.ru_stime, 2), "peak_kb": _peak_kb()}
    result = made.model_copy(update={"facts": {**made.facts, **facts}})
    write_atomically(folder / RESULT, result.model_dump_json().encode())


def progress(stage: str, fraction: float) -> None:
    """Say how far the job has come, 0 to 1."""
    say(stage=stage, fraction=fraction)


def _peak_kb() -> int:
    """The child's own high-water mark; `ru_maxrss` would begin with its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def say(**said: Any) -> None:
    """One line for whoever gave the job."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _told(error: GreenroomError) -> dict[str, Any]:
    return {
        "class": type(error).__name__,
        "message": error.message,
        "field": error.field,
        "remedy": error.remedy,
    }
