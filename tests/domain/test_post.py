from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.post import MediaPart, Payload

words = st.text(max_size=6)
parts = st.builds(MediaPart, sha256=words, media_type=words, alt=words)
payloads = st.builds(
    Payload,
    channel=words,
    text=words,
    media=st.lists(parts, max_size=3).map(tuple),
    link=st.none() | words,
    release_id=st.none() | words,
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
