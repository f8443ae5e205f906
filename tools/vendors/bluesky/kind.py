"""How artists are connected to Bluesky or to another server of its kind."""

from __future__ import annotations

import httpx

from domain.channel import ChannelAccount
from domain.errors import ProviderError, ProviderInputInvalid
from domain.ports.media_store import MediaStore
from domain.ports.network import (
    AccountState,
    Credentials,
    Network,
    NetworkCapabilities,
    Session,
    Sessions,
)
from runtime.public_http import plain_address
from tools.vendors.bluesky.capabilities import CAPABILITIES, SERVER
from tools.vendors.bluesky.login import sign_in
from tools.vendors.bluesky.network import BlueskyNetwork
from tools.vendors.bluesky.xrpc import Json, Xrpc, reading

PROFILE = "app.bsky.actor.profile"
BOT = "bot"
SELF_LABELS = "com.atproto.label.defs#selfLabels"


class BlueskyKind:
    """Implements `domain.ports.network.NetworkKind`.

    `loopback` allows servers on this machine, for trials and tests.
    """

    def __init__(
        self,
        media: MediaStore,
        *,
        loopback: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._media = media
        self._loopback = loopback
        self._transport = transport

    @property
    def capabilities(self) -> NetworkCapabilities:
        """The shipped data."""
        return CAPABILITIES

    def server(self, address: str | None) -> str:
        """`https://host`, by default the network's own; raises `InvalidInput`."""
        return plain_address(address or SERVER, loopback=self._loopback)

    async def sign_in(self, server: str, credentials: Credentials) -> tuple[AccountState, Session]:
        """Try name and app password, and label the account as a bot's where it is not yet."""
        xrpc = self._xrpc(server)
        session, answer = await sign_in(xrpc, credentials)
        with reading():
            state = AccountState(remote_id=str(answer["did"]), account=str(answer["handle"]))
        await _label_as_bot(xrpc, state.remote_id, session)
        return state, session

    def open(self, account: ChannelAccount, sessions: Sessions) -> Network:
        """The network in the name of a connected account."""
        return BlueskyNetwork(self._xrpc(account.server), account, sessions, self._media)

    def _xrpc(self, server: str) -> Xrpc:
        return Xrpc(server, loopback=self._loopback, transport=self._transport)


async def _label_as_bot(server: Xrpc, did: str, session: Session) -> None:
    """Say in the account's own profile that no person writes there; the rest of it stays."""
    place = {"repo": did, "collection": PROFILE, "rkey": "self"}
    try:
        found = await server.ask("com.atproto.repo.getRecord", place, session.access)
    except ProviderInputInvalid as error:
        if error.facts.get("error") != "RecordNotFound":
            raise
        found = {}
    with reading():
        profile: Json = {"$type": PROFILE, **(found.get("value") or {})}
        labels = list((profile.get("labels") or {}).get("values") or [])
        if any(label.get("val") == BOT for label in labels):
            return
    profile["labels"] = {"$type": SELF_LABELS, "values": [*labels, {"val": BOT}]}
    # Only over what was read, so that nobody's change at the same moment is lost.
    body = {**place, "record": profile, "swapRecord": found.get("cid")}
    try:
        await server.tell("com.atproto.repo.putRecord", body, session.access)
    except ProviderInputInvalid as error:
        raise ProviderError(
            f"the account could not be labelled as a bot's: {error.message}",
            remedy="Add the label `bot` in the account's settings, then connect again.",
        ) from error
