"""Proves that a webhook request comes from Zendesk: base64(HMAC-SHA256(secret, timestamp + raw body)).

Source: developer.zendesk.com/documentation/webhooks/verifying. The key is the secret's own text, not
decoded. An older copy of that page signs body + timestamp; that order is refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from integrations.reading import header
from kcs.errors import NotSignedIn

SIGNATURE = "x-zendesk-webhook-signature"
TIMESTAMP = "x-zendesk-webhook-signature-timestamp"

# Zendesk signs trial requests of webhooks not yet saved with this one, for everybody: it proves nothing.
PUBLIC_TEST_KEY = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="

UTC_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?)(Z|[+-]00:00)", re.ASCII
)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature Zendesk sends for this timestamp header and raw body."""
    message = timestamp.encode("utf-8", "surrogatepass") + body
    digest = hmac.new(secret.encode("utf-8", "surrogatepass"), message, hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


def verify(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime, window: int
) -> None:
    """Accept the request when any secret signed it within `window` seconds of `now`, either way.

    Several secrets serve a rotation. Raises NotSignedIn and nothing else, whatever the headers hold.
    """
    usable = [secret for secret in secrets if secret and secret != PUBLIC_TEST_KEY]
    if not usable:
        raise NotSignedIn(
            "This connection has no signing secret of its own: copy the webhook's signing secret from "
            "Zendesk's Admin Center into the connection."
        )
    timestamp = header(headers, TIMESTAMP)
    if not _signed_by_any(usable, timestamp, body, header(headers, SIGNATURE)):
        raise NotSignedIn(
            "The webhook signature is missing or does not match: compare the connection's signing secret "
            "with the webhook's."
        )
    if abs((now - _moment(timestamp)).total_seconds()) > window:
        raise NotSignedIn(
            f"The webhook was signed at {timestamp}, more than {window} s from our time: check the clock, "
            "or this is a replay."
        )


def _signed_by_any(secrets: Sequence[str], timestamp: str, body: bytes, given: str) -> bool:
    """Compare with every secret, so that the time taken tells nothing about which one is near."""
    claimed = given.encode("utf-8", "surrogatepass")
    matches = [
        hmac.compare_digest(sign(secret, timestamp, body).encode("ascii"), claimed) for secret in secrets
    ]
    return any(matches)


def _moment(timestamp: str) -> datetime:
    parts = UTC_TIME.fullmatch(timestamp)
    try:
        return datetime.fromisoformat(parts[1] if parts else "").replace(tzinfo=UTC)
    except ValueError as exc:
        raise NotSignedIn(
            "The webhook's signature timestamp is not an ISO 8601 time in UTC such as 2026-01-31T09:30:00Z."
        ) from exc
