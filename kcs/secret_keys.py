"""The keys that sessions are signed and stored credentials encrypted with: given, derived, or made once."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from kcs.errors import ConfigError

SHORTEST_SECRET = 32


def secret_key_of(value: str | None, folder: Path, *, embedded: bool) -> str:
    """Return the secret that sessions are signed with; the embedded default makes one and keeps it.

    Raises ConfigError.
    """
    if value is not None:
        if len(value) < SHORTEST_SECRET:
            raise ConfigError(
                f"KCS_SECRET_KEY has {len(value)} characters; it needs at least {SHORTEST_SECRET}. "
                'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        return value
    if not embedded:
        raise ConfigError(
            "KCS_SECRET_KEY is not set. Make one with: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(48))" and keep it.'
        )
    return _kept_secret(folder / "secret_key")


def _kept_secret(path: Path) -> str:
    """Read the secret of the embedded default, making it at the first start, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret


def encryption_keys_of(value: str | None, secret_key: str) -> tuple[str, ...]:
    """Return Fernet keys, newest first: the first encrypts, all decrypt. Raises ConfigError."""
    if value:
        keys = tuple(key.strip() for key in value.split(","))
        if not all(map(_is_fernet_key, keys)):
            raise ConfigError(
                "KCS_ENCRYPTION_KEYS holds something that is no key. Give one key or several with commas "
                "between, each made with: python3 -c "
                '"from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
            )
        return keys
    derived = hashlib.sha256(b"kcs:stored-credentials:" + secret_key.encode()).digest()
    return (base64.urlsafe_b64encode(derived).decode(),)


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True
