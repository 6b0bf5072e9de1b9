"""Links that answer one question without a seat, and what the owner of the product sets for them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta

from kcs.experts.models import Turn

NONCE_BYTES = 16


@dataclass(frozen=True)
class Terms:
    """How experts are asked: by whose key links are made, how long they last, who outside may be asked.

    `outside` are the domains of addresses that may be asked without a seat; "*" is any address. `mails` is
    False where no mail server is set up: whoever asks passes the link on by hand.
    """

    key: str = field(repr=False)
    base_url: str
    mails: bool
    remind_after: timedelta
    lasts: timedelta
    outside: frozenset[str] = frozenset()

    def may_ask_outside(self, email: str) -> bool:
        """Return whether an address that is nobody's with a seat may be asked."""
        return "*" in self.outside or email.rpartition("@")[2].lower() in self.outside

    def token_of(self, turn: Turn) -> str:
        """Return the secret of a turn's link: 256 bits that nobody can make without our key.

        Made of the turn's random number, so that only its hash is kept and the mail can name it all the same.
        """
        said = f"{turn.question_id}\0{turn.nonce}".encode()
        digest = hmac.new(f"question:{self.key}".encode(), said, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def address_of(self, turn: Turn) -> str | None:
        """Return the link, None when it was made with a key that is no longer ours."""
        token = self.token_of(turn)
        usable = hmac.compare_digest(turn.token_hash, hash_of(token))
        return f"{self.base_url}/answer/{token}" if usable else None


def hash_of(token: str) -> str:
    """Return what is kept of a link's secret."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
