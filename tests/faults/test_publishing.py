"""Five publishes of one version, two of them killed: one article, the right text in each language."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from integrations.zendesk.emulator import Emulator, EmulatorServer
from kcs import database
from kcs.articles import services as articles
from kcs.articles.models import Article
from kcs.database import db
from kcs.demo import stage
from kcs.demo.commands import open_rows
from kcs.people.models import Agent
from kcs.publishing.models import Drift, Publication, PublicationState, Target
from kcs.publishing.services import look_again
from tests.factories import make_agent, make_article
from tests.processes import Product, until
from workflow.article import Audience, Move
from workflow.permissions import Licence

pytestmark = pytest.mark.long

WORDS = {"en": "Allow pop-ups.", "es": "Permita las ventanas.", "de": "Erlauben Sie Pop-ups."}
THEIRS = {"en": "en-us", "es": "es", "de": "de"}


def prepare(desk: Emulator, server: EmulatorServer) -> tuple[int, dict[str, int]]:
    """Write a publisher and an article in three languages; return their ids."""
    stage.connect(desk, server.api_base)
    by = make_agent(Licence.PUBLISHER)
    made: dict[str, int] = {}
    for locale, words in WORDS.items():
        article = make_article(title=f"Export {locale}", parts={"issue": "x", "resolution": words})
        article.locale, article.translation_of_id = locale, made.get("en")
        made[locale] = article.id
    db.session.execute(select(Target)).scalar_one().locales = THEIRS
    db.session.commit()
    return by.id, made


def publish(by: int, article_ids: list[int]) -> None:
    """Publish the present version of each, be it published or not."""
    for article_id in article_ids:
        article = db.session.get_one(Article, article_id)
        agent = db.session.get_one(Agent, by)
        articles.move_article(article, Move.PUBLISH, by=agent, audience=Audience.PUBLIC)
        db.session.commit()
    db.session.remove()


def is_written(desk: Emulator, locale: str) -> bool:
    """Return whether the help centre has our text in this language."""
    texts = [article.translations.get(locale) for article in desk.guide.articles.values()]
    return any(text is not None and not text.draft for text in texts)


def test_five_publishes_with_two_crashes_are_one_article_with_the_right_texts(
    app: Flask, product: Product, desk: Emulator, desk_server: EmulatorServer
) -> None:
    by, made = prepare(desk, desk_server)
    everything = list(made.values())
    working = "worker" if product.redis_url else "serve"
    desk.faults.add(r"/articles$", method="POST", status=200, delay=5.0, after_effect=True)
    desk.faults.add(r"/translations", method="POST", status=200, delay=5.0, after_effect=True)
    publish(by, everything)
    publish(by, everything)
    product.start(working)
    until(lambda: desk.guide.articles, what="the create")
    product.kill(working)
    publish(by, everything)
    product.start(working)
    until(lambda: is_written(desk, "es"), what="the first translation")
    product.kill(working)
    publish(by, everything)
    product.start(working)
    until(lambda: open_rows(app) == 0, what="the third attempt")
    publish(by, everything)
    until(lambda: open_rows(app) == 0, what="the last publish")
    [article] = desk.guide.articles.values()
    assert {locale: text.draft for locale, text in article.translations.items()} == {
        "en-us": False,
        "es": False,
        "de": False,
    }
    assert all(words in article.translations[THEIRS[locale]].body for locale, words in WORDS.items())
    with app.app_context(), database.reading():
        assert db.session.execute(select(func.count()).select_from(Drift)).scalar_one() == 0
        rows = db.session.execute(select(Publication.state, Publication.remote_id)).all()
        assert {tuple(row) for row in rows} == {(PublicationState.LIVE, str(article.id))}
    desk.guide.edit_text(article, "es", body="<p>Permita todo.</p>")
    with app.app_context():
        connection = db.session.execute(select(Target)).scalar_one().connection_id
        look_again(connection, str(article.id))
        db.session.commit()
        db.session.remove()
    publish(by, everything)
    until(lambda: open_rows(app) == 0, what="the look")
    assert "Permita todo." in article.translations["es"].body
    with app.app_context(), database.reading():
        drift = db.session.execute(select(Drift)).scalar_one()
        assert drift.publication.locale == "es"
