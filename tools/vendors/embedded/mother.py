"""A process that has an engine's libraries loaded, and forks a child for every job.

Loading them takes seconds, a fork milliseconds; and a child gives all its memory back. Run as
`python -m tools.vendors.embedded.mother`: a job's folder comes as a line on standard input; what
the child says goes to standard output, and at last how it ended. When the input ends, all ends.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import traceback
from pathlib import Path

from tools.vendors.embedded.job import COMPLAINTS, REQUEST
from tools.vendors.embedded.worker import do, load, say

LOOK_S = 0.02
# Rendering makes room for whoever answers people.
NICE = 10
INPUT = 0


def main() -> None:
    """Take jobs until the input ends."""
    while line := _line():
        folder = Path(line)
        load(_kind(folder))
        child = os.fork()
        if child == 0:
            os._exit(_be_child(folder))
        say(ended=_ended(child))
    # There is nothing to tidy up, and libraries take their time for it.
    os._exit(0)


def _line() -> str:
    """The next line, without reading ahead; empty at the end."""
    read = b""
    while not read.endswith(b"\n"):
        more = os.read(INPUT, 1)
        if not more:
            return ""
        read += more
    return read.decode().rstrip("\n")


def _kind(folder: Path) -> str:
    """The kind of job in the folder; a request that is broken is told by the child."""
    try:
        return str(json.loads((folder / REQUEST).read_bytes())["request"]["kind"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _be_child(folder: Path) -> int:
    complaints = os.open(folder / COMPLAINTS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(complaints, 2)
    # The lines are its mother's to read.
    os.dup2(os.open(os.devnull, os.O_RDONLY), INPUT)
    os.nice(NICE)
    try:
        return do(folder)
    except BaseException:  # noqa: BLE001 - a fork must end here, and never go on as its mother
        traceback.print_exc()
        return 1


def _ended(child: int) -> int:
    """Wait for the child; when the input ends first, nobody wants it any more."""
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        heard, _, _ = select.select([INPUT], [], [], LOOK_S)
        if heard:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            sys.exit(2)


if __name__ == "__main__":
    main()
