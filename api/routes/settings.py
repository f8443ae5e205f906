"""The settings in force, for programs."""

from __future__ import annotations

from fastapi import APIRouter

from api.context import Context
from api.schemas import Page
from api.security import Operator
from domain.house import Setting

router = APIRouter(prefix="/settings", tags=["operations"])


@router.get("")
async def list_settings(context: Context, operator: Operator) -> Page[Setting]:
    """List every setting as it holds now; of a secret only whether it is set."""
    operator.must("operate")
    return Page(items=list(context.desk.settings))
