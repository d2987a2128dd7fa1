"""An envelope survives its way through NATS headers, and what is not ours is refused."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from chassis.envelope import NUMBER_MAX, Envelope, Feed
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client
from support import Rutan

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=100)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
feeds = st.builds(Feed, texts, texts, st.sampled_from(("site", "national", "partner")), st.uuids())
envelopes = st.builds(
    Envelope,
    event_id=st.uuids(),
    type=texts,
    feed=feeds,
    number=st.integers(1, NUMBER_MAX),
    occurred_at=st.datetimes(timezones=zones),
    traceparent=st.none() | st.just("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
)
TYPICAL = Envelope(
    uuid4(), "intake.consent_given.v1", Feed("oz-uji", "intake", "site", uuid4()), 7, datetime(2026, 8, 17, tzinfo=UTC)
)


@given(envelopes)
def test_headers_and_back_is_the_same_envelope(envelope: Envelope) -> None:
    assert Envelope.of(envelope.headers()) == envelope


@given(envelopes)
def test_headers_are_plain_ascii_without_space_quote_or_line_break(envelope: Envelope) -> None:
    values = [value for key, value in envelope.headers().items() if key.startswith("ce-")]
    assert all("!" <= letter <= "~" and letter != '"' for value in values for letter in value)


@pytest.mark.parametrize("text", ['é ñ "مرحبا"', "100%", "a: b", "%41", " rutan ", "\u202e", "a\r\nb: c"])
def test_any_text_survives_the_server(rutan: Rutan, text: str) -> None:
    sent = Envelope(uuid4(), text, Feed(text, text, "site", uuid4()), 1, datetime(2026, 8, 17, tzinfo=UTC))

    async def there_and_back(client: Client) -> Envelope:
        listening = await client.subscribe("uji")
        await client.publish("uji", b"", headers=sent.headers())
        return Envelope.of((await listening.next_msg(timeout=5)).headers or {})

    assert rutan.with_nats(there_and_back) == sent


@pytest.mark.parametrize(
    "missing", [key for key in TYPICAL.headers() if key in {"ce-id", "ce-type", "ce-seq", "ce-site"}]
)
def test_an_envelope_that_lacks_something_is_refused(missing: str) -> None:
    headers = TYPICAL.headers()
    del headers[missing]
    with pytest.raises(ValueError, match=missing):
        Envelope.of(headers)


@pytest.mark.parametrize(
    "foreign",
    [
        {"ce-audience": "everybody"},
        {"ce-id": "Siti"},
        {"ce-epoch": "1"},
        {"ce-time": "kemarin"},
        {"ce-seq": "satu"},
        {"ce-seq": "0"},
        {"ce-seq": "-1"},
        {"ce-seq": str(2**63)},
        {"ce-site": "oz%00"},
    ],
    ids=str,
)
def test_foreign_headers_are_refused(foreign: dict[str, str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any will do: the caller parks it
        Envelope.of(TYPICAL.headers() | foreign)


def test_what_others_add_to_the_headers_is_no_hindrance() -> None:
    assert Envelope.of(TYPICAL.headers() | {"Nats-Msg-Id": "1", "ce-later": "%ff", "x": "%"}) == TYPICAL
