"""Shows articles to readers of Freshdesk's solutions.

Who may read an article is decided by its folder, so the folder is read anew before each text is sent. The API
cannot move an article: for another folder it is made anew there, and the one before is turned into a draft
that names it in a tag. Our marker is a tag. Nothing is deleted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.help_centre_articles import (
    ARCHIVED,
    ARRIVING,
    Articles,
    Row,
    moved_to,
    tags_with,
    without_ours,
)
from integrations.freshdesk.help_centre_finding import marked, searched
from integrations.freshdesk.help_centre_folders import (
    fits,
    folder_for,
    folder_now,
    languages_of,
    path_of,
    places_of,
)
from integrations.freshdesk.help_centre_listing import Listing
from integrations.freshdesk.help_centre_schemas import PUBLISHED
from integrations.reading import number_in
from kcs.errors import ConfigError, RemoteError, ShownToMore
from kcs.ports import STAYS, Audience, Document, ListingPage, Places, RemoteArticle, RemoteText
from kcs.sentences import Sentence

MOST_MOVES = 5
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.ASCII | re.IGNORECASE)


class FreshdeskHelpCentre:
    """Implements `kcs.ports.HelpCentre` for one account and folder.

    Settings: `folder_id` (where articles go, and by its visibility who reads them). Without it, and where an
    article `stays`, an existing one keeps its folder. Raises ConfigError for one that is not a number.
    """

    def __init__(self, client: FreshdeskClient, settings: Mapping[str, str]) -> None:
        self._client = client
        self._folder = _number(settings.get("folder_id", ""))
        self._stays = bool(settings.get(STAYS))
        self._listing = Listing(client, self._address)

    def find(self, marker: str) -> RemoteArticle | None:
        """Return the article tagged with our marker, the oldest if there are several, or None.

        The folder of the settings is listed, drafts too, as an article just made is in no search yet; what
        search finds in other folders is looked at after. Raises RemoteError, permanent where the folder is
        too large to be looked through.
        """
        found = marked(self._client, marker, self._needed_folder()) or searched(self._client, marker)
        return self._remote(found, self._articles.primary, found["status"] != PUBLISHED) if found else None

    def create_draft(self, document: Document) -> RemoteArticle:
        """Create the article unpublished, tagged with the marker. Raises RemoteError, ShownToMore."""
        folder_id, language = self._needed_folder(), self._language(document.locale)
        if language != self._articles.primary:
            raise RemoteError(
                Sentence(
                    "In this Freshdesk account an article begins in '%(primary)s': publish its text in that "
                    "language too, and '%(locale)s' becomes a translation of it.",
                    primary=self._articles.primary,
                    locale=document.locale,
                ),
                permanent=True,
            )
        folder_for(self._client, folder_id, document.audience)
        made = self._articles.create(folder_id, _text(document), tags_with((), document))
        return self._remote(made, language, draft=True, text=self._articles.text(self._whole(made), language))

    def publish(self, remote_id: str, document: Document) -> RemoteArticle:
        """Write the text, make it live, and have it in the folder of the settings.

        The answer has another id where the article was made anew for that. Raises RemoteError, `missing` when
        the article was archived or deleted, ShownToMore before anything is sent.
        """
        articles, language = self._articles, self._language(document.locale)
        before, there = self._both(remote_id)
        folder_id = there["folder_id"] if self._stays or not self._folder else self._folder
        folder_for(self._client, folder_id, document.audience)
        if there["folder_id"] != folder_id:
            before, there = there, self._anew(there, folder_id, document)
        if before is not None:
            self._begin_move(before, there, document, language)
        text = articles.show(there, language, _text(document), tags_with(there["tags"], document))
        self._look_again(there, folder_id, document.audience, language)
        if before is not None:
            articles.hide_all(before)
        return self._remote(there, language, draft=False, text=text)

    def withdraw(self, remote_id: str, locale: str) -> None:
        """Turn the text back into a draft; one already gone is no error. Raises RemoteError."""
        language = self._language(locale)
        for article in self._present(remote_id):
            self._articles.hide(article, language)

    def read(self, remote_id: str, locale: str) -> RemoteText | None:
        """Return the text as it is there now, a draft too; None when there is none. Raises RemoteError.

        While we make an article anew elsewhere, its text still counts as shown: that is nobody's act.
        """
        language = self._language(locale)
        try:
            before, there = self._both(remote_id)
        except RemoteError as exc:
            if not exc.missing:
                raise
            return None
        if before is None or ARRIVING not in there["tags"]:
            return self._articles.text(there, language)
        text = self._articles.text(before, language)
        return text and RemoteText(text.locale, text.title, text.html, False, text.updated_at)

    def archive(self, remote_id: str) -> None:
        """Turn every language into a draft and tag the article so; nothing is deleted. Raises RemoteError."""
        present = self._present(remote_id)
        for article in present:
            self._articles.hide_all(article)
        for there in present[-1:]:
            self._articles.tag(there, [*there["tags"], ARCHIVED])

    def keep_image(
        self, marker: str, content: bytes, media_type: str, *, remote_id: str | None = None
    ) -> str:
        """Keep nothing: the API has no pictures to upload, so they are shown from where we keep them."""
        del marker, content, media_type, remote_id
        return ""

    def read_image(self, address: str) -> bytes | None:
        """Return None: what the editor there uploads is kept on other hosts than the API's."""
        del address
        return None

    def refuse_wider(self, audience: Audience) -> None:
        """Raise ShownToMore where the folder is for more than an audience. Raises RemoteError."""
        folder_for(self._client, self._needed_folder(), audience)

    def places(self) -> Places:
        """Return folders by their whole path with who sees them, and languages. Raises RemoteError."""
        return places_of(self._client)

    def changed_articles(self, since: datetime | None, cursor: str | None = None) -> ListingPage:
        """Return the account's articles, drafts too, but those we laid aside. Raises RemoteError."""
        return self._listing.page(since, cursor)

    def check(self) -> str:
        """Prove that the folder is there, and name it with who it is shown to. Raises RemoteError."""
        self._client.whoami()
        languages_of(self._client)
        return path_of(folder_now(self._client, self._needed_folder()))

    @cached_property
    def _articles(self) -> Articles:
        return Articles(self._client, languages_of(self._client))

    # ---- where an article is -------------------------------------------------------------------------------

    def _both(self, remote_id: str) -> tuple[Row | None, Row]:
        """Return the article, and the one before it where it was made anew. Raises RemoteError, `missing`."""
        before, there = None, self._articles.get(remote_id)
        for _ in range(MOST_MOVES):
            number = moved_to(there)
            if number is None:
                break
            before, there = there, self._articles.get(number)
        if ARCHIVED in there["tags"]:
            said = Sentence("Article %(number)s was archived in Freshdesk.", number=there["id"])
            raise RemoteError(said, permanent=True, missing=True)
        return before, there

    def _present(self, remote_id: str) -> list[Row]:
        """Return the article, after the one before it; nothing where it is gone. Raises RemoteError."""
        try:
            return [article for article in self._both(remote_id) if article is not None]
        except RemoteError as exc:
            if not exc.missing:
                raise
            return []

    def _anew(self, before: Row, folder_id: str, document: Document) -> Row:
        """Return the article of another folder: the one an earlier attempt left there, or a new draft."""
        found = marked(self._client, document.marker, folder_id)
        if found is not None:
            return found
        tags = [*tags_with(without_ours(before["tags"]), document), ARRIVING]
        text = {"title": before["title"], "description": before["description"] or "<p></p>"}
        return self._articles.create(folder_id, text, tags)

    def _begin_move(self, before: Row, there: Row, document: Document, language: str) -> None:
        """Have the new one stand for the old: readers of the old see no less until the new one is shown.

        Where the old folder is for more people than the article, they see it no more from now on.
        """
        kept = without_ours(before["tags"], document.marker)
        self._articles.tag(before, [*kept, f"kcs-moved-{there['id']}"])
        self._articles.copy(before, there, but=language)
        if not fits(folder_now(self._client, before["folder_id"]), document.audience):
            self._articles.hide_all(before)

    def _look_again(self, article: Row, folder_id: str, audience: Audience, language: str) -> None:
        """Take the text back where the folder was opened to more people in the same moment."""
        if audience is Audience.PUBLIC:
            return
        try:
            folder_for(self._client, folder_id, audience)
        except ShownToMore:
            self._articles.hide(article, language)
            raise

    # ---- words ---------------------------------------------------------------------------------------------

    def _needed_folder(self) -> str:
        if not self._folder:
            raise RemoteError(
                Sentence("No Freshdesk folder is chosen yet: choose one on the publishing page."),
                permanent=True,
            )
        return self._folder

    def _language(self, locale: str) -> str:
        """Return the account's own name of a language; it becomes part of a path. Raises RemoteError."""
        wanted = locale.replace("_", "-").casefold()
        known = (self._articles.primary, *self._articles.others)
        found = next((each for each in known if each.casefold() == wanted), None)
        if found is None or not LANGUAGE.fullmatch(found):
            said = Sentence(
                "This Freshdesk account has no language '%(locale)s', or its plan has none beside its "
                "primary one; it has %(known)s.",
                locale=locale,
                known=", ".join(known),
            )
            raise RemoteError(said, permanent=True)
        return found

    def _whole(self, article: Row) -> Row:
        return article if article["description"] is not None else self._articles.get(article["id"])

    def _address(self, number: str, language: str = "") -> str:
        """Return where the portal shows an article; the primary language needs no name."""
        place = f"/{language}" if language and language != self._articles.primary else ""
        return f"{self._client.site}{place}/support/solutions/articles/{number}"

    def _remote(
        self, article: Row, language: str, draft: bool, text: RemoteText | None = None
    ) -> RemoteArticle:
        return RemoteArticle(article["id"], self._address(article["id"], language), language, draft, text)


def _text(document: Document) -> dict[str, object]:
    return {"title": document.title, "description": document.html}


def _number(value: str) -> str:
    """Return a setting that is a number, empty when it is empty. Raises ConfigError for anything else."""
    number = number_in(value) if value.strip() else ""
    if number is None:
        raise ConfigError("folder_id of the Freshdesk target must be a number, not '%(value)s'.", value=value)
    return number
