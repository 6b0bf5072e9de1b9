"""File names for articles whatever their keys hold, the same on every system."""

from __future__ import annotations

import hashlib
import re

LONGEST = 150  # bytes; file systems allow 255
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*%~]|^[. ]|[. ]$')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|index|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def file_name(key: str) -> str:
    """Return the name, without suffix, of the file an article is kept in; no two keys have the same one."""
    name = _UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", key)
    if _RESERVED.match(name):
        name = f"%{ord(name[0]):02X}{name[1:]}"
    encoded = name.encode()
    if len(encoded) <= LONGEST:
        return name
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    return f"{encoded[:LONGEST].decode(errors='ignore')}~{digest}"
