"""Taking over a help centre: what comes along, what stays inside, and that nothing comes twice."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import PIL.Image
import pytest
from flask import Flask

from kcs.adopting.models import AdoptedText, Taken
from kcs.adopting.queries import adopted_article, adoption_of, counts_of, page_of_texts
from kcs.adopting.services import Adopter, begin
from kcs.articles.models import Article
from kcs.articles.rendering import reader_html
from kcs.database import db
from kcs.errors import RemoteError
from kcs.improving.queries import ratings_of
from kcs.ports import ListingPage, RemoteListing, RemoteText
from kcs.publishing.models import Publication, PublicationState, Target
from tests.factories import make_article, make_connection
from tests.fakes import FakeHelpCentre
from workflow.article import ArticleState, Audience

BORN = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
SITE = "https://acme.example.com"
PAGE = 2


def picture() -> bytes:
    """A small red square."""
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (3, 3), "red").save(buffer, "PNG")
    return buffer.getvalue()


@dataclass
class Shelf(FakeHelpCentre):
    """A help centre with articles that others wrote, listed two at a time."""

    shelf: list[RemoteListing] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    pages_read: int = 0

    def changed_articles(self, since: datetime | None, cursor: str | None = None) -> ListingPage:
        """Return two more."""
        assert since is None
        if self.problem is not None:
            raise self.problem
        self.pages_read += 1
        start = int(cursor or 0)
        shown = tuple(self.shelf[start : start + PAGE])
        return ListingPage(shown, str(start + len(shown)), start + PAGE >= len(self.shelf))

    def read_image(self, address: str) -> bytes | None:
        """Return a picture of this help centre."""
        return self.pictures.get(address)


def listing(number: int, html: str = "<p>Allow pop-ups.</p>", **changed: object) -> RemoteListing:
    """An article as somebody wrote it there."""
    plain = RemoteListing(
        id=str(number),
        url=f"{SITE}/hc/en-us/articles/{number}",
        place={"section_id": "5"},
        source_locale="en-us",
        labels=("export",),
        votes=(0, 0),
        texts=(RemoteText("en-us", f"Answer {number}", html, False, BORN + timedelta(days=1)),),
        author_id="9",
        created_at=BORN,
        updated_at=BORN,
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


@pytest.fixture
def target(app: Flask) -> Target:
    """The help centre of a connection."""
    made = Target(connection_id=make_connection().id, settings={"section_id": "5"})
    db.session.add(made)
    db.session.commit()
    return made


TakeOver = Callable[..., Shelf]


@pytest.fixture
def take_over(target: Target) -> TakeOver:
    """Take articles over to the end."""

    def run(*listings: RemoteListing, pictures: dict[str, bytes] | None = None) -> Shelf:
        shelf = Shelf(shelf=list(listings), pictures=pictures or {})
        finish(target, shelf)
        return shelf

    return run


def finish(target: Target, shelf: Shelf, *, again: bool = False) -> None:
    """Go on until there is nothing more to take."""
    adoption = begin(target, in_background=False, again=again)
    db.session.commit()
    adopter = Adopter(adoption.id, shelf)
    while not adopter.next_page():
        pass


def article(target: Target, number: int, locale: str = "en-us") -> Article:
    """The article a text became."""
    found = adopted_article(target.id, str(number), locale)
    assert found is not None
    return found


def test_an_article_comes_with_text_labels_votes_moments_and_its_number_there(
    target: Target, take_over: TakeOver
) -> None:
    take_over(listing(7, "<h2>Steps</h2><p>Allow <strong>pop-ups</strong>.</p>", votes=(5, 2)))
    taken = article(target, 7)
    assert taken.title == "Answer 7"
    assert taken.current_version.parts == {"body": "## Steps\n\nAllow **pop-ups**."}
    assert (taken.tags, taken.locale, taken.created_at) == (["export"], "en", BORN)
    assert (taken.state, taken.audience) == (ArticleState.PUBLISHED, Audience.PUBLIC)
    assert (ratings_of(taken).rated, ratings_of(taken).helped) == (7, 5)
    publication = db.session.query(Publication).one()
    assert (publication.remote_id, publication.state) == ("7", PublicationState.LIVE)
    assert publication.url == f"{SITE}/hc/en-us/articles/7"
    assert publication.version_id == taken.live_version_id


def test_nothing_is_written_there(target: Target, take_over: TakeOver) -> None:
    assert take_over(listing(1), listing(2)).calls == []


@pytest.mark.parametrize(
    ("changed", "taken", "state", "publication"),
    [
        ({"texts": (RemoteText("en-us", "A", "<p>x</p>", True),)}, Taken.DRAFT, "not_validated", "withdrawn"),
        ({"place": {"user_segment_id": "99"}}, Taken.INSIDE, "validated", "live"),
        (
            {"texts": (RemoteText("en-us", "A", "<p>maria.lopez@gmail.com</p>", False),)},
            Taken.INSIDE,
            "validated",
            "live",
        ),
        ({"texts": (RemoteText("en-us", "Empty", "", False),)}, Taken.REFUSED, None, None),
    ],
    ids=["draft", "restricted", "personal data", "empty"],
)
def test_what_is_not_for_every_reader_stays_inside(
    target: Target,
    take_over: TakeOver,
    changed: dict[str, Any],
    taken: Taken,
    state: str | None,
    publication: str | None,
) -> None:
    take_over(listing(3, **changed))
    assert counts_of(target) == {taken: 1}
    rows = db.session.query(Publication).all()
    assert [row.state.value for row in rows] == ([publication] if publication else [])
    if state is not None:
        assert (article(target, 3).state.value, article(target, 3).audience) == (state, Audience.INTERNAL)
    shown = page_of_texts(target, page=1).items
    assert [bool(row.reason) for row in shown] == ([] if taken is Taken.DRAFT else [True])


def test_other_languages_are_translations_of_the_source(target: Target, take_over: TakeOver) -> None:
    spanish = RemoteText("es", "Respuesta", "<p>Permita las ventanas.</p>", False)
    english = RemoteText("en-us", "Answer", "<p>Allow pop-ups.</p>", False)
    take_over(listing(4, texts=(spanish, english), votes=(3, 1)))
    source, translation = article(target, 4), article(target, 4, "es")
    assert translation.translation_of is source
    assert (translation.locale, source.translation_of) == ("es", None)
    assert (source.earlier_helpful, translation.earlier_helpful) == (3, 0)
    assert {row.locale: row.remote_id for row in db.session.query(Publication)} == {"en-us": "4", "es": "4"}


def test_pictures_come_along_and_those_from_elsewhere_become_links(
    target: Target, take_over: TakeOver
) -> None:
    html = (
        '<p><img src="/hc/article_attachments/1" alt="Button"> <img src="https://cdn.example.org/b.png"></p>'
    )
    take_over(listing(5, html), pictures={f"{SITE}/hc/article_attachments/1": picture()})
    taken = article(target, 5)
    assert taken.live_version is not None
    shown = reader_html(taken.live_version, Audience.PUBLIC, base="https://kcs.example.com")
    assert re.search(
        r'<img src="https://kcs\.example\.com/help/images/[0-9a-f]{32}\.png" alt="Button"', shown
    )
    assert '<a href="https://cdn.example.org/b.png"' in shown
    row = db.session.query(AdoptedText).one()
    assert row.lost == "picture from elsewhere"
    assert page_of_texts(target, page=1).items == [row]


def test_what_cannot_come_is_named(target: Target, take_over: TakeOver) -> None:
    take_over(listing(6, '<p>Watch this:</p><iframe src="https://video.example.org/1"></iframe>'))
    assert db.session.query(AdoptedText).one().lost == "video or embedded page"


def test_links_lead_to_articles_that_are_here_and_all_others_where_they_led(
    target: Target, take_over: TakeOver
) -> None:
    html = '<p><a href="/hc/en-us/articles/1-Answer">one</a> <a href="/hc/en-us/articles/404">none</a></p>'
    take_over(listing(1), listing(2, html))
    text = article(target, 2).current_version.part("body")
    assert text == (f"[one](article:{article(target, 1).key}) [none]({SITE}/hc/en-us/articles/404)")


def test_after_a_break_it_goes_on_where_it_was(target: Target) -> None:
    shelf = Shelf(shelf=[listing(number) for number in range(1, 8)])
    adoption = begin(target, in_background=False)
    db.session.commit()
    adopter = Adopter(adoption.id, shelf)
    adopter.next_page()
    shelf.problem = RemoteError("away", permanent=False)
    with pytest.raises(RemoteError):
        adopter.next_page()
    shelf.problem = None
    finish(target, shelf)
    assert shelf.pages_read == 4
    assert counts_of(target) == {Taken.OUTSIDE: 7}
    finished = adoption_of(target)
    assert finished is not None
    assert finished.finished_at is not None


def test_the_same_page_again_takes_nothing_twice(target: Target) -> None:
    shelf = Shelf(shelf=[listing(1), listing(2)])
    finish(target, shelf)
    finish(target, shelf, again=True)
    assert db.session.query(Article).count() == 2
    shelf.shelf.append(listing(3))
    finish(target, shelf, again=True)
    assert db.session.query(Article).count() == 3


def test_what_was_refused_is_tried_again(target: Target) -> None:
    shelf = Shelf(shelf=[listing(1, "")])
    finish(target, shelf)
    shelf.shelf = [listing(1)]
    finish(target, shelf, again=True)
    assert counts_of(target) == {Taken.OUTSIDE: 1}


def test_what_we_wrote_there_is_here_already(target: Target, take_over: TakeOver) -> None:
    make_article(ArticleState.PUBLISHED)
    db.session.query(Publication).one().remote_id = "8"
    db.session.commit()
    take_over(listing(8))
    assert counts_of(target) == {Taken.OURS: 1}
    assert db.session.query(Article).count() == 1
