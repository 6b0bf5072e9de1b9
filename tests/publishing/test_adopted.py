"""What was in the help centre before us stays as it is until somebody publishes from here."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from kcs.articles.models import Article
from kcs.articles.signals import article_changed
from kcs.database import db
from kcs.ports import Document, RemoteListing
from kcs.publishing.adopted import audience_there, locale_here, note_adopted
from kcs.publishing.models import Drift, PublicationState, Target
from kcs.publishing.services import look_again
from tests.factories import make_article
from tests.fakes import FakeHelpCentre
from tests.publishing.conftest import Press, publication
from workflow.article import ArticleState, Audience

BORN = datetime(2024, 5, 6, tzinfo=UTC)


def adopted(help_centre: FakeHelpCentre, state: ArticleState, locale: str = "en-us") -> int:
    """An article that stands in the help centre and was taken over; its id here."""
    help_centre.articles["7"] = Document("", "Theirs", "<p>Theirs.</p>", locale)
    help_centre.put("7", locale, "Theirs", "<p>Theirs.</p>")
    target = db.session.execute(select(Target)).scalar_one()
    made = make_article(state, title="Theirs", parts={"body": "Theirs."})
    made.locale = locale_here(target, locale)
    text = help_centre.texts["7", locale]
    listing = RemoteListing("7", "https://h.example/7", {}, locale, (), (0, 0), (text,), None, BORN, BORN)
    note_adopted(made, target, listing, text, kept_in_step=state is ArticleState.PUBLISHED)
    db.session.commit()
    return made.id


@pytest.mark.parametrize("locale", ["en-us", "en-gb"])
@pytest.mark.parametrize("state", [ArticleState.PUBLISHED, ArticleState.VALIDATED])
def test_nothing_is_written_until_somebody_publishes(
    press: Press, help_centre: FakeHelpCentre, state: ArticleState, locale: str
) -> None:
    article_id = adopted(help_centre, state, locale)
    article_changed.send(db.session.get_one(Article, article_id))
    look_again(publication().target.connection_id, "7")
    db.session.commit()
    press.work()
    assert set(help_centre.calls) <= {"read"}
    assert (publication().state, publication().locale) == (PublicationState.LIVE, locale)
    assert help_centre.live == {"7"}


def test_what_is_published_from_here_goes_into_the_same_article(
    press: Press, help_centre: FakeHelpCentre
) -> None:
    article_id = adopted(help_centre, ArticleState.VALIDATED)
    press.publish(article_id)
    press.work()
    assert list(help_centre.articles) == ["7"]
    assert publication().state is PublicationState.LIVE
    assert help_centre.calls.count("publish") == 1


def test_an_edit_there_after_taking_over_is_not_written_over(
    press: Press, help_centre: FakeHelpCentre
) -> None:
    article_id = adopted(help_centre, ArticleState.PUBLISHED)
    help_centre.edit("7", "en-us", "Theirs.", "Theirs again.")
    press.publish(article_id)
    article = db.session.get_one(Article, article_id)
    article_changed.send(article)
    look_again(publication().target.connection_id, "7")
    db.session.commit()
    press.work()
    assert "again" in help_centre.texts["7", "en-us"].html
    assert db.session.execute(select(Drift)).scalar_one().html == "<p>Theirs again.</p>"


def standing(place: dict[str, str], *, for_all: bool | None = None) -> RemoteListing:
    """An article at a place."""
    return RemoteListing(
        "1", "https://h.example/1", place, "en-us", (), (0, 0), (), None, BORN, BORN, for_all
    )


def test_who_reads_it_there_is_known_from_the_rules_alone(press: Press) -> None:
    target = db.session.execute(select(Target)).scalar_one()
    assert audience_there(target, standing({"section_id": "1"})) is Audience.PUBLIC
    assert audience_there(target, standing({"section_id": "1", "readers": "9"})) is None


def test_a_help_centre_may_know_itself_that_everybody_reads_it(press: Press) -> None:
    target = db.session.execute(select(Target)).scalar_one()
    target.offered = {"readers": "folder_id"}
    assert audience_there(target, standing({"folder_id": "9"}, for_all=True)) is Audience.PUBLIC
    assert audience_there(target, standing({"folder_id": "9"}, for_all=False)) is None
