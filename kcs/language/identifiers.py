"""Exact names in a text: error codes, versions, paths, hosts, product and symbol names.

A word is compared by its stem; a name is compared as a whole. A text is cut into pieces, a cheap look leaves
out what is an ordinary word, and the first row of the table that knows a piece says which names it gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kcs.language.folding import fold
from kcs.language.scripts import HAN, HANGUL, KANA, UNSPACED

MARK = "="
LONGEST = 200

# Languages that put no space before a name break it off too.
_PIECE = re.compile(rf"[^\s,;()\[\]{{}}<>\"'`|=*“”„«»’‘，。、；：（）「」{HAN}{KANA}{HANGUL}{UNSPACED}]+")
_EDGES = ".:!?-–—…&#"
_COLON = re.compile(r":+")

_TOP_DOMAINS = (
    "com|org|net|edu|gov|int|info|biz|io|dev|app|cloud|ai|co|me|tv|eu|uk|us|ca|au|nz|de|at|ch|fr|be|nl|lu|es|pt|it|"
    "pl|cz|sk|hu|ro|bg|gr|se|no|dk|fi|ie|ru|ua|tr|il|in|id|my|sg|th|vn|ph|jp|kr|cn|tw|hk|br|mx|ar|cl|za|local|"
    "internal|localhost|lan|online|site|store|shop|tech|xyz"
)
_EXTENSIONS = (
    "exe|dll|sys|msi|bat|cmd|ps1|sh|py|js|jsx|ts|tsx|css|html?|php|aspx?|jsp|java|jar|war|class|cs|cpp|rb|go|rs|sql|"
    "db|sqlite|mdb|json|xml|ya?ml|toml|ini|cfg|conf|config|env|properties|plist|reg|log|txt|md|csv|tsv|xlsx?|docx?|"
    "pptx?|pdf|odt|ods|rtf|zip|gz|tgz|tar|rar|7z|iso|img|dmg|apk|ipa|deb|rpm|pkg|png|jpe?g|gif|svg|webp|heic|mp[34]|"
    "mov|avi|mkv|wav|pst|ost|eml|msg|ics|vcf|pem|crt|cer|key|pfx|p12|csr|lock|bak|tmp|so|dylib|service|ovpn|rdp"
)
_UNITS = (
    "st|nd|rd|th|am|pm|h|hr|hrs|hours?|m|min|mins|minutes?|s|sec|secs|seconds?|ms|d|days?|w|weeks?|y|years?|yrs?|"
    "k|kb|mb|gb|tb|pb|kib|mib|gib|kbps|mbps|gbps|kbit|mbit|gbit|bit|bits|hz|khz|mhz|ghz|px|pt|em|rem|cm|mm|km|kg|g|mg|"
    "ml|l|x|v|w|kw|kwh|mah|a|c|f|usd|eur|gbp|er|ers|e|ème|eme|º|ª|o|uhr|tage?|stunden?|jahre?|x\\d+|rb|jt|ribu|juta"
)

_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.(?:\d{2}|(?:19|20)\d{2})|(?:19|20)\d{2}\.\d{1,2}\.\d{1,2}")
_AMOUNT = re.compile(r"\d{1,3}(?:\.\d{3})+")
_UNIT = re.compile(rf"\d+(?:\.\d+)?(?:{_UNITS})|[x×]\d+")
_LONG_HEX = re.compile(r"(?=.*\d)[0-9a-f]{20,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _whole(piece: str) -> list[str]:
    return [piece]


def _nothing(_piece: str) -> list[str]:
    return []


def _version(piece: str) -> list[str]:
    return [] if _DATE.fullmatch(piece) or _AMOUNT.fullmatch(piece) else [piece.lstrip("v")]


def _mixed(piece: str) -> list[str]:
    return [] if _UNIT.fullmatch(piece) or _LONG_HEX.fullmatch(piece) else [piece]


def _path(piece: str) -> list[str]:
    """The path, and its file's name where it has one: folders differ from machine to machine."""
    whole = piece.rstrip("/\\")
    name = re.split(r"[/\\]", whole)[-1]
    return [whole, name] if name != whole and _FILE.fullmatch(name) else [whole]


def _host(piece: str) -> list[str]:
    host = piece.split("://", 1)[-1].split("/", 1)[0].split("?", 1)[0].rsplit("@", 1)[-1]
    return [host.split(":", 1)[0].removeprefix("www.")]


def _symbol(piece: str) -> list[str]:
    return [piece, piece.rsplit(".", 1)[-1]]


_FILE = re.compile(rf"[\w.+@-]{{1,80}}\.(?:{_EXTENSIONS})")

# The first row that matches the whole piece decides. Rows see the piece in lower case, unless said otherwise.
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[str], list[str]]], ...] = (
    (re.compile(r"[a-z][a-z0-9+.-]{1,9}://\S+|www\.\S+"), _host),
    (re.compile(r"(?:mailto:)?[^@\s]+@[^@\s]+"), _nothing),
    (re.compile(r"[a-z]:[\\/][^:]*|\\\\[\w.$-]+\\[^:]*"), _path),
    (re.compile(r"(?:~|\.{1,2}|%\w+%)?[\\/][\w.@+-]{2,}(?:[\\/][\w.@+-]+)*[\\/]?"), _path),
    (re.compile(r"0x[0-9a-f]{2,16}"), _whole),
    (
        re.compile(r"v?\d{1,4}(?:\.\d{1,8}){1,5}(?:[-.+]?(?:alpha|beta|rc|dev|lts|sp|p|b)\.?\d{0,4})?"),
        _version,
    ),
    (re.compile(r"v\d{1,4}"), _version),
    (re.compile(r"_*[a-z0-9]+(?:_+[a-z0-9]+)+_*"), _whole),
    (_FILE, _whole),
    (re.compile(rf"(?:[a-z0-9](?:[a-z0-9-]{{0,62}})\.)+(?:{_TOP_DOMAINS})"), _host),
    (re.compile(r"(?=.*[a-z])(?=.*\d)[a-z0-9]{2,24}"), _mixed),
    (re.compile(r"(?!mid|pre|post|late|early|since|until)[a-z]{2,6}-\d{3,8}"), _whole),
)
_HUMPS = r"(?:[A-Z]{0,4}[a-z0-9]{1,30}(?:[A-Z][A-Za-z0-9]{0,30}){1,8}|[A-Z]{2,4}[a-z]{3,30})"
# What only its capitals tell from a word or two.
_CASED: tuple[tuple[re.Pattern[str], Callable[[str], list[str]]], ...] = (
    (re.compile(rf"(?:[A-Za-z]\w{{0,40}}\.){{1,8}}(?:{_HUMPS})"), _symbol),
    (re.compile(_HUMPS), _whole),
    (re.compile(r"(?=.*\d)[A-Z][A-Z0-9]{0,23}(?:[-/][A-Z0-9]{1,16}){1,4}"), _whole),
)


# Every exact name has a digit, a sign within, or a capital after a letter; most passages have none of these,
# and looking for single characters is what Python does quickest.
_SIGNS = tuple("0123456789_/\\")
# A capital is looked for first, and then what stands before it: there are few.
_WITHIN = (re.compile(r"\.\w"), re.compile(r":\w"), re.compile(r"[A-Z](?<=[A-Za-z][A-Z])"))


def identifiers(text: str) -> list[str]:
    """Return the exact names in a text, folded, each once, in order and with "=" in front.

    Error codes, versions (without their v), file paths (and the file's name), hosts, names of letters and
    digits, camelCase and snake_case. Not e-mail addresses, amounts, dates, measures or bare numbers.
    """
    found: dict[str, None] = {}
    if not _may_hold_names(text):
        return []
    for piece in _PIECE.findall(text):
        if _ordinary(piece) or len(piece) > LONGEST:
            continue
        for name in _names(piece.strip(_EDGES)):
            found[MARK + fold(name)] = None
    return list(found)


def _may_hold_names(text: str) -> bool:
    digits = not text.isascii() and any(char.isdecimal() for char in text)
    return digits or any(sign in text for sign in _SIGNS) or any(each.search(text) for each in _WITHIN)


def _ordinary(piece: str) -> bool:
    """A word in lower case, with a capital in front or in capitals throughout; a number."""
    if piece.isalpha():
        return piece[1:].islower() or piece.isupper() or len(piece) == 1
    return piece.isdecimal()


def _names(piece: str) -> list[str]:
    known = _known(piece)
    if known is not None:
        return known
    parts = _COLON.split(piece) if ":" in piece else []
    return [name for part in parts for name in _known(part.strip(_EDGES)) or ()]


def _known(piece: str) -> list[str] | None:
    lowered = piece.lower()
    for pattern, names in _PATTERNS:
        if pattern.fullmatch(lowered):
            return names(lowered)
    for pattern, names in _CASED:
        if pattern.fullmatch(piece):
            return names(piece)
    return None
