"""Marks in a text: links, mentions and tags, counted in bytes as the network counts."""

from __future__ import annotations

from collections.abc import Mapping

import regex

from domain.post import Facet

_LINK = regex.compile(r"https?://[^\s<>\"'”’]+", regex.I)
_MENTION = regex.compile(
    r"(?<![\w.@/])@((?:[a-z0-9][a-z0-9-]{0,62}\.)+[a-z][a-z0-9-]{1,62})", regex.I
)
_TAG = regex.compile(r"(?<![\w#&/])#([\p{L}\p{M}\p{N}_]{1,64})(?![\p{L}\p{M}\p{N}_])")
_LOOSE_ENDS = ".,;:!?…"


def mentioned(text: str) -> list[str]:
    """The handles that stand in a text, each once, in their order."""
    return list(dict.fromkeys(found.group(1).lower() for found in _MENTION.finditer(text)))


def facets_of(text: str, people: Mapping[str, str]) -> tuple[Facet, ...]:
    """Every mark, in the text's order; `people` gives the ids of handles, others stay plain."""
    found = [_facet(text, *_trimmed(m.group(), m.start()), "link") for m in _LINK.finditer(text)]
    links = [(f.start_byte, f.end_byte) for f in found]
    for match in _MENTION.finditer(text):
        target = people.get(match.group(1).lower())
        if target is not None:
            found.append(_marked(text, match.start(), match.end(), "mention", target))
    # A bare number is a number: "#1" is no tag.
    tags = (m for m in _TAG.finditer(text) if not m.group(1).isdigit())
    found += [_marked(text, m.start(), m.end(), "tag", m.group(1)) for m in tags]
    apart = [
        f
        for f in found
        if f.kind == "link" or all(f.end_byte <= a or f.start_byte >= b for a, b in links)
    ]
    return tuple(sorted(apart, key=lambda f: f.start_byte))


def _trimmed(link: str, start: int) -> tuple[int, int]:
    """Where a link begins and ends without the sentence's own marks around it."""
    kept = link.rstrip(_LOOSE_ENDS)
    if kept.endswith(")") and "(" not in kept:
        kept = kept.rstrip(")").rstrip(_LOOSE_ENDS)
    return start, start + len(kept)


def _facet(text: str, start: int, end: int, kind: str) -> Facet:
    return _marked(text, start, end, kind, text[start:end])


def _marked(text: str, start: int, end: int, kind: str, target: str) -> Facet:
    begin = len(text[:start].encode())
    return Facet.model_validate(
        {
            "start_byte": begin,
            "end_byte": begin + len(text[start:end].encode()),
            "kind": kind,
            "target": target,
        }
    )
