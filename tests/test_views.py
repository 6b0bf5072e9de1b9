"""What every page shares: here, a page number beyond the end of a list."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs.articles.flags import flag_article
from kcs.improving.services import give_feedback
from kcs.people.models import Agent
from kcs.reviews.models import Asks
from kcs.reviews.services import ask_review
from tests.factories import make_agent, make_article, make_ticket, sign_in, token_for
from workflow.article import ArticleState
from workflow.permissions import Licence

LISTS = {
    "/articles": "Printer",
    "/tickets?list=all": "Printer",
    "/flags?list=open": "Wrong since 4.3",
    "/feedback?list=open": "It helped me",
    "/reviews?list=mine": "Printer",
    "/help/": "Scanner",
}


@pytest.fixture
def reader(app: Flask) -> Agent:
    """Somebody for whom each list holds one row."""
    author = make_agent(Licence.CONTRIBUTOR)
    article = make_article(ArticleState.NOT_VALIDATED, title="Printer stays grey", author=author)
    make_article(ArticleState.PUBLISHED, title="Scanner stays grey")
    make_ticket(subject="Printer does not print")
    flag_article(article, "Wrong since 4.3", by=author)
    give_feedback(article, article.current_version, comment="It helped me", by=make_agent())
    ask_review(article, Asks.VALIDATE, by=author)
    return author


@pytest.mark.parametrize("path", LISTS)
def test_a_page_beyond_the_end_of_a_list_is_its_last(reader: Agent, client: FlaskClient, path: str) -> None:
    pages = sign_in(client, reader)
    address = f"{path}{'&' if '?' in path else '?'}page=7"
    assert LISTS[path] in pages.get(address).text


def test_over_the_api_a_page_beyond_the_end_has_no_rows(reader: Agent, client: FlaskClient) -> None:
    page = client.get("/api/v1/articles?page=7", headers=token_for(reader)).get_json()
    assert (page["items"], page["page"], page["total"]) == ([], 7, 2)
