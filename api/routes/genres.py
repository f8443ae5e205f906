"""Genre packs: what artists can work in."""

from __future__ import annotations

from fastapi import APIRouter

from api.context import Context
from api.schemas import Page
from api.security import Operator
from domain.genre import GenrePack
from services.views import GenreChoice

router = APIRouter(prefix="/genres", tags=["genres"])


@router.get("")
async def list_genres(context: Context, operator: Operator) -> Page[GenreChoice]:
    """List the genre packs to choose from."""
    return Page(items=context.views.genres())


@router.get("/{genre}")
async def show_genre(genre: str, context: Context, operator: Operator) -> GenrePack:
    """Show a genre pack whole; an artist's sound bends its values by their paths."""
    return context.views.genre(genre)
