"""The token that Zendesk opens a page of the app with: which desk user, in which installation, once.

With `signedUrls` in the manifest the first request of an app's page is a POST with a JSON Web Token (RS256)
in its field `token`. Claims seen: exp, nbf, iss (the account's host), aud (the address of the installation),
iat, sub (the address of the user), cnf.jku, qsh, context; valid for five minutes. `jti` is not always named:
without one the token stands for itself. Nothing in the token says which key to use: the key comes from the
connection.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from kcs.errors import NotSignedIn
from kcs.ports import AppVisit

LONGEST = 8192
SMALLEST_KEY = 2048
LEEWAY = timedelta(seconds=30)
ALGORITHM = "RS256"
REQUIRED = ("exp", "aud", "sub")
NEWEST = datetime(2200, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\d{1,20}", re.ASCII)


def read_visit(token: str, *, public_key: str, audience: str, now: datetime) -> AppVisit:
    """Verify the token that the desk's app came with. Raises NotSignedIn."""
    if len(token) > LONGEST:
        raise NotSignedIn("The token of the app is longer than any is.")
    claims = _verified(token, key_of(public_key), audience)
    expires_at = _in_time(claims, now)
    host = urlsplit(audience).netloc
    if claims.get("iss", host) not in (host, f"https://{host}", f"https://{host}/"):
        raise NotSignedIn("The token of the app comes from another account.")
    return AppVisit(audience, _user(claims, audience), _name_of(token, claims), expires_at)


def key_of(pem: str) -> RSAPublicKey:
    """Return the key that visits are signed with. Raises NotSignedIn for anything but a public RSA key."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NotSignedIn("The app's public key cannot be read: enter it anew.") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < SMALLEST_KEY:
        raise NotSignedIn("The app's public key is no RSA key of 2048 bits or more: enter it anew.")
    return key


def _verified(token: str, key: RSAPublicKey, audience: str) -> Mapping[str, object]:
    """Only what the key signed comes back. The times are looked at by the caller's clock."""
    try:
        claims: dict[str, object] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=[audience, audience.removesuffix(".json")],
            options={
                "require": list(REQUIRED),
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_sub": False,
                "verify_jti": False,
            },
        )
    except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
        raise NotSignedIn(f"The token of the app is not right: {error}") from error
    return claims


def _in_time(claims: Mapping[str, object], now: datetime) -> datetime:
    expires_at = _moment(claims["exp"])
    if expires_at <= now - LEEWAY:
        raise NotSignedIn("The token of the app is too old.")
    for name in ("nbf", "iat"):
        if name in claims and _moment(claims[name]) > now + LEEWAY:
            raise NotSignedIn("The token of the app is not valid yet: compare the clocks.")
    return expires_at


def _moment(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < NEWEST.timestamp():
        raise NotSignedIn("The token of the app names a time that is none.")
    return datetime.fromtimestamp(value, UTC)


def _user(claims: Mapping[str, object], audience: str) -> str:
    """Return the user's number: the claim is the address of the user, as one is seen, or the number alone."""
    site = audience.partition("/api/")[0]
    said = str(claims["sub"]).removeprefix(f"{site}/api/v2/users/").removesuffix(".json")
    if not _NUMBER.fullmatch(said):
        raise NotSignedIn("The token of the app names no user of this account.")
    return said


def _name_of(token: str, claims: Mapping[str, object]) -> str:
    """Return what a token is known by. Not its signature: that can be written in more than one way."""
    given = claims.get("jti")
    if isinstance(given, str | int) and str(given):
        return f"jti:{given}"
    signed = token.strip().rpartition(".")[0]
    return "sha256:" + hashlib.sha256(signed.encode("utf-8", "surrogatepass")).hexdigest()
