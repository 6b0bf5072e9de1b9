"""The privacy gate: no text with a customer's personal data goes outside, whichever way it takes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from kcs.articles.layout import readable_parts
from kcs.articles.models import Article
from kcs.errors import InvalidInput
from kcs.markup import to_text
from kcs.privacy.finding import Finding, Kind, PlacedFinding, Severity, merged
from kcs.privacy.known import Person, Searched, squeezed
from kcs.privacy.patterns import DETECTORS, IN_CONVERSATIONS, Detector, find_structured
from kcs.privacy.places import View, around_markers, bare, decoded, readings
from kcs.privacy.queries import people_of, waived_values
from kcs.privacy.waivers import digest
from kcs.sentences import Sentence, listed
from kcs.words import PERSONAL_DATA
from workflow.article import Audience

AROUND = 40  # characters of a snippet on either side of the value
MOST_NAMED = 20  # values a refusal names in its sentence
TITLE, TAGS = "title", "tags"


class PrivacyGate:
    """Refuses a text with personal data; `own_contacts` are the organisation's own, fit for the public."""

    def __init__(self, own_contacts: Collection[str]) -> None:
        self._own = own_contacts

    def check(self, article: Article) -> None:
        """Raise InvalidInput naming each value that may not go outside, by field."""
        version = article.current_version
        # Partners get every field that anybody outside gets, so a later, wider audience brings nothing new.
        parts = readable_parts(version, Audience.PARTNER)
        found = check_text(article, version.title, parts, article.tags, own_contacts=self._own)
        blocking = [each for each in found if each.blocks]
        if blocking:
            raise InvalidInput(
                "%(key)s holds personal data: %(found)s. Mask it, or let a soft one go out with a reason: "
                "both under ‘Personal data’ on the article's page. An administrator names contacts of "
                "your own organisation in KCS_PUBLIC_CONTACTS.",
                key=article.key,
                found=_named(blocking),
                errors=_by_field(blocking),
            )


def check_text(
    article: Article | None,
    title: str,
    parts: Mapping[str, str],
    tags: Collection[str] = (),
    *,
    own_contacts: Collection[str] = (),
) -> list[PlacedFinding]:
    """Return every personal value in a text, saved or not, in the order of its fields.

    `article` brings the customers of its tickets and its waivers; None for a text that has neither yet.
    `parts` are the fields to look at, as Markdown. `own_contacts` are addresses, domains and numbers of the
    organisation, which may be public.
    """
    fields = [
        _Field(TITLE, title, title),
        *(_Field(name, text, to_text(text)) for name, text in parts.items()),
        *(_Field(TAGS, tag, tag, is_tag=True) for tag in tags),
    ]
    own = OwnContacts(own_contacts)
    for each in fields:
        each.look_for_structured(own)
    if article is not None:
        _look_for_people(fields, people_of(article))
    waived = waived_values(article) if article is not None else set()
    return [_with_waiver(placed, article, waived) for each in fields for placed in each.placed()]


def find(text: str, requester: Person | None) -> list[Finding]:
    """Return every personal value of a conversation, in order, with its place."""
    field = _Field("text", text, "")
    field.look_for_structured(OwnContacts(()), IN_CONVERSATIONS)
    if requester is not None:
        _look_for_people([field], [requester])
    return field.located()


def mask(text: str, requester: Person | None) -> str:
    """Return `text` with every finding replaced by its kind in brackets."""
    return replaced(text, find(text, requester))


def replaced(text: str, findings: Iterable[Finding]) -> str:
    """Return `text` with these findings, which do not overlap, replaced by their kinds in brackets."""
    for finding in sorted(findings, key=lambda each: each.start, reverse=True):
        start, end = around_markers(text, finding.start, finding.end)
        text = f"{text[:start]}[{finding.kind}]{text[end:]}"
    return text


class OwnContacts:
    """The organisation's own addresses, domains and numbers."""

    def __init__(self, contacts: Collection[str]) -> None:
        self._own = {_plain(contact) for contact in contacts} - {""}

    def hold(self, kind: Kind, value: str) -> bool:
        """Return whether a value found is one of them."""
        if kind is Kind.EMAIL:
            address = bare(value).strip().lower()
            return address in self._own or address.partition("@")[2] in self._own
        return kind is Kind.PHONE and _digits(value) in self._own


@dataclass
class _Field:
    """One field as written and as readers get it, with what was found in each."""

    name: str
    raw: str
    rendered: str
    is_tag: bool = False

    def __post_init__(self) -> None:
        self.views = readings(self.raw)
        # What a page shows is no Markdown any more: its own view, with places of its own.
        shown = decoded(View.of(self.rendered))
        self.shown = shown if all(shown.text != view.text for view in self.views) else None
        self._in_raw: list[Finding] = []
        self._in_shown: list[Finding] = []

    def all_views(self) -> list[View]:
        return [*self.views, *([self.shown] if self.shown else [])]

    def look_for_structured(self, own: OwnContacts, detectors: Iterable[Detector] = DETECTORS) -> None:
        for view in self.all_views():
            for finding in find_structured(view.text, detectors):
                if not own.hold(finding.kind, view.text[finding.start : finding.end]):
                    self.add(view, finding)

    def add(self, view: View, finding: Finding) -> None:
        start, end = view.place(finding.start, finding.end)
        found = self._in_shown if view is self.shown else self._in_raw
        found.append(Finding(start, end, finding.kind, finding.severity))

    def located(self) -> list[Finding]:
        """Return what has a place in the Markdown, in order."""
        return merged(self._in_raw)

    def placed(self) -> Iterator[PlacedFinding]:
        located = self.located()
        for finding in located:
            place = (None, None) if self.is_tag else (finding.start, finding.end)
            yield self._told(self.raw, finding, *place)
        known = {squeezed(bare(self.raw[each.start : each.end])) for each in located}
        for finding in merged(self._in_shown):
            value = squeezed(bare(self.rendered[finding.start : finding.end]))
            if not any(value in each for each in known):
                known.add(value)
                yield self._told(self.rendered, finding, None, None)

    def _told(self, text: str, finding: Finding, start: int | None, end: int | None) -> PlacedFinding:
        before = text[max(0, finding.start - AROUND) : finding.start]
        after = text[finding.end : finding.end + AROUND]
        value = text[finding.start : finding.end]
        snippet = f"{before}{value}{after}"
        return PlacedFinding(
            self.name, start, end, finding.kind, finding.severity, value, snippet, waived=False
        )


def _look_for_people(fields: list[_Field], people: Iterable[Person]) -> None:
    """Look for everybody in all fields at once: people are read once, a batch at a time."""
    owners = {id(view): each for each in fields for view in each.all_views()}
    searched = Searched([view for each in fields for view in each.all_views()])
    for view, finding in searched.find(people):
        owners[id(view)].add(view, finding)


def _with_waiver(
    placed: PlacedFinding, article: Article | None, waived: set[tuple[str, str]]
) -> PlacedFinding:
    if article is None or placed.severity is Severity.HARD:
        return placed
    if (placed.kind.value, digest(article, placed.kind, placed.value)) not in waived:
        return placed
    return replace(placed, waived=True)


def _named(findings: Iterable[PlacedFinding]) -> Sentence:
    named = list(dict.fromkeys(_words(each) for each in findings))
    if len(named) > MOST_NAMED:
        named = [*named[:MOST_NAMED], Sentence("and %(number)s more", number=len(named) - MOST_NAMED)]
    return listed("; ", named)


def _words(finding: PlacedFinding) -> Sentence:
    return Sentence("%(kind)s '%(value)s'", kind=PERSONAL_DATA[finding.kind], value=bare(finding.value))


def _by_field(findings: Iterable[PlacedFinding]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for each in findings:
        words = _words(each)
        if words not in errors.setdefault(each.field, []):
            errors[each.field].append(words)
    return errors


def _plain(contact: str) -> str:
    """Compare addresses and domains without case, numbers without grouping."""
    contact = contact.strip().lower().removeprefix("@")
    return contact if re.search("[a-z]", contact) else _digits(contact)


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)
