"""The structured kinds of personal data, as a table of detectors; whose the value is does not matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kcs.privacy import contacts, networks, numbers, secrets
from kcs.privacy.finding import Finding, Kind, Severity

Places = Iterable[tuple[int, int]]


@dataclass(frozen=True)
class Detector:
    """How one kind of value is found in a text."""

    kind: Kind
    severity: Severity
    find: Callable[[str], Places]


DETECTORS = (
    Detector(Kind.EMAIL, Severity.HARD, contacts.emails),
    Detector(Kind.EMAIL, Severity.HARD, contacts.spelled_out_emails),
    Detector(Kind.EMAIL, Severity.SOFT, contacts.named_documentation_emails),
    Detector(Kind.PHONE, Severity.HARD, contacts.international_phones),
    Detector(Kind.PHONE, Severity.HARD, contacts.national_phones),
    Detector(Kind.CARD, Severity.HARD, numbers.cards),
    Detector(Kind.IBAN, Severity.HARD, numbers.ibans),
    Detector(Kind.NATIONAL_ID, Severity.HARD, numbers.national_ids),
    Detector(Kind.SECRET, Severity.HARD, secrets.tokens),
    Detector(Kind.SECRET, Severity.HARD, secrets.passwords),
    Detector(Kind.SECRET, Severity.HARD, secrets.random_strings),
    Detector(Kind.IP, Severity.SOFT, networks.addresses),
    Detector(Kind.ACCOUNT, Severity.SOFT, numbers.accounts),
)


# In what customers write no address is an example.
IN_CONVERSATIONS = (*DETECTORS, Detector(Kind.EMAIL, Severity.HARD, contacts.documentation_emails))


def find_structured(text: str, detectors: Iterable[Detector] = DETECTORS) -> list[Finding]:
    """Return every structured value in a text without encodings; findings may overlap."""
    return [
        Finding(start, end, detector.kind, detector.severity)
        for detector in detectors
        for start, end in detector.find(text)
    ]
