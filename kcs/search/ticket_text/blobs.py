"""Long strings nobody reads: encoded data goes, addresses keep their host and telling words."""

from __future__ import annotations

import re

LONG_ADDRESS = 60
LONG_STRING = 60

# Written in ASCII, so that a sentence in a writing without spaces does not count as one.
_ADDRESS = re.compile(rf"(?:https?|ftp)://([!-;=?-~]{{{LONG_ADDRESS},}})", re.IGNORECASE)
_LONG = re.compile(rf"[!-~]{{{LONG_STRING},}}")
_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]+|data:[\w/+.-]{1,60};base64,.*")
_HEX_DUMP = re.compile(r"(?:\b[0-9a-fA-F]{2}\b[ :]?){24,}")
_PARTS = re.compile(r"[/\-_.%+~,;!]+")
_CODE = re.compile(r"[A-Z]{2,12}[-_]?\d{2,10}|0x[0-9a-fA-F]{4,16}")
_TELLING_KEYS = re.compile(
    r"[&;](?:error|err|code|status|reason|message|msg|q)[a-z_]{0,20}=([^&;#]{1,80})", re.I
)
_MOST_WORDS = 8
_HARMLESS = frozenset({"http", "https", "html", "htm", "php", "aspx", "index", "www", "com"})


def shortened(text: str) -> str:
    """Return the text without encoded data, long addresses as their host and the words that tell."""
    text = _ADDRESS.sub(lambda found: _host_and_words(found.group(1)), text)
    text = _LONG.sub(lambda found: "" if _is_encoded(found.group()) else found.group(), text)
    return _HEX_DUMP.sub("", text)


def _is_encoded(string: str) -> bool:
    """A long name in parts (a symbol, a path) has a separator every few letters; encoded data has none."""
    if not _ENCODED.fullmatch(string.strip("\"'.,;:()<>[]")):
        return False
    parts = re.split(r"[_/-]", string[:500])
    return len(parts) <= 2 or not all(len(part) <= 24 and part.isalpha() for part in parts if part)


def _host_and_words(rest: str) -> str:
    place, _, query = rest.partition("?")
    host, _, path = place.partition("/")
    words = [part for part in _PARTS.split(path[:2_000]) if _tells(part)][:_MOST_WORDS]
    told = _TELLING_KEYS.findall("&" + query[:4_000])
    return " ".join([host.rsplit("@", 1)[-1], *dict.fromkeys(words + told)])


def _tells(part: str) -> bool:
    if _CODE.fullmatch(part):
        return True
    plain = part.isalpha() and 3 <= len(part) <= 24 and (part.islower() or part.istitle())
    return plain and part.lower() not in _HARMLESS
