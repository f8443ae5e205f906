"""Every account that artists post to besides the stage, and whether it still works."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext, Context
from api.security import LocalOperator
from api.web.page import Page
from domain.actor import Actor
from domain.artist import Artist
from domain.channel import ChannelStatus
from domain.ports.network import NetworkCapabilities
from services.network_list import Connected

router = APIRouter(prefix="/operator/networks", include_in_schema=False)
PAGE = "/operator/networks"
ACCOUNTS_A_PAGE = 100
ALONE_SHOWN = 12
STATUS_WORDS = {
    ChannelStatus.CONNECTED: "Working",
    ChannelStatus.PAUSED: "Paused",
    ChannelStatus.BROKEN: "Broken",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Whose(_Part):
    """An artist, and where its accounts are looked after."""

    stage_name: str
    portrait_url: str | None
    url: str


class AccountLine(_Part):
    """An account in the list."""

    whose: Whose
    network: str
    account: str
    server: str
    status: str
    words: str
    reason: str | None
    heard_at: datetime | None
    quiet_until: datetime | None
    waiting: int


class NetworksPage(Page):
    """All accounts of the label."""

    template: ClassVar[str] = "networks.html"

    tabs: tuple[tuple[str, str, bool], ...] = Field(
        description="How accounts may stand: words, address, chosen."
    )
    lines: tuple[AccountLine, ...] = Field(description="Accounts, those in trouble first.")
    any: bool = Field(description="Whether there is an account at all.")
    next_url: str = Field(description="Where the list goes on, if it does.")
    first_url: str = Field(description="Where it begins, if that is elsewhere.")
    alone: tuple[Whose, ...] = Field(description="Artists that post on the stage only.")
    alone_more: int = Field(description="How many more of these there are.")
    kinds: tuple[NetworkCapabilities, ...] = Field(description="Networks that can be connected.")


@router.get("")
async def networks(
    context: Context,
    operator: LocalOperator,
    status: Literal["connected", "paused", "broken"] | None = None,
    start: int = 0,
) -> HTMLResponse:
    """The accounts of all artists; `status` narrows them."""
    wanted = ChannelStatus(status) if status else None
    return (await _page(context, operator, wanted, max(start, 0))).response()


async def _page(
    context: ApiContext, operator: Actor, wanted: ChannelStatus | None, start: int
) -> NetworksPage:
    found = await context.overview.networks(operator)
    fits = [one for one in found.accounts if wanted in (None, one.account.status)]
    kinds = {name: kind.capabilities for name, kind in context.channels.kinds.items()}
    more = len(fits) > start + ACCOUNTS_A_PAGE
    return NetworksPage(
        title="Networks · Greenroom",
        tabs=_tabs(found.accounts, wanted),
        lines=tuple(_line(one, kinds) for one in fits[start : start + ACCOUNTS_A_PAGE]),
        any=bool(found.accounts),
        next_url=_url(wanted, start + ACCOUNTS_A_PAGE) if more else "",
        first_url=_url(wanted) if start else "",
        alone=tuple(_whose(artist) for artist in found.alone[:ALONE_SHOWN]),
        alone_more=max(0, len(found.alone) - ALONE_SHOWN),
        kinds=tuple(kinds.values()),
    )


def _tabs(
    accounts: list[Connected], wanted: ChannelStatus | None
) -> tuple[tuple[str, str, bool], ...]:
    """All of them, and each state that some are in, with how many."""
    counted = [(s, sum(one.account.status is s for one in accounts)) for s in STATUS_WORDS]
    states = [(f"{STATUS_WORDS[s]} {n}", _url(s), s is wanted) for s, n in counted if n]
    return (f"All {len(accounts)}", PAGE, wanted is None), *states


def _url(wanted: ChannelStatus | None, start: int = 0) -> str:
    asked = [f"status={wanted.value}"] if wanted else []
    asked += [f"start={start}"] if start else []
    return f"{PAGE}?{'&'.join(asked)}" if asked else PAGE


def _line(one: Connected, kinds: dict[str, NetworkCapabilities]) -> AccountLine:
    account = one.account
    kind = kinds.get(account.network)
    return AccountLine(
        whose=_whose(one.artist),
        network=kind.title or kind.name if kind else account.network,
        account=account.account,
        server=account.server,
        status=account.status.value,
        words=STATUS_WORDS[account.status],
        reason=account.reason,
        heard_at=account.heard_at,
        quiet_until=account.quiet_until,
        waiting=one.waiting,
    )


def _whose(artist: Artist) -> Whose:
    picture = artist.portrait_sha256
    return Whose(
        stage_name=artist.stage_name,
        portrait_url=f"/operator/media/{picture}/portrait" if picture else None,
        url=f"/operator/artists/{artist.handle}/channels",
    )
