"""Keep a customer's personal data out of knowledge: find what is known of the requester, and mask it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers

from kcs.tickets.models import Requester

EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
# North American numbers as written without a country code; all others need their `+` to be told apart.
NATIONAL = re.compile(r"(?<![\w.+-])\(?[2-9]\d{2}\)?[ .-]?[2-9]\d{2}[ .-]\d{4}(?![\w-])")
SHORTEST_NAME = 2
SHORTEST_ADDRESS_LINE = 6


@dataclass(frozen=True)
class Finding:
    """A personal value at a place in a text; `kind` is what stands in for it when masked."""

    start: int
    end: int
    kind: str


def find(text: str, requester: Requester | None) -> list[Finding]:
    """Return every e-mail address and phone number, and every known value of the requester, in order."""
    return _without_overlaps(find_contacts(text) + find_known(text, requester))


def find_contacts(text: str) -> list[Finding]:
    """Return every e-mail address and phone number, whosever it is."""
    # Numbers nobody has been given yet look like a customer's all the same.
    numbers = phonenumbers.PhoneNumberMatcher(text, None, leniency=phonenumbers.Leniency.POSSIBLE)
    return [
        *(Finding(match.start(), match.end(), "e-mail") for match in EMAIL.finditer(text)),
        *(Finding(match.start, match.end, "phone") for match in numbers),
        *(Finding(match.start(), match.end(), "phone") for match in NATIONAL.finditer(text)),
    ]


def find_known(text: str, requester: Requester | None) -> list[Finding]:
    """Return every known value of the requester: name and its parts, e-mail, phone, address."""
    if requester is None:
        return []
    plain = _without_accents(text)
    return [
        Finding(match.start(), match.end(), kind)
        for pattern, kind in _known(requester)
        for match in pattern.finditer(plain)
    ]


def mask(text: str, requester: Requester | None) -> str:
    """Return `text` with every finding replaced by its kind in brackets."""
    for finding in reversed(find(text, requester)):
        text = f"{text[: finding.start]}[{finding.kind}]{text[finding.end :]}"
    return text


def _known(requester: Requester) -> list[tuple[re.Pattern[str], str]]:
    values = [(name, "name") for name in (requester.name, *_name_parts(requester.name))]
    lines = (line.strip() for line in re.split(r"[\n,;]", requester.address or ""))
    values += [(line, "address") for line in lines if len(line) >= SHORTEST_ADDRESS_LINE]
    patterns = [(_words(value), kind) for value, kind in values if re.search(r"[^\W_]", value)]
    if requester.email:
        patterns.append((_email(requester.email), "e-mail"))
    if requester.phone:
        patterns += [(pattern, "phone") for pattern in _phone(requester.phone)]
    return patterns


def _name_parts(name: str) -> list[str]:
    """Return the words of a name, and the halves of a double name that are no mere particle."""
    words = [word for word in re.split(r"[\s.,@_()]+", name) if len(word) >= SHORTEST_NAME]
    halves = [
        half for word in words for half in re.split(r"[-\u2010-\u2015]", word) if len(half) > SHORTEST_NAME
    ]
    return [part for part in dict.fromkeys(words + halves) if not re.search(r"\d", part)]


def _words(value: str) -> re.Pattern[str]:
    """Match the value as whole words, in any case and punctuation, with or without its accents."""
    words = re.findall(r"[^\W_]+", _without_accents(value))
    start = "" if _is_unspaced(words[0][0]) else r"(?<![^\W_])"
    end = "" if _is_unspaced(words[-1][-1]) else r"(?![^\W_])"
    return re.compile(start + r"[\W_]{0,4}".join(words) + end, re.IGNORECASE)


def _email(value: str) -> re.Pattern[str]:
    """Match the address, also where its signs are written as words."""
    name, _, domain = _without_accents(value).partition("@")
    dot = r"(?:\.|\s?[(\[]?\bdot\b[)\]]?\s?)"
    labels = dot.join(re.escape(label) for label in domain.split("."))
    at = r"\s?(?:@|%40|[(\[{]\s?(?:at|@)\s?[)\]}]|\bat\b)\s?"
    return re.compile(rf"(?<![^\W_]){re.escape(name)}{at}{labels}(?![^\W_])", re.IGNORECASE)


def _without_accents(text: str) -> str:
    """Return the text with é as e, character for character, so that places stay the same."""
    return text if text.isascii() else "".join(map(_base, text))


def _base(char: str) -> str:
    split = unicodedata.normalize("NFD", char)
    return split[0] if all(unicodedata.combining(mark) for mark in split[1:]) else char


def _is_unspaced(char: str) -> bool:
    """True for scripts in which a name's end is no word's end: Chinese, Japanese, Korean, Thai, Lao."""
    return unicodedata.east_asian_width(char) in "WF" or "\u0e00" <= char <= "\u0eff"


def _phone(value: str) -> list[re.Pattern[str]]:
    """Match the digits however they are grouped, with and without the country code's leading part."""
    digits = re.sub(r"\D", "", value)
    between = r"[\s().\-\u2010-\u2015/_]{0,3}"
    national = digits[-9:] if len(digits) > 9 else digits
    country = rf"(?:[+(]{{0,2}}\d{{1,4}}{between})?(?:\(?0\)?{between})?"
    return [
        re.compile(rf"(?<!\d){country}\(?{between.join(form)}(?!\d)")
        for form in dict.fromkeys((digits, national, national[-7:]))
        if len(form) >= 6
    ]


def _without_overlaps(found: list[Finding]) -> list[Finding]:
    """Keep the earliest and longest where findings overlap."""
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
    return kept
