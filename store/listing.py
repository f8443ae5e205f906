"""Pages of what an artist made, all narrowed in the same way."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Table

from domain.listing import Listing
from store.repository import among, one_of


def listed(query: Select[Any], table: Table, wanted: Listing) -> Select[Any]:
    """One page by id of rows that fit; ids of one kind sort by time of birth."""
    statuses = None if wanted.statuses is None else list(wanted.statuses)
    query = one_of(among(query, table, wanted.artist_ids), table, statuses)
    if wanted.since is not None:
        query = query.where(table.c.created_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(table.c.created_at < wanted.until)
    newest = wanted.order == "newest"
    if wanted.after is not None:
        behind = table.c.id < wanted.after if newest else table.c.id > wanted.after
        query = query.where(behind)
    return query.order_by(table.c.id.desc() if newest else table.c.id).limit(wanted.limit)
