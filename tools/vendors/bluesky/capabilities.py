"""What the network allows, as its lexicons and its operator's documentation say."""

from __future__ import annotations

from domain.ports.network import NetworkCapabilities

NAME = "bluesky"
SERVER = "https://bsky.social"
PICTURE_MAX_BYTES = 1_000_000
PICTURES_MAX = 4

CAPABILITIES = NetworkCapabilities(
    name=NAME,
    title="Bluesky",
    # The `app.bsky` lexicons and rate limits as of this month.
    version="2026-11",
    text_max_graphemes=300,
    text_max_bytes=3000,
    media_max=PICTURES_MAX,
    media_max_bytes=PICTURE_MAX_BYTES,
    # 35,000 points a day, and a post costs three.
    posts_day=11_666,
    duplicate_guard="client_key",
    metrics=frozenset({"likes", "reposts", "replies", "quotes"}),
)
