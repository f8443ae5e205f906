"""Addresses of the stage, and which files it may show."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from domain.work import Asset, Work
from services.stage import StagePage

PUBLIC_ROLES = ("mp3", "cover", "cover_thumb")


class PublicFile(BaseModel):
    """A file that a visitor may fetch; `media_type` None means: look at its first bytes."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    media_type: str | None
    filename: str


def media_url(handle: str, asset: Asset | None) -> str | None:
    """Where a visitor fetches a work's file."""
    return f"/@{handle}/media/{asset.sha256}/{asset.filename}" if asset else None


def picture_url(handle: str, sha256: str | None, name: str) -> str | None:
    """Where a visitor fetches the portrait or the banner."""
    return f"/@{handle}/media/{sha256}/{name}" if sha256 else None


def cover_url(handle: str, works: Iterable[Work], *, large: bool = False) -> str | None:
    """The cover of a release: small where a small one was made, unless `large`."""
    roles = ("cover", "cover_thumb") if large else ("cover_thumb", "cover")
    for work in works:
        asset = work.asset(roles[0]) or work.asset(roles[1])  # type: ignore[arg-type]
        if asset:
            return media_url(handle, asset)
    return None


def public_files(page: StagePage) -> dict[str, PublicFile]:
    """Everything on an artist's page that a visitor may fetch, by hash; nothing unreleased."""
    artist = page.artist
    files = [
        PublicFile(sha256=sha256, media_type=None, filename=name)
        for sha256, name in (
            (artist.portrait_sha256, "portrait"),
            (artist.banner_sha256, "banner"),
        )
        if sha256
    ]
    for shown in page.releases:
        for work in shown.works:
            files += [
                PublicFile(sha256=a.sha256, media_type=a.media_type, filename=a.filename)
                for a in work.assets
                if a.role in PUBLIC_ROLES
            ]
    return {file.sha256: file for file in files}
