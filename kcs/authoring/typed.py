"""What somebody typed into an editor: read from the form that was sent, or kept from earlier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kcs.articles.models import Article, Significance, Version
from kcs.articles.structure import Template
from kcs.text import clean, clean_line
from workflow.article import Audience

PART = "part-"
# What a form holds beside the text; kept with unsaved text so that nothing is typed twice. `window` tells
# the windows apart in which one person has the same article open.
DETAILS = ("domain", "locale", "tags", "note", "significance", "window", "translation_of", "writing_request")


@dataclass(frozen=True)
class Typed:
    """An editor's entries: the title, the parts by field name, and what the text is written on top of.

    `base` is the number of the version the edit began from, 0 for a new article. `template` is a template's
    key, empty for the article's own. `details` holds the entries named in `DETAILS`.
    """

    title: str
    parts: Mapping[str, str]
    base: int = 0
    template: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """What the author says about the change."""
        return self.details.get("note", "")

    @property
    def significance(self) -> Significance | None:
        """How much the change matters to readers, None when the author does not say."""
        named = self.details.get("significance", "")
        return Significance(named) if named in list(Significance) else None

    @property
    def locale(self) -> str:
        """The language of the text."""
        return clean_line(self.details.get("locale", ""), limit=20) or "en"

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags, typed as words between commas."""
        words = (clean_line(word, limit=60) for word in self.details.get("tags", "").split(","))
        return tuple(dict.fromkeys(word for word in words if word))


@dataclass(frozen=True)
class Draft:
    """A text as it stands in an editor: of an article, or of one that is still to be (`article` None)."""

    article: Article | None
    title: str
    parts: Mapping[str, str]
    template: Template
    tags: tuple[str, ...] = ()
    # Addresses, domains and numbers of the organisation: no personal data.
    own_contacts: tuple[str, ...] = ()

    def part(self, name: str) -> str:
        """Return one field's text, empty when there is none."""
        return self.parts.get(name, "")

    def goes_outside(self, name: str) -> bool:
        """Return whether readers outside, partners at the least, get to read a field."""
        field = self.template.field(name)
        return field is not None and field.readable_at(Audience.PARTNER)

    def as_version(self) -> Version:
        """Return the text in the form every renderer takes; it is never added to the database."""
        return Version(title=self.title, parts=dict(self.parts), template=self.template.key)


def read_form(form: Mapping[str, str]) -> Typed:
    """Return what a form of an editor holds; the text as it was typed but for line ends and NUL."""
    parts = {
        name.removeprefix(PART): clean(text).replace("\r\n", "\n")
        for name, text in form.items()
        if name.startswith(PART)
    }
    details = {name: clean(form[name], limit=500) for name in DETAILS if form.get(name)}
    return Typed(
        title=clean_line(form.get("title", "")),
        parts=parts,
        base=_number(form.get("base", "")),
        template=clean_line(form.get("template", "")),
        details=details,
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
