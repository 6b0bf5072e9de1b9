"""One spelling for what people write in several: case, width, diacritics and invisible marks folded away."""

from __future__ import annotations

import unicodedata

# Letters that carry their stroke within, so that no decomposition takes it off.
_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)
# Letters of their own in Cyrillic, though Unicode can take them apart.
_KEPT_WHOLE = frozenset("йўї")
_REMOVED_MARKS = (
    range(0x0300, 0x0370),  # Latin, Greek and Cyrillic diacritics
    range(0x0483, 0x048A),  # old Cyrillic titlos
    range(0x0591, 0x05BE),  # Hebrew cantillation and niqqud
    range(0x05BF, 0x05C0),
    range(0x05C1, 0x05C3),
    range(0x05C4, 0x05C6),
    range(0x05C7, 0x05C8),
    range(0x0610, 0x061B),  # Arabic honorifics
    range(0x0640, 0x0641),  # tatweel
    range(0x064B, 0x0660),  # harakat
    range(0x0670, 0x0671),
    range(0x06D6, 0x06DD),
    range(0x06DF, 0x06E9),
    range(0x06EA, 0x06EE),
    range(0x00AD, 0x00AE),  # soft hyphen
    range(0x200C, 0x2010),  # joiners and direction marks
    range(0x202A, 0x202F),
    range(0x2066, 0x206A),
    range(0xFE00, 0xFE10),  # variation selectors
)
# What case folding leaves of a capital Turkish i.
_DOT_ABOVE = "\u0307"
_NO_DIACRITICS_FROM = 0x2000


class _Letters(dict[int, str | None]):
    """What becomes of a code point, worked out at its first use; only those below U+2000 are remembered."""

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        if code >= _NO_DIACRITICS_FROM or letter in _KEPT_WHOLE:
            return letter
        base = unicodedata.normalize("NFD", letter)[0]
        folded = letter if _keeps_its_marks(base) else base.translate(_STROKES)
        self[code] = folded
        return folded


def _keeps_its_marks(base: str) -> bool:
    return 0x0700 <= ord(base) < 0x1D00


_LETTERS = _Letters({code: None for span in _REMOVED_MARKS for code in span})


def fold(text: str) -> str:
    """Return `text` in one spelling: NFKC, case folded, without diacritics that do not make the letter.

    Latin, Greek and Cyrillic lose accents (й, ў and ї are letters and stay), Hebrew its niqqud, Arabic its
    harakat; Indic and Thai vowel signs stay. Characters that cannot be seen go.
    """
    if text.isascii():
        return text.lower()
    return lower(text).translate(_LETTERS)


def lower(text: str) -> str:
    """Return `text` case folded and in NFKC, diacritics kept."""
    if text.isascii():
        return text.lower()
    cased = unicodedata.normalize("NFKC", text).casefold().replace(_DOT_ABOVE, "")
    return unicodedata.normalize("NFKC", cased)
