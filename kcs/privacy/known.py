"""Known values: what the desk tells of a ticket's requester, looked for however it is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from kcs.privacy.finding import Finding, Kind, Severity
from kcs.privacy.places import View, bare, folded
from kcs.privacy.words import COMMON_WORDS, PARTICLES, ROLES

SHORTEST_NAME = 2
SHORTEST_PART = 3  # a single part with fewer Latin letters is a word of some language: soft
SHORTEST_ADDRESS_LINE = 6
SHORTEST_UNSPACED_LINE = 4
SHORTEST_PHONE = 6
LONGEST_BEGINNING = 6  # letters by which a word is looked up

# How names are written where a keyboard has no such letters.
_SPELLED_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "ł": "l"}
)
# Hebrew and Arabic write "to", "of", "from", "and", "the" as one word with the name.
_ATTACHED = {"HEBREW": "[ובכלמשה]{0,2}", "ARABIC": "[وبلفك]{0,2}"}
# Beside a sign of a script without spaces a Latin name ends all the same.
LETTER = r"[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_BETWEEN_DIGITS = r"[\s().\-/_]{0,3}"

_PLAIN_NAME = re.compile(r"[^@\d]*[a-zA-Z]{2}[^@\d]*")
_EXTENSION = re.compile(r"ext|[x#;]", re.IGNORECASE)
_PARTS = re.compile(r"[a-z]{2,}|[0-9]{6,}")
_LINES = re.compile(r"[\n,;]")
_COMPOUND = re.compile(r"(?<=\s)(?:\w{1,5}\s){1,3}[^\W\d_][\w'’-]{2,}")
_HOUSE_NUMBER = re.compile(r"^\d+\w?\b[\s,]*|[\s,]*\b(?:no|nr|nº)?\.?\s*\d+\s?\w?$", re.IGNORECASE)


@dataclass(frozen=True)
class Known:
    """A value to look for. `needle` is what its letters and digits come to, for a quick look beforehand."""

    needle: str
    kind: Kind
    severity: Severity
    pattern: str
    flags: re.RegexFlag = re.IGNORECASE

    def compiled(self) -> re.Pattern[str]:
        """Return what matches it in a text without accents."""
        return re.compile(self.pattern, self.flags)


class Person(Protocol):
    """What the desk tells of somebody."""

    @property
    def name(self) -> str:
        """Their name, as they gave it."""

    @property
    def email(self) -> str | None:
        """Their address, None when unknown."""

    @property
    def phone(self) -> str | None:
        """Their number, None when unknown."""

    @property
    def address(self) -> str | None:
        """Where they live, in lines, None when unknown."""


class Searched:
    """Texts in which the values of any number of people are looked for.

    Nearly everybody is ruled out by looking their words up among the beginnings of what stands in the text;
    patterns are made only for the few that may be there. So thousands of people are no matter, and they
    need not be in memory at the same time.
    """

    def __init__(self, views: Sequence[View]) -> None:
        self.views = views
        self._folded = [folded(view.text) for view in views]
        # The bar keeps one reading's end apart from the next one's beginning.
        self._letters = "|".join(squeezed(view.text) for view in views)
        self._digits = "|".join(re.sub(r"\D", "", view.text) for view in views)
        self._beginnings: dict[tuple[bool, int], set[str]] = {}

    def find(self, people: Iterable[Person]) -> Iterator[tuple[View, Finding]]:
        """Give every known value of these people, with the reading its place refers to."""
        for person in filter(self._may_name, people):
            for value in filter(self._may_hold, known_values(person)):
                pattern = value.compiled()
                for view, text in zip(self.views, self._folded, strict=True):
                    for match in pattern.finditer(text):
                        yield view, Finding(match.start(), match.end(), value.kind, value.severity)

    def _may_hold(self, value: Known) -> bool:
        return self._has(value.needle, digits=value.kind is Kind.PHONE)

    def _may_name(self, person: Person) -> bool:
        """Return False when surely nothing of this person is there, without making their values."""
        told = f"{person.name} {person.email or ''} {person.phone or ''} {person.address or ''}"
        if (
            not told.isascii()
            or not _PLAIN_NAME.fullmatch(person.name)
            or _EXTENSION.search(person.phone or "")
        ):
            return True
        number = re.sub(r"\D", "", f"{person.phone or ''}")[-SHORTEST_PHONE:]
        local = re.sub(r"[\W_]+", "", (person.email or "").partition("@")[0].lower())
        return (
            (len(number) == SHORTEST_PHONE and self._has(number, digits=True))
            or (bool(local) and self._has(local, digits=False))
            or any(self._has(word, digits=False) for word in _PARTS.findall(person.name.lower()))
            or any(self._may_hold_line(line) for line in _LINES.split((person.address or "").lower()))
        )

    def _may_hold_line(self, line: str) -> bool:
        words = _PARTS.findall(line)
        return bool(words) and all(self._has(word, digits=False) for word in words)

    def _has(self, needle: str, *, digits: bool) -> bool:
        length = min(len(needle), LONGEST_BEGINNING)
        text = self._digits if digits else self._letters
        beginnings = self._beginnings.get((digits, length))
        if beginnings is None:
            beginnings = {text[start : start + length] for start in range(len(text) - length + 1)}
            self._beginnings[digits, length] = beginnings
        return needle[:length] in beginnings and needle in text


def known_values(person: Person) -> list[Known]:
    """Return what is known of a person: name and its parts, e-mail, phone, address."""
    return [
        *_of_name(bare(person.name)),
        *_of_address(bare(person.address or "")),
        *_of_email(person.email or ""),
        *_of_phone(person.phone or ""),
    ]


def squeezed(text: str) -> str:
    """Return letters and digits alone, without accents and case."""
    return re.sub(r"[\W_]+", "", folded(text).casefold())


def _of_name(name: str) -> Iterator[Known]:
    if "@" in name or not re.search(r"[^\W\d_]", name):
        # Desks name a person nobody introduced by their address or number.
        yield from _of_email(name)
        yield from _of_phone(name)
        name = name.partition("@")[0]
    parts, whole = _name_parts(name), _words(name)
    if len(whole) > 1 or (whole and not parts):
        in_roles = all(word in ROLES for word in whole)
        yield from _spellings(name, Severity.SOFT if in_roles else Severity.HARD)
    for part in parts:
        soft = _is_word(part.casefold()) or (part.isascii() and len(part) < SHORTEST_PART)
        yield from _as_word(part) if soft else _spellings(part, Severity.HARD)
    yield from _compounds(name)
    for part in _unspaced_parts(name):
        yield from _as_word(part)


def _compounds(name: str) -> Iterator[Known]:
    """Give family names with their particles, as in van der Horst, unless they read as words: de la Rosa."""
    for match in _COMPOUND.finditer(name):
        *particles, last = match[0].split()
        if {word.casefold() for word in particles} <= PARTICLES and not _is_word(last.casefold()):
            yield from _spellings(match[0], Severity.HARD)


def _is_word(part: str) -> bool:
    return part in COMMON_WORDS or part in ROLES


def _spellings(name: str, severity: Severity) -> Iterator[Known]:
    """Give a name as it is written, and with its umlauts spelled out."""
    genitive = "s?" if len(name) > SHORTEST_PART else ""
    for spelling in dict.fromkeys((name.lower(), name.lower().translate(_SPELLED_OUT))):
        words = _words(spelling)
        yield Known(squeezed(spelling), Kind.NAME, severity, _bounded(words, genitive))


def _as_word(part: str) -> Iterator[Known]:
    """Give a name that is a word as well: it counts only with a capital, where the script has them."""
    plain = folded(part)
    forms = dict.fromkeys((plain.capitalize(), plain.upper()))
    pattern = "|".join(_bounded([form]) for form in forms if re.fullmatch(r"[^\W_]+", form))
    if pattern:
        yield Known(squeezed(part), Kind.NAME, Severity.SOFT, pattern, re.RegexFlag(0))


def _name_parts(name: str) -> list[str]:
    """Return the words of a name, and the halves of a double name, particles left out."""
    words = [word.strip("'’`-") for word in re.split(r"[\s.,@_()\"“”/|]+", name)]
    halves = [half for word in words for half in word.split("-") if len(half) > SHORTEST_NAME]
    return [
        part
        for part in dict.fromkeys(words + halves)
        if len(part) >= SHORTEST_NAME
        and _words(part)
        and not re.search(r"\d", part)
        and part.casefold() not in PARTICLES
    ]


def _unspaced_parts(name: str) -> list[str]:
    """Return given name, and family name of two signs, where Han or Hangul writes both as one word."""
    if not re.fullmatch(r"[\u4e00-\u9fff\uac00-\ud7a3]{3,4}", name):
        return []
    return [name[1:]] if len(name) == 3 else [name[:2], name[2:]]


def _words(value: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[^\W_]+", folded(value))]


def _bounded(words: Sequence[str], genitive: str = "") -> str:
    """Match these as whole words, in any case and punctuation."""
    start = "" if _is_unspaced(words[0][0]) else rf"(?<!{LETTER}){_attached(words[0][0])}"
    end = "" if _is_unspaced(words[-1][-1]) else rf"{genitive}(?!{LETTER})"
    return start + r"[\W_]{0,4}".join(map(re.escape, words)) + end


def _attached(char: str) -> str:
    return _ATTACHED.get(unicodedata.name(char, "").partition(" ")[0], "")


def _is_unspaced(char: str) -> bool:
    """True for scripts in which a name's end is no word's end: Chinese, Japanese, Korean, Thai, Lao."""
    return unicodedata.east_asian_width(char) in "WF" or "\u0e00" <= char <= "\u0eff"


def _of_address(address: str) -> Iterator[Known]:
    """Give the lines of an address; one without a number may be a town or a country, so it is soft."""
    for line in (line.strip() for line in re.split(r"[\n,;、，]", address)):
        words = _words(line)
        unspaced = bool(words) and _is_unspaced(words[0][0])
        if words and len(line) >= (SHORTEST_UNSPACED_LINE if unspaced else SHORTEST_ADDRESS_LINE):
            severity = Severity.HARD if re.search(r"\d", line) else Severity.SOFT
            yield Known(squeezed(line), Kind.ADDRESS, severity, _bounded(words))
            street = _words(_HOUSE_NUMBER.sub("", line))
            if len(words) > len(street) > 1:
                yield Known(squeezed("".join(street)), Kind.ADDRESS, Severity.SOFT, _bounded(street))


def _of_email(address: str) -> Iterator[Known]:
    """Give the address, also with its signs written as words."""
    name, _, domain = folded(bare(address)).partition("@")
    if not name or not domain:
        return
    dot = r"(?:\s?\.\s?|\s?[(\[{]?\b(?:dot|punto|punkt|point|ponto|titik)\b[)\]}]?\s?)"
    labels = dot.join(re.escape(label) for label in domain.split("."))
    at = r"\s?(?:@|[(\[{]\s?(?:at|ät|@|arroba|a)\s?[)\]}]|\b(?:at|arroba|chez)\b)\s?"
    pattern = rf"(?<![^\W_]){re.escape(name)}{at}{labels}(?![^\W_])"
    yield Known(squeezed(name), Kind.EMAIL, Severity.HARD, pattern)


def _of_phone(phone: str) -> Iterator[Known]:
    """Give the digits however they are grouped, with and without the country code's leading part."""
    digits = re.sub(r"\D", "", _EXTENSION.split(bare(phone), maxsplit=1)[0])
    country = rf"(?:[+(]{{0,2}}\d{{1,4}}{_BETWEEN_DIGITS})?(?:\(?0\)?{_BETWEEN_DIGITS})?"
    national = digits[-9:] if len(digits) > 9 else digits
    for form in dict.fromkeys((digits, national, national[-7:])):
        if len(form) >= SHORTEST_PHONE:
            pattern = rf"(?<!\d){country}\(?{_BETWEEN_DIGITS.join(form)}(?!\d)"
            yield Known(form, Kind.PHONE, Severity.HARD, pattern)
