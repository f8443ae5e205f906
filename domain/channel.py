"""An artist's account on a network of other people."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.entity import Entity
from domain.states import StateMachine

LONGEST_REASON = 300


class ChannelStatus(StrEnum):
    """Whether an artist publishes there."""

    CONNECTED = "connected"
    PAUSED = "paused"
    BROKEN = "broken"


_C = ChannelStatus
CHANNEL_STATES = StateMachine(
    "channel",
    {
        _C.CONNECTED: {_C.CONNECTED, _C.PAUSED, _C.BROKEN},
        _C.PAUSED: {_C.CONNECTED, _C.PAUSED},
        _C.BROKEN: {_C.CONNECTED, _C.PAUSED, _C.BROKEN},
    },
)


class Limits(BaseModel):
    """What a server reports of its own limits; None: it says nothing, the shipped data holds."""

    model_config = ConfigDict(frozen=True)

    text_max_graphemes: int | None = None
    text_max_bytes: int | None = None
    media_max: int | None = None
    media_max_bytes: int | None = None
    posts_day: int | None = None


class ChannelAccount(Entity):
    """One account; its credentials are in the secrets, never here.

    `account` is the name people know it by, `remote_id` what the network calls it for good.
    """

    artist_id: str
    network: str
    account: str
    status: ChannelStatus = ChannelStatus.CONNECTED
    server: str
    remote_id: str
    limits: Limits = Limits()
    reason: str | None = None
    # Nothing is sent or asked before: the server wants to be left alone so long.
    quiet_until: AwareDatetime | None = None
    # Where reading what others answered goes on.
    heard_at: AwareDatetime | None = None
    cursor: str | None = None
    # Somebody renews the session until then at the latest; nobody else does meanwhile.
    renewing_until: AwareDatetime | None = None

    def move_to(
        self, status: ChannelStatus, at: datetime, reason: str | None = None
    ) -> ChannelAccount:
        """Take a legal step; the reason is kept while the account is broken."""
        kept = reason[:LONGEST_REASON] if reason is not None else None
        return self.amend(at, status=CHANNEL_STATES.check(self.status, status), reason=kept)
