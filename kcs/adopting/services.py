"""Take over a help centre that is there already: articles with their ids, votes, labels and languages.

It goes through the list page by page, and keeps its place in the transaction that follows each page: after a
kill it goes on there. What is here already is known by its number there, so nothing comes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from kcs import database
from kcs.activity.services import record
from kcs.adopting.models import AdoptedText, Adoption, Taken
from kcs.adopting.pictures import Pictures
from kcs.adopting.queries import adopted_article, is_adopted, is_published_by_us
from kcs.articles.addresses import parse
from kcs.articles.formats.hypertext import Converted, to_markdown
from kcs.articles.formats.record import ArticleRecord
from kcs.articles.models import Article
from kcs.articles.taking import Taker
from kcs.database import db
from kcs.errors import KcsError
from kcs.markup import ARTICLE_LINK
from kcs.ports import HelpCentre, ListingPage, RemoteListing, RemoteText
from kcs.publishing.adopted import audience_there, locale_here, note_adopted
from kcs.publishing.models import Target
from kcs.publishing.queries import article_published_at
from kcs.text import clean, clean_line
from workflow.article import Audience, Confidence

LONGEST_TITLE = 300
LONGEST_REASON = 500
RESTRICTED = (
    "Only some may read it there, and no rule of the target says who they are here: colleagues alone see it."
)


def begin(target: Target, *, in_background: bool, again: bool = False) -> Adoption:
    """Begin to take a target's help centre over, or go on.

    `again` goes through a finished one once more: for articles that are new there, and for what was refused.
    `in_background` leaves the work to the chore.
    """
    present = db.session.execute(select(Adoption).where(Adoption.target_id == target.id)).scalar_one_or_none()
    moment = database.now()
    if present is None:
        present = Adoption(target_id=target.id, begun_at=moment, changed_at=moment)
        db.session.add(present)
        record("adoption.begun", authority="system", detail={"target_id": target.id})
    elif again and present.finished_at is not None:
        present.cursor = present.finished_at = None
        present.begun_at = moment
        db.session.execute(
            delete(AdoptedText).where(AdoptedText.target_id == target.id, AdoptedText.taken == Taken.REFUSED)
        )
    present.in_background = in_background
    db.session.flush()
    return present


@dataclass
class Adopter:
    """Takes the articles of one help centre over, a page at a time.

    `heard` is called with what became of each text.
    """

    adoption_id: int
    help_centre: HelpCentre
    heard: Callable[[Taken], None] = lambda _taken: None

    def next_page(self) -> bool:
        """Take one page over and commit; True when there is nothing more to take.

        Raises RemoteError when the help centre cannot be read now: the next call goes on from there.
        """
        with database.reading():
            adoption = db.session.get_one(Adoption, self.adoption_id)
            cursor, target_id, done = adoption.cursor, adoption.target_id, adoption.finished_at is not None
        if done:
            return True
        page = self.help_centre.changed_articles(None, cursor)
        for listing in page.articles:
            self._take(target_id, listing)
        self._remember(page)
        return page.at_end

    def _remember(self, page: ListingPage) -> None:
        adoption = db.session.get_one(Adoption, self.adoption_id)
        adoption.cursor, adoption.problem, adoption.changed_at = page.cursor, "", database.now()
        if page.at_end:
            adoption.finished_at = adoption.changed_at
            record("adoption.finished", authority="system", detail={"target_id": adoption.target_id})
        db.session.commit()
        db.session.expunge_all()

    def _take(self, target_id: int, listing: RemoteListing) -> None:
        """Take every language of one article, its own first: the others are translations of it."""
        texts = sorted(listing.texts, key=lambda text: text.locale != listing.source_locale)
        for text in texts:
            with database.reading():
                known = is_adopted(target_id, listing.id, text.locale)
            if not known:
                pictures = Pictures(self.help_centre, base=listing.url)
                converted = to_markdown(text.html, picture=pictures.fetch, link=_link_here(listing.url))
                self._take_text(target_id, listing, text, converted, pictures)

    def _take_text(
        self,
        target_id: int,
        listing: RemoteListing,
        text: RemoteText,
        converted: Converted,
        pictures: Pictures,
    ) -> None:
        row = AdoptedText(
            target_id=target_id,
            remote_id=listing.id,
            locale=text.locale,
            title=clean_line(text.title, limit=LONGEST_TITLE),
            url=listing.url,
            taken=Taken.OURS,
            lost=", ".join(converted.lost),
            at=database.now(),
        )
        target = db.session.get_one(Target, target_id)
        if not is_published_by_us(target, listing.id):
            _bring_in(row, target, listing, text, pictures.placed(converted.text))
        db.session.add(row)
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            if not is_adopted(target_id, listing.id, text.locale):
                raise
            # Somebody else is taking the same help centre over: the text is theirs.
        else:
            self.heard(row.taken)


def _bring_in(
    row: AdoptedText, target: Target, listing: RemoteListing, text: RemoteText, markdown: str
) -> None:
    """Make the article, as wide as it may be; where something keeps it from readers, colleagues get it."""
    for audience, taken in _ways(row, target, listing, text):
        try:
            article = _article(target, listing, text, markdown, audience)
        except KcsError as error:
            row.taken, row.reason = Taken.REFUSED, clean_line(str(error.message), limit=LONGEST_REASON)
        else:
            row.article_id, row.taken = article.id, taken
            note_adopted(article, target, listing, text, kept_in_step=taken is not Taken.INSIDE)
            return


def _ways(
    row: AdoptedText, target: Target, listing: RemoteListing, text: RemoteText
) -> Iterator[tuple[Audience, Taken]]:
    if text.draft:
        yield Audience.INTERNAL, Taken.DRAFT
        return
    audience = audience_there(target, listing)
    if audience is None:
        row.reason = RESTRICTED
    elif audience is not Audience.INTERNAL:
        yield audience, Taken.OUTSIDE
    yield Audience.INTERNAL, Taken.INSIDE


def _article(
    target: Target, listing: RemoteListing, text: RemoteText, markdown: str, audience: Audience
) -> Article:
    source = adopted_article(target.id, listing.id, listing.source_locale)
    taken = ArticleRecord(
        title=clean_line(text.title, limit=LONGEST_TITLE),
        fields={"body": clean(markdown)},
        audience=audience,
        confidence=Confidence.NOT_VALIDATED if text.draft else Confidence.VALIDATED,
        locale=locale_here(target, text.locale),
        tags=[*listing.labels],
        created_at=listing.created_at,
        changed_at=text.updated_at or listing.updated_at,
        published_at=None if text.draft else listing.created_at,
    )
    with db.session.begin_nested():
        _, article = Taker().take(taken)
        if source is not None and text.locale != listing.source_locale:
            article.translation_of_id = source.id
        else:
            article.earlier_helpful, article.earlier_unhelpful = listing.votes
        return article


def _link_here(base: str) -> Callable[[str], str | None]:
    """Return what leads links to articles that are here already to them, all others to where they led."""

    def lead(href: str) -> str | None:
        whole = urljoin(base, href)
        address = parse(whole)
        key = article_published_at(address) if address is not None else None
        return f"{ARTICLE_LINK}{key}" if key is not None else whole

    return lead
