"""Files of the label, for the operator's programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse

from api.context import Context
from api.media import send_file
from api.security import Operator

router = APIRouter(prefix="/media", tags=["media"])


@router.get("/{sha256}", response_class=FileResponse)
async def download(
    sha256: str,
    context: Context,
    operator: Operator,
    name: Annotated[
        str | None, Query(max_length=200, description="File name; its ending gives the type.")
    ] = None,
) -> FileResponse:
    """Fetch a made file by its hash; `Range` is honoured."""
    await context.works.check_file(operator, sha256)
    return await send_file(context.media, sha256, filename=name)
