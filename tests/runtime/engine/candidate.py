"""A process that asks for a lead again and again and notes each answer in a shared file.

Usage: python -m tests.runtime.engine.candidate URL NOTES NAME DEAD_AFTER_S
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from runtime.engine.leader import Lead
from tests.runtime.engine.hand import Notes

EVERY_S = 0.2


async def main(url: str, notes_path: str, name: str, dead_after_s: str) -> None:
    notes = Notes(Path(notes_path))
    lead = Lead(url, "clock", name, float(dead_after_s))
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    before: bool | None = None
    while not ended.is_set():
        held = await lead.held()
        if held != before:
            notes.write("leads" if held else "follows", "-", "-", name)
            before = held
        await asyncio.sleep(EVERY_S)
    await lead.release()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
