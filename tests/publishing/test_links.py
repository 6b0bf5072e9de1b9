"""Links between our articles lead within the help centre, pictures of ours are kept there."""

from __future__ import annotations

import io

import PIL.Image
import pytest
from flask import Flask
from sqlalchemy import delete, select

from kcs.articles.images import import_image
from kcs.articles.models import Article
from kcs.database import db
from kcs.outbox.models import Effect
from kcs.publishing.models import Publication, PublicationState
from tests.factories import make_article
from tests.fakes import FakeHelpCentre
from tests.publishing.conftest import Press
from workflow.article import ArticleState, Move


def linking(to: str, key: str) -> int:
    """A validated article that links to another one."""
    parts = {"issue": "x", "resolution": f"See [the other one](article:{to})."}
    made = make_article(title=f"Links to {to}", parts=parts, key=key)
    db.session.commit()
    return made.id


@pytest.fixture
def pair(app: Flask) -> tuple[int, int]:
    """Two articles that link to each other."""
    return linking("KB-B", "KB-A"), linking("KB-A", "KB-B")


def html(help_centre: FakeHelpCentre, article_id: int) -> str:
    row = db.session.execute(select(Publication).where(Publication.article_id == article_id)).scalar_one()
    return help_centre.texts[row.remote_id or "", "en-us"].html


def url(article_id: int) -> str:
    db.session.expire_all()
    row = db.session.execute(select(Publication).where(Publication.article_id == article_id)).scalar_one()
    return row.url or ""


def test_a_link_leads_to_the_address_there_and_is_renewed_when_that_appears(
    press: Press, pair: tuple[int, int], help_centre: FakeHelpCentre
) -> None:
    one, other = pair
    press.publish(one)
    press.work()
    assert "the other one" in html(help_centre, one)
    assert "<a " not in html(help_centre, one)
    press.publish(other)
    press.work()
    assert f'href="{url(one)}"' in html(help_centre, other)
    assert f'href="{url(other)}"' in html(help_centre, one)
    press.work()
    writes = help_centre.calls.count("publish")
    press.work()
    assert help_centre.calls.count("publish") == writes <= 4
    assert {effect.state for effect in db.session.execute(select(Effect)).scalars()} == {"done"}


WRITTEN = [
    "[the other one](/articles/KB-B)",
    "[the other one]({base}/articles/KB-B)",
    "{base}/help/articles/KB-B",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_an_address_of_ours_is_renewed_as_a_link_by_key_is(
    press: Press, app: Flask, help_centre: FakeHelpCentre, written: str
) -> None:
    base = app.config["KCS"].base_url
    parts = {
        "issue": "x",
        "resolution": f"See {written.replace('{base}', base)}. [A ticket]({base}/tickets/5)",
    }
    one, other = make_article(parts=parts, key="KB-A"), make_article(key="KB-B")
    db.session.commit()
    one_id, other_id = one.id, other.id
    press.publish(one_id)
    press.work()
    assert "<a " not in html(help_centre, one_id)
    press.publish(other_id)
    press.work()
    assert f'href="{url(other_id)}"' in html(help_centre, one_id)
    assert base not in html(help_centre, one_id)


def test_a_link_to_what_was_withdrawn_becomes_words(
    press: Press, pair: tuple[int, int], help_centre: FakeHelpCentre
) -> None:
    one, other = pair
    for each in pair:
        press.publish(each)
    press.work()
    assert f'href="{url(other)}"' in html(help_centre, one)
    press.move(other, Move.WITHDRAW)
    press.work()
    assert "<a " not in html(help_centre, one)
    assert "the other one" in html(help_centre, one)


def test_a_link_to_what_is_public_elsewhere_leads_to_the_built_in_help_centre(
    press: Press, app: Flask, help_centre: FakeHelpCentre
) -> None:
    public = make_article(ArticleState.PUBLISHED, key="KB-P", title="Public")
    db.session.commit()
    row = db.session.execute(select(Publication).where(Publication.article_id == public.id)).scalar_one()
    row.state = PublicationState.FAILED
    db.session.execute(delete(Effect))
    db.session.commit()
    one = linking("KB-P", "KB-A")
    press.publish(one)
    press.work()
    assert f'href="{app.config["KCS"].base_url}/help/articles/KB-P"' in html(help_centre, one)


def test_an_internal_article_is_never_linked(press: Press, help_centre: FakeHelpCentre) -> None:
    make_article(ArticleState.VALIDATED, key="KB-I", title="Inside")
    one = linking("KB-I", "KB-A")
    press.publish(one)
    press.work()
    assert "KB-I" not in html(help_centre, one)
    assert "<a " not in html(help_centre, one)


def test_pictures_are_uploaded_once_and_lead_there(press: Press, help_centre: FakeHelpCentre) -> None:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (3, 3), "red").save(buffer, "PNG")
    image = import_image(buffer.getvalue())
    one = make_article(parts={"issue": "x", "resolution": f"![A shot](image:{image.name})"})
    db.session.commit()
    one_id, name = one.id, image.name
    press.publish(one_id)
    press.work()
    assert list(help_centre.images) == [name]
    assert f'<img src="https://help.example.com/images/{name}" alt="A shot">' in html(help_centre, one_id)
    article = db.session.get_one(Article, one_id)
    press.edit(one_id, article.current_version.part("resolution") + " And more.")
    press.publish(one_id)
    press.work()
    assert help_centre.calls.count("keep_image") == 1
    assert "help.example.com/images" in html(help_centre, one_id)
