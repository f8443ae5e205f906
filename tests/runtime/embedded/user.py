"""A process that uses the embedded model: prints the server's pid, then waits to be ended."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from domain.ports.model import ChatMessage, Sampling
from runtime.embedded.catalogue import find
from runtime.embedded.endpoint import EmbeddedEndpoint
from runtime.embedded.supervisor import ServerOptions, Supervisor
from runtime.gateway.endpoint import EndpointCall


async def main(cache_dir: Path) -> None:
    model = find("smollm2-135m")
    supervisor = Supervisor(model, cache_dir, ServerOptions(threads=1, slots=1, grace_s=0.5))
    endpoint = EmbeddedEndpoint(supervisor)
    messages = (ChatMessage(role="user", content="Hello"),)
    await endpoint.chat(
        EndpointCall(model.name, "t@1", messages, Sampling(max_tokens=2), timeout_s=60)
    )
    state = supervisor.running()
    print(state.pid if state else "none", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await endpoint.aclose()


asyncio.run(main(Path(sys.argv[1])))
