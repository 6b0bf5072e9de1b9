"""An article as it stands in a file: what every format writes, and every format is read into."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kcs.articles.models import Significance
from workflow.article import Audience, Confidence
from workflow.permissions import Governance


@dataclass(frozen=True)
class VersionRecord:
    """One text of an article's history. `author` is an e-mail address, `base` the number it began from."""

    number: int
    title: str
    fields: dict[str, str]
    template: str | None = None
    author: str | None = None
    note: str = ""
    significance: Significance | None = None
    created_at: datetime | None = None
    base: int | None = None


@dataclass(frozen=True)
class ArticleRecord:
    """An article with its present text; people are e-mail addresses, other articles and domains keys.

    `current` and `live` are numbers of versions: which of `versions` colleagues see, and which one readers
    outside. A file without history may still say that its text is not the live one: then `live` is another
    number than `current`. `reuse` counts the tickets it solved. None, and empty, is what a file left out.
    """

    title: str
    fields: dict[str, str]
    key: str | None = None
    template: str | None = None
    domain: str | None = None
    audience: Audience = Audience.INTERNAL
    confidence: Confidence | None = None
    governance: Governance | None = None
    locale: str = "en"
    tags: list[str] = field(default_factory=list)
    author: str | None = None
    owner: str | None = None
    created_at: datetime | None = None
    changed_at: datetime | None = None
    published_at: datetime | None = None
    last_checked_at: datetime | None = None
    last_checked_by: str | None = None
    last_used_at: datetime | None = None
    reuse: int = 0
    merged_into: str | None = None
    current: int | None = None
    live: int | None = None
    versions: list[VersionRecord] = field(default_factory=list)

    @property
    def holds_live_text(self) -> bool:
        """False when readers outside see a text that is not in this record."""
        numbers = {version.number for version in self.versions}
        return self.live is None or (self.live in numbers if numbers else self.live == self.current)
