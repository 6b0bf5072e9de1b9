"""The link under a mail that stops it without signing in: it says which mail, signed with our key."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeSerializer

_SALT = "report-mail"
LONGEST_TOKEN = 200


def token_of(subscription_id: int, key: str) -> str:
    """Return what only we can make for a subscription. It holds for good: a mail may be read late."""
    return str(URLSafeSerializer(key, salt=_SALT).dumps(subscription_id))


def subscription_of(token: str, key: str) -> int | None:
    """Return which subscription a token stops, None for one that we did not make."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        found = URLSafeSerializer(key, salt=_SALT).loads(token)
    except BadSignature:
        return None
    return found if isinstance(found, int) else None
