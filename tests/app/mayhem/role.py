"""A process of the label that tells a recorder of every post.

`python -m tests.app.mayhem.role all|api|worker|scheduler` is the product's own process; only the
edge to the network differs. It writes its name as a worker into its home, so that an attacker
knows whose runs it holds.
"""

from __future__ import annotations

import asyncio
import os
import sys

from app.ground import Edges
from app.roles import Role
from app.scheduler import keep_schedule
from app.serve import serve
from app.worker import work
from runtime.logs import configure_logs
from runtime.settings import Settings
from tests.app.mayhem.grounds import WORKER_NAME
from tests.app.mayhem.recorder import ADDRESS, RecordedNetwork


def main() -> None:
    """Be the process that the first argument names, until asked to end."""
    settings = Settings()
    configure_logs(settings.log_level, settings.log_format)
    recorder = os.environ[ADDRESS]
    edges = Edges(network=lambda inner: RecordedNetwork(inner, recorder))

    role = Role(sys.argv[1])

    def announce(name: str, *_: str | None) -> None:
        (settings.home / WORKER_NAME).write_text(name)
        print(f"{role} {name} takes runs or stands by", flush=True)

    match role:
        case Role.WORKER:
            asyncio.run(work(settings, announce, edges))
        case Role.SCHEDULER:
            asyncio.run(keep_schedule(settings, announce, edges))
        case _:
            asyncio.run(serve(settings, announce, role, edges))


if __name__ == "__main__":
    main()
