"""The emulated Help Center's control panel: what its editors, readers and administrators do there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from integrations.zendesk.emulator.guide_records import (
    Article,
    Attachment,
    Category,
    PermissionGroup,
    Refused,
    Section,
    Translation,
    UserSegment,
)
from integrations.zendesk.emulator.guide_store import LOCALES, GuideStore

__all__ = ["Article", "Attachment", "Guide", "Refused", "Section", "Translation"]

EDITOR = 1
BRAND = "360000000001"

# An event: its type, subject, detail, what happened, and when.
Publish = Callable[[str, str, Mapping[str, object], Mapping[str, object], datetime], None]


def _to_nobody(
    _kind: str, _subject: str, _detail: Mapping[str, object], _event: Mapping[str, object], _at: datetime
) -> None:
    """Announce to nobody."""


def _now() -> datetime:
    return datetime.now(UTC)


class Guide(GuideStore):
    """The store with what people do to it in the browser.

    An article may be given itself or by its id, as a number or in digits. `at` is now unless given.
    """

    def __init__(
        self,
        search_lag: float = 0.0,
        locales: Sequence[str] = LOCALES,
        clock: Callable[[], datetime] = _now,
        publish: Publish = _to_nobody,
    ) -> None:
        super().__init__(search_lag, locales)
        self.clock = clock
        self._publish = publish

    def add_category(self, name: str) -> Category:
        """Add a shelf for sections."""
        category = Category(self.next_id(), name, self.locales[0])
        self.categories[category.id] = category
        return category

    def add_section(
        self, name: str, category: Category | None = None, parent: Section | None = None
    ) -> Section:
        """Add a place for articles, below another section or in a category; without both in the first one."""
        if parent is not None:
            category_id = parent.category_id
        else:
            shelf = category or next(iter(self.categories.values()), None) or self.add_category("General")
            category_id = shelf.id
        above = None if parent is None else parent.id
        section = Section(self.next_id(), name, category_id, above, self.locales[0])
        self.sections[section.id] = section
        return section

    def remove_section(self, section: Section) -> None:
        """Delete a section for good, and archive what was in it."""
        for article in self.newest(section.id):
            self.archive(article)
        del self.sections[section.id]

    def add_permission_group(self, name: str) -> PermissionGroup:
        """Add a group of people who may edit and publish."""
        group = PermissionGroup(self.next_id(), name, (), ())
        self.permission_groups[group.id] = group
        return group

    def add_user_segment(self, name: str, user_type: str = "signed_in_users") -> UserSegment:
        """Add a group of readers: "signed_in_users" or "staff"."""
        segment = UserSegment(self.next_id(), name, user_type)
        self.user_segments[segment.id] = segment
        return segment

    def add_article(
        self,
        section: Section,
        title: str,
        body: str,
        *,
        locale: str | None = None,
        draft: bool = False,
        labels: Sequence[str] = (),
        author_id: int = EDITOR,
        user_segment_id: int | None = None,
        at: datetime | None = None,
    ) -> Article:
        """Write an article there."""
        content = {
            "title": title,
            "body": body,
            "locale": locale or self.locales[0],
            "draft": draft,
            "label_names": list(labels),
            "permission_group_id": 77,
            "user_segment_id": user_segment_id,
        }
        return self.create(section, author_id, content, False, at or self.clock())

    def edit_text(
        self,
        article: Article | int | str,
        locale: str,
        *,
        title: str | None = None,
        body: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Change title or body there; a live text stays live."""
        content = {name: text for name, text in (("title", title), ("body", body)) if text is not None}
        self.change_text(self._one(article), locale, content, EDITOR, at or self.clock())

    def translate(
        self,
        article: Article | int | str,
        locale: str,
        title: str,
        body: str,
        *,
        draft: bool = False,
        at: datetime | None = None,
    ) -> Translation:
        """Add a language there."""
        content = {"locale": locale, "title": title, "body": body, "draft": draft}
        return self.add_text(self._one(article), content, EDITOR, at or self.clock())

    def unpublish(self, article: Article | int | str, locale: str, at: datetime | None = None) -> None:
        """Take one language away from readers."""
        self.change_text(self._one(article), locale, {"draft": True}, EDITOR, at or self.clock())

    def publish(self, article: Article | int | str, locale: str, at: datetime | None = None) -> None:
        """Show one language to readers."""
        self.change_text(self._one(article), locale, {"draft": False}, EDITOR, at or self.clock())

    def archive(self, article: Article | int | str, at: datetime | None = None) -> None:
        """Put an article away."""
        self.put_away(self._one(article), at or self.clock())

    def restore(self, article: Article | int | str, at: datetime | None = None) -> None:
        """Bring an archived article back."""
        found = self._one(article)
        with self.lock:
            found.archived = False
            found.updated_at = at or self.clock()

    def delete(self, article: Article | int | str) -> None:
        """Delete an article for good."""
        del self.articles[self._one(article).id]

    def move(self, article: Article | int | str, section: Section, at: datetime | None = None) -> None:
        """File an article elsewhere."""
        self.change_metadata(self._one(article), {"section_id": section.id}, at or self.clock())

    def label(self, article: Article | int | str, *names: str, at: datetime | None = None) -> None:
        """Add labels."""
        found = self._one(article)
        labels = [*found.label_names, *(n for n in names if n not in found.label_names)]
        self.change_metadata(found, {"label_names": labels}, at or self.clock())

    def vote(self, article: Article | int | str, value: int = 1, count: int = 1) -> None:
        """Let readers vote, 1 for helpful and -1 for not."""
        self._one(article).votes.extend([value] * count)

    def announce(self, kind: str, article: Article, at: datetime) -> None:
        """Send an event to the webhooks subscribed to it; all ids are strings [Article events]."""
        section = self.sections.get(article.section_id)
        detail = {"id": str(article.id), "brand_id": BRAND, "user_id": str(article.author_id)}
        event = {
            "author_id": str(article.author_id),
            "category_id": str(section.category_id) if section else "",
            "section_id": str(article.section_id),
            "locale": article.source_locale,
            "title": article.translations[article.source_locale].title,
        }
        self._publish(kind, f"zen:article:{article.id}", detail, event, at)

    def _one(self, article: Article | int | str) -> Article:
        return article if isinstance(article, Article) else self.articles[int(article)]
