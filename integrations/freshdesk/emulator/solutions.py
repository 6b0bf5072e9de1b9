"""The emulated account's knowledge base: categories, folders and articles, and what people do with them."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from integrations.emulation.hypertext import rewritten
from integrations.freshdesk.emulator.solutions_records import (
    AGENTS,
    COMPANIES,
    COMPANY_SEGMENTS,
    CONTACT_SEGMENTS,
    DRAFT,
    EVERYBODY,
    LOGGED_IN,
    PUBLISHED,
    Article,
    Category,
    Folder,
    Text,
)

# Who is shown a folder's articles on the portal. Bots' folders are taken to be shown to whoever asks the bot.
VISITOR, CUSTOMER, AGENT = "visitor", "customer", "agent"
SHOWN_TO = {
    VISITOR: {EVERYBODY},
    CUSTOMER: {EVERYBODY, LOGGED_IN, COMPANIES, CONTACT_SEGMENTS, COMPANY_SEGMENTS},
    AGENT: {EVERYBODY, LOGGED_IN, AGENTS, COMPANIES, CONTACT_SEGMENTS, COMPANY_SEGMENTS},
}


class Solutions:
    """What is there; `Emulator.solutions` of an account, `g.emulator.solutions` in its routes.

    `languages` are those the account has, its primary one first; with one alone it has no multilingual
    feature. `search_lag` is how far search runs behind, in seconds. `sent` keeps every write as it came:
    method, path and body.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.languages: tuple[str, ...] = ("en", "es")
        self.search_lag = 0.0
        self.lists_texts = True
        self.categories: dict[int, Category] = {}
        self.folders: dict[int, Folder] = {}
        self.articles: dict[int, Article] = {}
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.lock = threading.RLock()
        self._ids = itertools.count(4_300_001)

    @property
    def primary(self) -> str:
        """The language every article begins in."""
        return self.languages[0]

    def add_category(self, name: str) -> Category:
        """Add a shelf for folders."""
        made = Category(next(self._ids), name, self.clock())
        self.categories[made.id] = made
        return made

    def add_folder(
        self,
        name: str,
        category: Category | None = None,
        *,
        parent: Folder | None = None,
        visibility: int = EVERYBODY,
    ) -> Folder:
        """Add a place for articles, in another folder or in a category; without both in the first one."""
        if parent is not None:
            category_id = parent.category_id
        else:
            category_id = (
                category or next(iter(self.categories.values()), None) or self.add_category("General")
            ).id
        now = self.clock()
        above = parent.id if parent else None
        made = Folder(next(self._ids), name, category_id, above, visibility, now, now)
        self.folders[made.id] = made
        return made

    def show_folder_to(self, folder: Folder, visibility: int) -> None:
        """An administrator changes who may read what is in a folder."""
        folder.visibility, folder.updated_at = visibility, self.clock()

    def add_article(
        self,
        folder: Folder,
        title: str,
        description: str,
        *,
        status: int = PUBLISHED,
        tags: Sequence[str] = (),
        agent_id: int = 1,
        thumbs: tuple[int, int] = (0, 0),
    ) -> Article:
        """Write an article, in the primary language."""
        with self.lock:
            now = self.clock()
            text = Text(title, rewritten(description), status, now)
            made = Article(next(self._ids), folder.id, agent_id, now, {self.primary: text}, list(tags))
            made.thumbs_up, made.thumbs_down = thumbs
            self.articles[made.id] = made
            return made

    def write_text(self, article: Article, language: str, content: Mapping[str, Any]) -> None:
        """Add or change a language. Readers go on seeing a published text when a draft comes with a text.

        What `status` 1 with other fields does to a published text is unsure: here the new text waits beside.
        """
        with self.lock:
            now, present = self.clock(), article.texts.get(language)
            if present is None:
                present = article.texts[language] = Text("", "", DRAFT, now)
            title = content.get("title", present.title)
            description = rewritten(content["description"]) if "description" in content else None
            kept = description if description is not None else present.description
            words = "title" in content or "description" in content
            if present.status == PUBLISHED and content.get("status") == DRAFT and words:
                present.beside = (title, kept)
                return
            present.title, present.description = title, kept
            present.status = content.get("status", present.status)
            present.updated_at = now

    def change(self, article: Article, content: Mapping[str, Any]) -> None:
        """Change what all languages share."""
        for name in ("tags", "seo_data", "agent_id"):
            if name in content:
                setattr(article, name, content[name])
                article.tagged_at = self.clock()

    def edit(self, article_id: int | str, language: str, title: str, description: str) -> None:
        """An editor changes a text in the browser; a published one stays published."""
        content = {"title": title, "description": description}
        self.write_text(self.articles[int(article_id)], language, content)

    def unpublish(self, article_id: int | str, language: str | None = None) -> None:
        """An editor takes a text away from readers."""
        self.write_text(self.articles[int(article_id)], language or self.primary, {"status": DRAFT})

    def move(self, article_id: int | str, folder: Folder) -> None:
        """An editor drags an article to another folder; the API cannot."""
        self.articles[int(article_id)].folder_id = folder.id

    def delete(self, article_id: int | str) -> None:
        """Somebody deletes an article for good."""
        self.articles.pop(int(article_id))

    def shown(
        self, article_id: int | str, language: str | None = None, viewer: str = VISITOR
    ) -> tuple[str, str] | None:
        """Return title and text as the portal shows them to a visitor, customer or agent, None for none."""
        article = self.articles.get(int(article_id))
        text = article.texts.get(language or self.primary) if article else None
        if article is None or text is None or text.status != PUBLISHED:
            return None
        folder = self.folders.get(article.folder_id)
        if folder is None or folder.visibility not in SHOWN_TO[viewer]:
            return None
        return text.title, text.description

    def found(self, term: str) -> list[Article]:
        """Return what search finds in any language: nothing that changed within the lag."""
        until, wanted = self.clock() - timedelta(seconds=self.search_lag), term.casefold()
        return [
            article
            for article in list(self.articles.values())
            if article.created_at <= until
            and any(
                wanted in f"{each.title} {each.description}".casefold() for each in article.texts.values()
            )
            | (wanted in {tag.casefold() for tag in article.tags})
        ]

    def hierarchy_of(self, folder_id: int, *, whole: bool) -> list[dict[str, object]]:
        """Return category and folders above, from the top; the folder itself too where it is `whole`."""
        names: list[tuple[str, Category | Folder]] = []
        folder = self.folders.get(folder_id)
        category = self.categories.get(folder.category_id) if folder else None
        if not whole and folder is not None:
            folder = self.folders.get(folder.parent_id or 0)
        while folder is not None:
            names.append(("folder", folder))
            folder = self.folders.get(folder.parent_id or 0)
        if category is not None:
            names.append(("category", category))
        return [
            {
                "level": level,
                "type": kind,
                "data": {"id": shelf.id, "name": shelf.name, "language": self.primary},
            }
            for level, (kind, shelf) in enumerate(reversed(names))
        ]
