"""Joins what talks with artists are made of.

An answer is given by the process that was asked: it is kept as it grows, so every other process
shows it too, and needs no worker.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from domain.ports.chat import ChatPort
from graphs.chat.chat import ArtistChat
from graphs.chat.state import ChatParts
from graphs.context import House
from runtime.tokens import count_tokens
from services.directives import DirectiveService
from services.talk_acts import TalkActs
from services.talk_looks import TalkLooks
from services.talks import TalkService
from store.database import Database


def build_chat(database: Database, house: House, cache_dir: Path) -> tuple[ChatPort, TalkService]:
    """Artists that answer, and the talks that people have with them."""
    clock = house.clock
    directives = DirectiveService(database, clock)
    acts = TalkActs(database, clock, house.artists, house.runs, directives)
    parts = ChatParts(
        gateway=house.gateway,
        embedder=house.embedder,
        memory=house.memory,
        clock=clock,
        looks=TalkLooks(database, clock),
        acts=acts,
        count=partial(count_tokens, cache_dir=cache_dir),
    )
    chat = ArtistChat(database, parts)
    return chat, TalkService(database, clock, chat, acts)
