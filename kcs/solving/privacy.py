"""Keep a customer's personal data out of knowledge: find what is known of the requester, and mask it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers

from kcs.tickets.models import Requester

EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
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
    numbers = phonenumbers.PhoneNumberMatcher(text, None)
    return [Finding(match.start(), match.end(), "e-mail") for match in EMAIL.finditer(text)] + [
        Finding(match.start, match.end, "phone") for match in numbers
    ]


def find_known(text: str, requester: Requester | None) -> list[Finding]:
    """Return every known value of the requester: name and its parts, e-mail, phone, address."""
    if requester is None:
        return []
    return [
        Finding(match.start(), match.end(), kind)
        for pattern, kind in _known(requester)
        for match in pattern.finditer(text)
    ]


def mask(text: str, requester: Requester | None) -> str:
    """Return `text` with every finding replaced by its kind in brackets."""
    for finding in reversed(find(text, requester)):
        text = f"{text[: finding.start]}[{finding.kind}]{text[finding.end :]}"
    return text


def _known(requester: Requester) -> list[tuple[re.Pattern[str], str]]:
    patterns = [(_words(requester.name), "name")] if requester.name else []
    patterns += [(_words(part), "name") for part in _name_parts(requester.name)]
    if requester.email:
        patterns.append((_words(requester.email), "e-mail"))
    if requester.phone:
        patterns += [(pattern, "phone") for pattern in _phone(requester.phone)]
    for line in re.split(r"[\n,;]", requester.address or ""):
        if len(line.strip()) >= SHORTEST_ADDRESS_LINE:
            patterns.append((_words(line.strip()), "address"))
    return patterns


def _name_parts(name: str) -> list[str]:
    return [part for part in re.split(r"[\s.,@_]+", name) if len(part) >= SHORTEST_NAME and part.isalpha()]


def _words(value: str) -> re.Pattern[str]:
    """Match the value as whole words in any case, with any white space between them."""
    words = r"\s+".join(re.escape(word) for word in value.split())
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


def _phone(value: str) -> list[re.Pattern[str]]:
    """Match the digits however they are grouped, with and without the country code's leading part."""
    digits = re.sub(r"\D", "", value)
    between = r"[\s().\-/]{0,3}"
    national = digits[-9:] if len(digits) > 9 else digits
    return [
        re.compile(rf"(?<!\d)[+(]?\d{{0,4}}{between}\(?0?\)?{between}{between.join(form)}(?!\d)")
        for form in dict.fromkeys((digits, national))
        if len(form) >= 6
    ]


def _without_overlaps(found: list[Finding]) -> list[Finding]:
    """Keep the earliest and longest where findings overlap."""
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
    return kept
