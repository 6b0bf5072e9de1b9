"""Which tokens count as a visit of our own app, opened by a user of the account."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from integrations.zendesk.visits import read_visit
from kcs.errors import NotSignedIn
from kcs.ports import AppVisit
from tests.embedding.visits import INSTALLATION, SITE, Signer, new_key, public_pem

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SIGNER = Signer()
OTHER_KEY = new_key()
AT = int(NOW.timestamp())


def read(token: str, *, pem: str = SIGNER.pem, now: datetime = NOW) -> AppVisit:
    return read_visit(token, public_key=pem, audience=INSTALLATION, now=now)


def part(content: object) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_visit_names_user_installation_and_itself() -> None:
    claims = SIGNER.claims("7", now=NOW)
    visit = read(SIGNER.token(now=NOW, jti=claims["jti"]))
    assert visit == AppVisit(INSTALLATION, "7", f"jti:{claims['jti']}", NOW + timedelta(minutes=5))


@pytest.mark.parametrize(
    "other",
    [
        {"sub": "7"},
        {"sub": f"{SITE}/api/v2/users/7"},
        {"sub": 7},
        {"aud": INSTALLATION.removesuffix(".json")},
        {"aud": [INSTALLATION]},
        {"iss": None},
        {"iss": SITE},
        {"iat": None, "nbf": None},
        {"exp": float(AT + 60)},
        {"qsh": None, "context": None, "cnf": {"jku": "https://evil.example/keys"}},
    ],
    ids=str,
)
def test_what_is_unsure_is_taken_either_way(other: dict[str, Any]) -> None:
    assert read(SIGNER.token(now=NOW, **other)).user_id == "7"


@pytest.mark.parametrize(
    "other",
    [
        {"exp": None},
        {"aud": None},
        {"sub": None},
        {"exp": AT - 31},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 10**30},
        {"exp": -1},
        {"nbf": AT + 31},
        {"iat": AT + 31},
        {"iat": [1]},
        {"aud": INSTALLATION.replace("/17", "/18")},
        {"aud": INSTALLATION.replace("acme", "other")},
        {"aud": []},
        {"aud": 17},
        {"iss": "other.zendesk.com"},
        {"iss": "acme.zendesk.com.evil.example"},
        {"iss": 7},
        {"sub": "https://other.zendesk.com/api/v2/users/7.json"},
        {"sub": f"{SITE}/api/v2/users/7/../8.json"},
        {"sub": "me"},
        {"sub": ""},
        {"sub": "٧"},
        {"sub": {"id": 7}},
    ],
    ids=str,
)
def test_anything_else_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(NotSignedIn):
        read(SIGNER.token(now=NOW, **other))


def test_clocks_may_differ_by_half_a_minute() -> None:
    assert read(SIGNER.token(now=NOW + timedelta(seconds=29))).user_id == "7"
    assert read(SIGNER.token(now=NOW - timedelta(minutes=5, seconds=29))).user_id == "7"


def hs256(claims: dict[str, object], secret: bytes) -> str:
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}"
    return f"{signed}.{part(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


CLAIMS = SIGNER.claims(now=NOW)
GOOD = SIGNER.token(now=NOW)
HEAD, BODY, SIGNATURE = GOOD.split(".")
FORGED = {
    "none": jwt.encode(CLAIMS, "", algorithm="none"),
    "None": f"{part({'alg': 'None'})}.{part(CLAIMS)}.",
    "the public key as a secret": hs256(CLAIMS, SIGNER.pem.encode()),
    "another key": Signer(OTHER_KEY).token(now=NOW),
    "a key of its own": jwt.encode(
        CLAIMS, OTHER_KEY, "RS256", headers={"jwk": json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(OTHER_KEY))}
    ),
    "another algorithm of the same key": jwt.encode(CLAIMS, SIGNER.key, "PS256"),
    "RS512": jwt.encode(CLAIMS, SIGNER.key, "RS512"),
    "ES256": jwt.encode(CLAIMS, ec.generate_private_key(ec.SECP256R1()), "ES256"),
    "claims changed": f"{HEAD}.{part({**CLAIMS, 'sub': '8'})}.{SIGNATURE}",
    "no signature": f"{HEAD}.{BODY}.",
    "nothing": "",
    "two parts": f"{HEAD}.{BODY}",
    "claims that are a list": jwt.api_jws.encode(b"[1]", SIGNER.key, "RS256"),
    "claims that are no JSON": jwt.api_jws.encode(b"{", SIGNER.key, "RS256"),
    "too long": GOOD + "A" * 9000,
    "deep": jwt.api_jws.encode(b"[" * 3000, SIGNER.key, "RS256"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused(name: str) -> None:
    with pytest.raises(NotSignedIn):
        read(FORGED[name])


@given(st.text(max_size=200))
def test_no_text_is_an_error_of_another_kind(token: str) -> None:
    with pytest.raises(NotSignedIn):
        read(token)


def small_key() -> str:
    return public_pem(rsa.generate_private_key(public_exponent=65537, key_size=1024))  # noqa: S505 -- refused


def elliptic_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


@pytest.mark.parametrize("pem", ["", "no key", SIGNER.pem[:200], small_key(), elliptic_key()])
def test_only_a_public_rsa_key_of_some_length_verifies(pem: str) -> None:
    with pytest.raises(NotSignedIn, match="key"):
        read(GOOD, pem=pem)


def test_a_token_without_a_name_is_known_by_what_was_signed() -> None:
    first, second = (SIGNER.token(now=NOW, jti=None) for _ in range(2))
    assert read(first).token_id == read(first).token_id != read(second).token_id
    assert read(first).token_id.startswith("sha256:")
