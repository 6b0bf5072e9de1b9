"""Proves that a webhook request comes from the account: it brings along the secret that we made.

Freshdesk signs nothing [Using webhooks in automation rules]. A rule sends a header of our naming, or, where a
plan has no custom headers, basic authentication: any user name, and the secret as its password.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from integrations.reading import header
from kcs.errors import NotSignedIn

HEADER = "x-kcs-secret"
LONGEST = 1000  # characters of a header that are looked at
SCHEME = "basic "


def verify(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime, window: int
) -> None:
    """Accept the request when it brings any of the secrets along: several serve a rotation.

    Raises NotSignedIn and nothing else, whatever the headers hold.
    """
    del body, now, window  # nothing is signed: no body, no time
    usable = [secret for secret in secrets if secret]
    if not usable:
        raise NotSignedIn(
            "This connection has no webhook secret yet: set up its webhook, and enter the secret in the "
            "automation rules."
        )
    given = [header(headers, HEADER), _password(header(headers, "authorization"))]
    matches = [_same(secret, each) for secret in usable for each in given]
    if not any(matches):
        raise NotSignedIn(
            "The webhook secret is missing or does not match: enter the connection's in the rule, as the "
            "header X-KCS-Secret or as the password of its authentication."
        )


def _same(secret: str, given: str) -> bool:
    """Compare in a time that tells nothing about how near it is."""
    return hmac.compare_digest(
        secret.encode("utf-8", "surrogatepass"), given.encode("utf-8", "surrogatepass")
    )


def _password(authorization: str) -> str:
    """Return the password of basic authentication, empty where there is none."""
    if len(authorization) > LONGEST or not authorization.lower().startswith(SCHEME):
        return ""
    try:
        decoded = base64.b64decode(authorization[len(SCHEME) :].strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return decoded.partition(":")[2]
