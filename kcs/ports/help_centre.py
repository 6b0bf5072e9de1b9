"""Articles in a help centre: writing them, and reading what became of them there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from workflow.article import Audience

# A setting of every help centre: an article that is there already keeps its place, whatever the others say.
STAYS = "stays"


@dataclass(frozen=True)
class Document:
    """An article ready for readers: the live text, sanitised HTML, and our marker to find it again.

    `audience` is who may read it, at most.
    """

    marker: str
    title: str
    html: str
    locale: str
    labels: tuple[str, ...] = ()
    audience: Audience = Audience.PUBLIC


@dataclass(frozen=True)
class RemoteText:
    """An article's text in one language as the help centre holds it, in its own HTML."""

    locale: str
    title: str
    html: str
    draft: bool
    updated_at: datetime | None = None


@dataclass(frozen=True)
class RemoteArticle:
    """The article as the help centre holds it; `text` is what it made of the text just written."""

    id: str
    url: str
    locale: str
    draft: bool
    text: RemoteText | None = None


@dataclass(frozen=True)
class RemoteListing:
    """An article found in the help centre, with every language it has; `votes` are up and down.

    `for_all` says whether everybody may read it where it stands; None: what limits readers in `place` says.
    """

    id: str
    url: str
    place: Mapping[str, str]
    source_locale: str
    labels: tuple[str, ...]
    votes: tuple[int, int]
    texts: tuple[RemoteText, ...]
    author_id: str | None
    created_at: datetime
    updated_at: datetime
    for_all: bool | None = None


@dataclass(frozen=True)
class ListingPage:
    """A piece of the list of articles. `cursor` leads on from here, also after `at_end`."""

    articles: tuple[RemoteListing, ...]
    cursor: str
    at_end: bool


@dataclass(frozen=True)
class Place:
    """Something an article is filed under or shown to; `name` is whole, as in 'Billing > Invoices'."""

    id: str
    name: str


@dataclass(frozen=True)
class Places:
    """What an account offers, by the name of the setting that chooses from it, and its languages.

    `readers` names the setting that limits who may read; empty where the help centre has none. Where
    `readers_needed`, one has to be chosen, and the help centre refuses what it would show to too many.
    """

    choices: Mapping[str, tuple[Place, ...]]
    locales: tuple[str, ...]
    readers: str = ""
    readers_needed: bool = False


class HelpCentre(Protocol):
    """Shows articles to readers. Every call may be repeated without a second effect."""

    def find(self, marker: str) -> RemoteArticle | None:
        """Return the article carrying our marker, or None. Raises RemoteError."""
        ...

    def create_draft(self, document: Document) -> RemoteArticle:
        """Create the article unpublished, carrying the marker. Raises RemoteError."""
        ...

    def publish(self, remote_id: str, document: Document) -> RemoteArticle:
        """Write title and text in the document's locale and make them live.

        Place, labels and who may read follow this help centre's settings: readers are narrowed before the
        text is written and widened after it, so that no text is shown to more of them than it is meant for.
        Where an article cannot change its place it is made anew there, the one before is withdrawn, and the
        answer has another id. Raises RemoteError, with `missing` when the article was archived or deleted,
        and ShownToMore before anything is sent where readers would be more than the document's audience.
        """
        ...

    def withdraw(self, remote_id: str, locale: str) -> None:
        """Take the text away from readers; an article already gone is no error. Raises RemoteError."""
        ...

    def read(self, remote_id: str, locale: str) -> RemoteText | None:
        """Return the text as it is there now; None when there is none, or it was archived or deleted.

        Raises RemoteError.
        """
        ...

    def archive(self, remote_id: str) -> None:
        """Archive the article in every language; one already gone is no error. Raises RemoteError."""
        ...

    def keep_image(
        self, marker: str, content: bytes, media_type: str, *, remote_id: str | None = None
    ) -> str:
        """Upload an image and return its address there, empty where none are kept. Raises RemoteError.

        With the article that will show it an image is uploaded once for each marker. Without, repeating the
        call may leave a copy there that nobody sees; publishing gives the image to the article showing it.
        """
        ...

    def read_image(self, address: str) -> bytes | None:
        """Return a picture that this help centre keeps; None for one kept elsewhere, or gone.

        Raises RemoteError.
        """
        ...

    def refuse_wider(self, audience: Audience) -> None:
        """Raise ShownToMore where the place that the settings choose is open to more than an audience.

        Nothing happens where who may read is written with each article. Raises RemoteError.
        """
        ...

    def places(self) -> Places:
        """Return where articles may go and who may read them. Raises RemoteError."""
        ...

    def changed_articles(self, since: datetime | None, cursor: str | None = None) -> ListingPage:
        """Return articles changed since then (None: all), or those that follow a cursor.

        Raises RemoteError.
        """
        ...

    def check(self) -> str:
        """Prove that articles may be written here; return the place's name. Raises RemoteError."""
        ...
