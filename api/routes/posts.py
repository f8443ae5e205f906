"""Posts whose outcome nobody knows: a person looks and says what became of them."""

from __future__ import annotations

from fastapi import APIRouter

from api.context import Context
from api.schemas import Settlement
from api.security import Operator
from domain.post import Post

router = APIRouter(prefix="/posts", tags=["posts"])


@router.post("/{post_id}/settle")
async def settle(post_id: str, body: Settlement, context: Context, operator: Operator) -> Post:
    """Say whether a post of unknown outcome was published; refused for any other post."""
    return await context.publishing.settle(
        operator, post_id, published=body.published, remote_id=body.remote_id
    )
