from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.post import Facet, LinkCard, MediaPart, Payload

EARLIER = "70bdeccc5d4891afbf5f872d39fa5e808a0518daa9823f58c47b6c9b54de1987"
words = st.text(max_size=6)
parts = st.builds(MediaPart, sha256=words, media_type=words, alt=words)
facets = st.builds(
    Facet,
    start_byte=st.integers(0, 3),
    end_byte=st.integers(4, 9),
    kind=st.sampled_from(["link", "mention", "tag"]),
    target=words,
)
cards = st.builds(LinkCard, url=words, title=words, description=words)
payloads = st.builds(
    Payload,
    channel=words,
    text=words,
    media=st.lists(parts, max_size=3).map(tuple),
    link=st.none() | words,
    release_id=st.none() | words,
    account=st.none() | words,
    langs=st.lists(words, max_size=2).map(tuple),
    facets=st.lists(facets, max_size=2).map(tuple),
    card=st.none() | cards,
)


@given(one=payloads, two=payloads)
def test_two_payloads_share_a_digest_only_when_they_are_the_same(
    one: Payload, two: Payload
) -> None:
    assert (one.digest() == two.digest()) == (one == two)


@given(payload=payloads, data=st.data())
def test_a_change_of_any_field_changes_the_digest(payload: Payload, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(Payload.model_fields)))
    other: Any = getattr(data.draw(payloads), name)
    changed = payload.model_copy(update={name: other})
    assert (changed.digest() == payload.digest()) == (other == getattr(payload, name))


def test_an_absent_link_is_not_an_empty_one_and_order_counts() -> None:
    plain = Payload(channel="stage", text="out")
    assert plain.digest() != plain.model_copy(update={"link": ""}).digest()
    a = MediaPart(sha256="1", media_type="image/png", alt="x")
    b = MediaPart(sha256="2", media_type="image/png", alt="x")
    both = plain.model_copy(update={"media": (a, b)})
    assert both.digest() != plain.model_copy(update={"media": (b, a)}).digest()


@given(payload=payloads)
def test_a_stored_payload_has_the_digest_it_had(payload: Payload) -> None:
    again = Payload.model_validate_json(payload.model_dump_json())
    assert again.digest() == payload.digest()


def test_a_payload_of_an_earlier_version_keeps_its_digest() -> None:
    """Approvals that wait over an upgrade are bound to digests that the earlier version made."""
    part = MediaPart(sha256="ab", media_type="image/png", alt="A boat.")
    payload = Payload(channel="stage", text="It is out — héllo.", media=(part,), release_id="r1")
    assert payload.digest() == EARLIER
