"""What a look for personal data gives: a kind, how much it weighs, and a place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """A hard finding blocks publishing; a soft one blocks it until somebody waives it by name."""

    HARD = "hard"
    SOFT = "soft"


class Kind(StrEnum):
    """What a value is; in brackets it stands in for the value when that is masked."""

    NAME = "name"
    ADDRESS = "address"
    EMAIL = "e-mail"
    PHONE = "phone"
    CARD = "payment card"
    IBAN = "IBAN"
    NATIONAL_ID = "national id"
    SECRET = "secret"  # noqa: S105 -- the name of a kind
    IP = "IP address"
    ACCOUNT = "customer number"


@dataclass(frozen=True)
class Finding:
    """A personal value at a place in one text."""

    start: int
    end: int
    kind: Kind
    severity: Severity = Severity.HARD


@dataclass(frozen=True)
class PlacedFinding:
    """A personal value in one field of an article.

    `start` and `end` are places in the field's Markdown, where `value` stands just so. They are None for a
    value that shows only when the text is rendered, and for a tag. `snippet` holds `value` with the words
    around it. `waived`: somebody answers for it with their name, so it blocks nothing.
    """

    field: str
    start: int | None
    end: int | None
    kind: Kind
    severity: Severity
    value: str
    snippet: str
    waived: bool

    @property
    def blocks(self) -> bool:
        """True when the text may not go outside with this value."""
        return not self.waived


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings in order, those that overlap as one: it has the kind of its longest hard part."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda each: (each.start, -each.end)):
        if kept and finding.start < kept[-1].end:
            kept[-1] = _union(kept[-1], finding)
        else:
            kept.append(finding)
    return kept


def _union(first: Finding, second: Finding) -> Finding:
    leading = max(first, second, key=lambda each: (each.severity is Severity.HARD, each.end - each.start))
    return Finding(min(first.start, second.start), max(first.end, second.end), leading.kind, leading.severity)
