"""An artist's feed: RSS 2.0 with the iTunes and Podcasting 2.0 words that music players know."""

from __future__ import annotations

import uuid

from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from api.web.artist_page import credit_lines
from api.web.lyrics import lyric_blocks
from api.web.stage_urls import cover_url, media_url, picture_url
from domain.work import Asset
from services.stage import StagePage, StageRelease

PODCAST = "https://podcastindex.org/namespace/1.0"
# The namespace id that Podcasting 2.0 fixes for feed guids.
_GUID_SPACE = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")


class MusicExtension(BaseExtension):  # type: ignore[misc]
    """Adds `podcast:medium` and `podcast:guid` to the channel."""

    def __init__(self) -> None:
        self.guid = ""

    def extend_ns(self) -> dict[str, str]:
        """The namespace and its usual prefix."""
        return {"podcast": PODCAST}

    def extend_rss(self, rss: etree._Element) -> etree._Element:
        """Write both elements into the channel."""
        channel = rss[0]
        etree.SubElement(channel, f"{{{PODCAST}}}medium").text = "music"
        etree.SubElement(channel, f"{{{PODCAST}}}guid").text = self.guid
        return rss


def feed(page: StagePage, public_url: str) -> bytes:
    """The feed of an artist's live releases; a release's id is its guid.

    A release without a sound to stream stays out: a player could do nothing with it.
    """
    artist = page.artist
    address = f"{public_url}/@{artist.handle}"
    found = FeedGenerator()
    found.load_extension("podcast")
    found.register_extension("music", MusicExtension, None, atom=False)
    found.music.guid = str(uuid.uuid5(_GUID_SPACE, f"{address}/feed.xml".split("://", 1)[1]))
    found.title(artist.stage_name)
    found.link(href=f"{address}/feed.xml", rel="self", type="application/rss+xml")
    # feedgen makes the last link the channel's own.
    found.link(href=address, rel="alternate")
    found.description(page.profile.biography)
    found.language(page.profile.languages[0])
    found.generator("Greenroom")
    found.podcast.itunes_author(artist.stage_name)
    found.podcast.itunes_explicit("no")
    image = picture_url(artist.handle, artist.portrait_sha256, "portrait")
    if page.releases:
        image = cover_url(artist.handle, page.releases[0].works, large=True) or image
        found.lastBuildDate(max(s.release.live_at or artist.created_at for s in page.releases))
    if image:
        found.image(url=public_url + image, title=artist.stage_name, link=address)
    for shown in reversed(page.releases):
        sound = shown.works[0].asset("mp3")
        if sound is not None:
            _add(found, shown, sound, artist.handle, public_url)
    return bytes(found.rss_str(pretty=True))


def _add(
    found: FeedGenerator, shown: StageRelease, sound: Asset, handle: str, public_url: str
) -> None:
    release, work = shown.release, shown.works[0]
    entry = found.add_entry()
    entry.guid(release.id, permalink=False)
    entry.title(release.title)
    entry.link(href=f"{public_url}/@{handle}#{release.id}")
    entry.published(release.live_at or release.updated_at)
    entry.description(_description(shown))
    entry.enclosure(f"{public_url}{media_url(handle, sound)}", str(sound.bytes), sound.media_type)
    if work.duration_s:
        entry.podcast.itunes_duration(round(work.duration_s))
    # feedgen wants .jpg or .png here, which covers are; other kinds stay out of the feed.
    cover = cover_url(handle, shown.works, large=True)
    if cover and cover.lower().endswith((".jpg", ".png")):
        entry.podcast.itunes_image(public_url + cover)


def _description(shown: StageRelease) -> str:
    parts = [
        "\n".join(line for b in lyric_blocks(w.lyrics) for line in b.lines) for w in shown.works
    ]
    parts += ["\n".join(f"{roles}: {name}" for name, roles in credit_lines(shown.release))]
    parts += [shown.release.disclosure.statement]
    return "\n\n".join(part for part in parts if part)
