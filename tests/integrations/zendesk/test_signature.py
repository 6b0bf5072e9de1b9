"""Which webhook requests count as Zendesk's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.zendesk.provider import ZendeskProvider
from integrations.zendesk.signature import sign
from kcs.errors import NotSignedIn

# Secret, body and time of the example on Zendesk's own page about verifying. Its signature there was made in
# the order body + timestamp, which the page has since reversed; the one for today's order was computed with
#   printf '%s' '2021-07-25T10:00:00Z{"say": "hello"}' | openssl dgst -sha256 -hmac "$SECRET" -binary | base64
SECRET = "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA="
BODY = b'{"say": "hello"}'
TIME = "2021-07-25T10:00:00Z"
SIGNATURE = "Rry/4TtIdFyawtXXp8QdI6tlAUUQ/5kL1OTp5qo/ZIk="
OLD_ORDER = "tRDSF7URY8BLCDlaBcQ7FHu051Zk+aAB0NKMP53teMw="

PUBLIC_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
AT = datetime(2021, 7, 25, 10, 0, tzinfo=UTC)
WINDOW = 300


def headers(signature: str = SIGNATURE, timestamp: str = TIME) -> dict[str, str]:
    return {
        "X-Zendesk-Webhook-Signature": signature,
        "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
    }


def verify(
    given_headers: dict[str, str],
    body: bytes = BODY,
    secrets: tuple[str, ...] = (SECRET,),
    now: datetime = AT,
) -> None:
    ZendeskProvider().verify(given_headers, body, secrets, now, WINDOW)


@pytest.mark.parametrize(
    ("secret", "timestamp", "body", "signature"),
    [
        (SECRET, TIME, BODY, SIGNATURE),
        # Published with other people's code, and the same by openssl as above.
        (
            PUBLIC_SECRET,
            "2021-03-25T05:09:27Z",
            b'{"event":"ticket.updated","id":123}',
            "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=",
        ),
    ],
)
def test_the_signature_covers_the_time_and_then_the_body(
    secret: str, timestamp: str, body: bytes, signature: str
) -> None:
    assert sign(secret, timestamp, body) == signature


def test_a_request_signed_in_todays_order_is_accepted() -> None:
    verify(headers())


@pytest.mark.parametrize("written", [str.lower, str.upper, str.title])
def test_the_case_of_header_names_does_not_matter(written: Callable[[str], str]) -> None:
    verify({written(key): value for key, value in headers().items()})


def test_a_request_without_a_body_is_signed_over_its_time() -> None:
    verify(headers(sign(SECRET, TIME, b"")), b"")


@pytest.mark.parametrize("secrets", [("new", SECRET), (SECRET, "new"), ("", PUBLIC_SECRET, SECRET)])
def test_any_secret_of_a_rotation_will_do(secrets: tuple[str, ...]) -> None:
    verify(headers(), secrets=secrets)


@pytest.mark.parametrize("seconds", [-WINDOW, -1, 0, 1, WINDOW])
def test_the_clock_may_differ_by_the_window_either_way(seconds: int) -> None:
    verify(headers(), now=AT + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-86_400, -WINDOW - 1, WINDOW + 1, 86_400])
def test_a_request_outside_the_window_is_refused_either_way(seconds: int) -> None:
    with pytest.raises(NotSignedIn, match="replay"):
        verify(headers(), now=AT + timedelta(seconds=seconds))


@pytest.mark.parametrize("secrets", [(), ("",), (PUBLIC_SECRET,), ("", PUBLIC_SECRET)])
def test_without_a_secret_of_our_own_everything_is_refused(secrets: tuple[str, ...]) -> None:
    with pytest.raises(NotSignedIn, match="no signing secret"):
        verify(headers(sign(secrets[-1] if secrets else "", TIME, BODY)), secrets=secrets)


@pytest.mark.parametrize(
    "refused",
    [
        headers(OLD_ORDER),
        headers(SIGNATURE[:-2] + "I="),
        headers(SIGNATURE.swapcase()),
        headers(SIGNATURE + "="),
        headers(SIGNATURE + ", " + SIGNATURE),
        headers(" " + SIGNATURE),
        headers(""),
        headers("ÿ\udce9"),
        headers("45ac" * 16),
        headers(sign("another secret", TIME, BODY)),
        headers(timestamp="2021-07-25T10:00:01Z"),
        headers(timestamp=""),
        {"X-Zendesk-Webhook-Signature": SIGNATURE},
        {"X-Zendesk-Webhook-Signature-Timestamp": TIME},
        {},
    ],
)
def test_a_wrong_or_missing_header_is_refused(refused: dict[str, str]) -> None:
    with pytest.raises(NotSignedIn, match="missing or does not match"):
        verify(refused)


@pytest.mark.parametrize("position", range(len(BODY)))
def test_a_single_changed_byte_is_noticed(position: int) -> None:
    changed = bytearray(BODY)
    changed[position] ^= 1
    with pytest.raises(NotSignedIn):
        verify(headers(), bytes(changed))


@pytest.mark.parametrize(
    "timestamp",
    [
        "1627207200",
        "2021-07-25 10:00:00Z",
        "2021-07-25T10:00:00",
        "2021-07-25T12:00:00+02:00",
        "2021-07-25T10:00Z",
        "2021-02-30T10:00:00Z",
        "2021-07-25T25:00:00Z",
        "2021-07-25T10:00:00Z\n",
        "\u0662\u0660\u0662\u0661-07-25T10:00:00Z",
        "2021-07-25T10:00:00.0000000000Z",
        "yesterday",
        "",
        "\x00",
    ],
)
def test_a_time_that_is_no_utc_time_is_refused_though_signed(timestamp: str) -> None:
    with pytest.raises(NotSignedIn, match="not an ISO 8601 time in UTC"):
        verify(headers(sign(SECRET, timestamp, BODY), timestamp))


@pytest.mark.parametrize("timestamp", ["2021-07-25T10:00:00+00:00", "2021-07-25T10:00:00.123456789Z"])
def test_other_ways_to_write_utc_are_read(timestamp: str) -> None:
    verify(headers(sign(SECRET, timestamp, BODY), timestamp))


@given(
    st.dictionaries(
        st.sampled_from([*headers(), "Host"]) | st.text(), st.sampled_from([SIGNATURE, TIME]) | st.text()
    ),
    st.binary(),
)
def test_arbitrary_requests_are_refused_and_never_crash(given_headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(NotSignedIn):
        verify(given_headers, body + b"!")


@given(st.text())
def test_an_arbitrary_signed_time_is_never_a_crash(timestamp: str) -> None:
    try:
        verify(headers(sign(SECRET, timestamp, BODY), timestamp))
    except NotSignedIn:
        return
    assert abs(datetime.fromisoformat(timestamp[:19] + "Z") - AT) <= timedelta(seconds=WINDOW)
