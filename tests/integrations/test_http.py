"""How the one HTTP session treats a vendor: against real sockets, well-behaved and not."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from integrations import http
from integrations.http import VendorSession
from integrations.replies import parse_retry_after
from integrations.terms import SignIn
from kcs.errors import RemoteError
from tests.processes import PATIENCE

MakeVendor = Callable[..., Any]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def session_at(url: str) -> VendorSession:
    return VendorSession(vendor="Acme", base_url=url, sign_in=SignIn("Bearer s3cret"), backoff=(0.0, 0.0))


@pytest.mark.parametrize(
    ("status", "permanent", "missing", "advice"),
    [
        (301, True, False, "redirects are not followed"),
        (304, True, False, "redirects are not followed"),
        (400, True, False, "Acme answered 400 (GET /things)"),
        (401, True, False, "Authorise this connection again"),
        (403, True, False, "Give the account the right"),
        (404, True, True, "Acme answered 404"),
        (408, False, False, "Acme answered 408"),
        (409, True, False, "Acme answered 409"),
        (410, True, True, "Acme answered 410"),
        (422, True, False, "Acme answered 422"),
        (425, False, False, "Acme answered 425"),
        (429, False, False, "asks us to slow down"),
        (500, False, False, "Acme answered 500"),
        (502, False, False, "Acme answered 502"),
        (503, False, False, "Acme answered 503"),
        (504, False, False, "Acme answered 504"),
    ],
)
def test_a_status_says_whether_trying_again_can_help(
    make_vendor: MakeVendor, status: int, permanent: bool, missing: bool, advice: str
) -> None:
    vendor = make_vendor({"status": status, "body": b""})
    with pytest.raises(RemoteError) as caught:
        session_at(vendor.url).get("/things")
    assert (caught.value.permanent, caught.value.missing) == (permanent, missing)
    assert advice in caught.value.message


@pytest.mark.parametrize(
    ("answer", "calls"),
    [
        ({"status": 502}, 3),
        ({"status": 503}, 3),
        ({"status": 503, "headers": {"Retry-After": "7"}}, 1),
        ({"status": 500}, 1),
        ({"status": 429}, 1),
        ({"status": 404}, 1),
        ({"cut": 0}, 3),
        ({"body": b'{"half": true}', "cut": 5}, 3),
    ],
)
def test_a_read_is_tried_three_times_when_the_line_broke(
    make_vendor: MakeVendor, answer: dict[str, object], calls: int
) -> None:
    vendor = make_vendor(answer)
    with pytest.raises(RemoteError):
        session_at(vendor.url).get("/things")
    assert len(vendor.asked) == calls


@pytest.mark.parametrize("answer", [{"status": 502}, {"status": 503}, {"cut": 0}, {"cut": 1}])
@pytest.mark.parametrize("method", ["post", "put"])
def test_a_write_is_sent_once_and_its_effect_is_unknown(
    make_vendor: MakeVendor, method: str, answer: dict[str, object]
) -> None:
    vendor = make_vendor(answer)
    with pytest.raises(RemoteError) as caught:
        getattr(session_at(vendor.url), method)("/things", {"a": 1})
    assert (len(vendor.asked), caught.value.permanent) == (1, False)


def test_a_read_that_succeeds_at_the_third_try_is_a_success(make_vendor: MakeVendor) -> None:
    vendor = make_vendor({"cut": 0}, {"status": 502}, {"body": b'{"a": 1}'})
    assert session_at(vendor.url).get("/things").document() == {"a": 1}


def test_nobody_listening_is_a_passing_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(RemoteError) as caught:
            session_at(f"http://127.0.0.1:{taken.getsockname()[1]}").get("/things")
    assert not caught.value.permanent
    assert "could not be reached" in caught.value.message
    assert "Is the address of this connection right, and the desk up?" in caught.value.message


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("86400", 3600.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 12:00:30 -0000", 30.0),
        ("Mon, 23 Nov 2026 12:00:00 GMT", 3600.0),
        ("Sun, 22 Nov 2026 11:59:59 GMT", None),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("\u0663", None),
        ("99999999999999999999", None),
        ("Sun, 22 Nov 99999999999 12:00:30 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_at_most_an_hour(
    value: str | None, seconds: float | None
) -> None:
    assert parse_retry_after(value, NOW) == seconds


@given(st.text(max_size=60))
def test_no_retry_after_raises(value: str) -> None:
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= 3600


@pytest.mark.parametrize(("status", "seconds"), [(429, 7.0), (503, 7.0), (400, None), (301, None)])
def test_only_a_busy_vendor_makes_us_wait(
    make_vendor: MakeVendor, status: int, seconds: float | None
) -> None:
    vendor = make_vendor({"status": status, "headers": {"Retry-After": "7"}})
    with pytest.raises(RemoteError) as caught:
        session_at(vendor.url).get("/things")
    assert caught.value.retry_after == seconds


def test_a_redirect_takes_the_credentials_nowhere(make_vendor: MakeVendor) -> None:
    elsewhere = make_vendor()
    vendor = make_vendor({"status": 302, "headers": {"Location": f"{elsewhere.url}/things"}})
    with pytest.raises(RemoteError):
        session_at(vendor.url).get("/things")
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "link",
    [
        "http://localhost:{port}/next",
        "https://127.0.0.1:{port}/next",
        "http://127.0.0.1/next",
        "http://127.0.0.1:1/next",
        "http://me@127.0.0.1:{port}/next",
        "http://127.0.0.1:{port}@evil.example/next",
        "http://127.0.0.1:{port}\\@evil.example/next",
        "http://evil.example/next",
        "//evil.example/next",
        "file:///etc/passwd",
        "http://[",
        "next",
        "",
    ],
)
def test_a_link_that_leaves_the_account_is_not_followed(make_vendor: MakeVendor, link: str) -> None:
    vendor = make_vendor()
    with pytest.raises(RemoteError) as caught:
        session_at(vendor.url).follow(link.format(port=vendor.url.rpartition(":")[2]))
    assert (vendor.asked, caught.value.permanent) == ([], True)


def test_a_link_within_the_account_is_followed_with_its_query(make_vendor: MakeVendor) -> None:
    vendor = make_vendor()
    session_at(vendor.url + "/api").follow(f"{vendor.url}/api/next?page%5Bafter%5D=2#part")
    asked = vendor.asked[0]
    assert (asked.method, asked.path) == ("GET", "/api/next?page%5Bafter%5D=2")
    assert asked.headers["Authorization"] == "Bearer s3cret"


def test_a_cookie_is_not_kept(make_vendor: MakeVendor) -> None:
    vendor = make_vendor({"headers": {"Set-Cookie": "session=1"}})
    session = session_at(vendor.url)
    session.get("/things")
    session.get("/things")
    assert "Cookie" not in vendor.asked[1].headers


def test_a_small_answer_that_unpacks_huge_is_not_read_to_its_end(make_vendor: MakeVendor) -> None:
    bomb = gzip.compress(bytes(http.MAX_BODY + 1))
    vendor = make_vendor({"body": bomb, "headers": {"Content-Encoding": "gzip"}})
    with pytest.raises(RemoteError) as caught:
        session_at(vendor.url).get("/things")
    assert caught.value.permanent
    assert f"more than {http.MAX_BODY} bytes" in caught.value.message


def test_an_answer_in_drops_is_given_up(make_vendor: MakeVendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_SECONDS", 0.1)
    vendor = make_vendor({"body": b"{            }", "drip": 0.05})
    with pytest.raises(RemoteError) as caught:
        session_at(vendor.url).get("/things")
    assert not caught.value.permanent


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[1]",
        b'"a"',
        b"null",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"\xff\xfe{",
        b"[" * 100_000,
    ],
)
def test_an_answer_that_is_no_json_object_is_a_passing_error(make_vendor: MakeVendor, body: bytes) -> None:
    reply = session_at(make_vendor({"body": body}).url).get("/things")
    with pytest.raises(RemoteError) as caught:
        reply.document()
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        (b"<html>Bad</html>", "(GET /things)."),
        pytest.param(b"[" * 100_000, "(GET /things).", id="deep"),
        (b'{"error": "RecordInvalid"}', "It says: RecordInvalid"),
        (b'{"error": "X", "description": "No such thing"}', "It says: No such thing"),
        (b'{"error": {"title": "X"}, "message": "Wrong"}', "It says: Wrong"),
        (b'{"description": "Bad\\u0000\\r\\ntext"}', "It says: Bad   text"),
        (
            b'{"description": "Invalid", "details": {"email": [{"description": "joe@x.example is taken"}]}}',
            "It says: Invalid (email)",
        ),
    ],
)
def test_an_error_tells_the_vendors_reason_but_no_values(
    make_vendor: MakeVendor, body: bytes, ending: str
) -> None:
    with pytest.raises(RemoteError) as caught:
        session_at(make_vendor({"status": 400, "body": body}).url).get("/things")
    assert caught.value.message.endswith(ending)


def test_an_error_never_tells_the_token(make_vendor: MakeVendor) -> None:
    with pytest.raises(RemoteError) as caught:
        session_at(make_vendor({"status": 401}).url).get("/things", {"q": "private"})
    assert "s3cret" not in caught.value.message
    assert "private" not in caught.value.message


def test_a_vendor_elsewhere_is_spoken_to_by_https_only() -> None:
    with pytest.raises(RemoteError, match="could not be reached"):
        session_at("http://vendor.example").get("/things")


def test_a_vendors_name_that_leads_to_a_private_address_gets_no_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = _certificate(tmp_path, "127.0.0.2")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("NO_PROXY", "*")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.2", 0)) as listener:

        def accept() -> None:
            connection, _ = listener.accept()
            with context.wrap_socket(connection, server_side=True) as secured:
                seen.append(secured.recv(1000))

        thread = threading.Thread(target=accept)
        thread.start()
        session = VendorSession(
            vendor="Acme",
            base_url=f"https://127.0.0.2:{listener.getsockname()[1]}",
            sign_in=SignIn("Bearer s3cret"),
            backoff=(),
        )
        with pytest.raises(RemoteError, match=r"127\.0\.0\.2, which is not a public address"):
            session.get("/things")
        thread.join(PATIENCE)
    assert seen == [b""]


def _certificate(folder: Path, address: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
    began = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=2))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
