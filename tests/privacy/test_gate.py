"""The privacy gate: no text with personal data goes outside, however it is written; our own contacts may."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from flask import Flask

from kcs.articles import services as articles
from kcs.articles.importing import import_article
from kcs.articles.models import Article
from kcs.errors import InvalidInput
from kcs.ports import AuthorKind, DeskUser
from kcs.privacy.gate import PrivacyGate
from kcs.solving import services
from kcs.solving.queries import present_links
from kcs.tickets.queries import get_ticket
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article, make_connection, read_again
from tests.fakes import FakeDesk
from workflow.article import ArticleState, Audience, Confidence, Move
from workflow.permissions import Licence

MARIA = DeskUser(
    "u1", AuthorKind.REQUESTER, "Maria Lopez", "maria@example.com", "+34 612 345 678", "Calle Mayor 5"
)
OWN = "help@kcs.example,shop.example,@news.example,+1 (555) 010-0000"


@pytest.fixture
def app(make_app: AppMaker) -> Iterator[Flask]:
    """An organisation with public contacts of its own."""
    gc.collect()  # the gates of other tests' apps listen to the same signal until they are gone
    app = make_app(PUBLIC_CONTACTS=OWN)
    with app.app_context():
        yield app


def linked(text: str, *, title: str = "Export", tags: tuple[str, ...] = ()) -> Article:
    """A validated article with this text that answered Maria's ticket."""
    desk, agent = FakeDesk(), make_agent()
    desk.open_ticket("1", requester=MARIA)
    article = import_article(title, {"issue": "Grey", "resolution": text}, tags=tags)
    services.link_article(read_again(desk, make_connection(), "1"), article, by=agent)
    return article


def publish(article: Article) -> None:
    articles.move_article(article, Move.PUBLISH, by=make_agent(Licence.PUBLISHER), audience=Audience.PUBLIC)


REFUSED = {
    "e-mail": "Write to someone@customer.example",
    "e-mail in a link": "[write](mailto:someone@customer.example)",
    "e-mail encoded in a link": "[write](mailto:someone%40customer.example)",
    "e-mail as an entity": "someone&#64;customer.example",
    "e-mail with an escape": r"someone\@customer.example",
    "e-mail split by markup": "some**one**@customer.example",
    "e-mail in code": "`someone@customer.example`",
    "phone": "Call +49 30 1234567",
    "her name": "As MARIA found out",
    "her name split by markup": "As **Mar**ia found out",
    "her address with signs as words": "maria at example dot com",
    "her phone": "612 34 56 78",
    "her street": "calle mayor, 5",
    "an address that ends like ours": "otherhelp@kcs.example",
    "an address at our address's domain": "sales@kcs.example",
    "an address below our domain": "someone@mail.shop.example",
    "an address at a domain that ends like ours": "someone@workshop.example",
    "another number": "Call +1 555 010 0001",
}
ACCEPTED = {
    "nothing personal": "Allow pop-ups in version 4.2, then reload.",
    "our address": "Write to Help@KCS.example.",
    "our domain": "Write to anybody@shop.example",
    "our domain with its sign": "Write to anybody@news.example",
    "our number, grouped otherwise": "Call +1 555 0100000",
}


def test_what_is_personal_cannot_be_published_and_what_is_ours_can(app: Flask) -> None:
    article = linked("Nothing")
    editor = make_agent(Licence.PUBLISHER)

    def say(text: str) -> None:
        number = article.current_version.number
        articles.save_version(article, "Export", {"issue": "x", "resolution": text}, by=editor, base=number)

    for name, text in REFUSED.items():
        say(text)
        with pytest.raises(InvalidInput, match="personal data") as refusal:
            publish(article)
        assert set(refusal.value.errors) == {"resolution"}, name
        assert (article.state, article.live_version) == (ArticleState.VALIDATED, None), name
    for name, text in ACCEPTED.items():
        say(text)
        publish(article)
        assert article.live_version is article.current_version, name


def test_title_and_tags_are_looked_at_too(app: Flask) -> None:
    article = linked("Nothing", title="What Maria saw", tags=("export", "maria_lopez"))
    with pytest.raises(InvalidInput) as refusal:
        publish(article)
    assert set(refusal.value.errors) == {"title", "tags"}


def test_a_published_article_is_checked_again_with_its_next_text(app: Flask) -> None:
    article, editor = linked("Nothing"), make_agent(Licence.PUBLISHER)
    publish(article)
    live = article.live_version
    articles.save_version(article, "Export", {"body": "Ask maria@example.com"}, by=editor, base=1)
    with pytest.raises(InvalidInput, match=r"maria@example\.com"):
        publish(article)
    assert article.live_version is live


def test_a_customer_of_a_ticket_linked_once_is_not_forgotten(app: Flask) -> None:
    article = linked("As Maria says")
    agent = make_agent()

    services.unlink(present_links(get_ticket("acme", "1"))[0], by=agent)
    with pytest.raises(InvalidInput, match="'Maria'"):
        publish(article)


def test_an_import_for_readers_outside_passes_the_gate_an_internal_one_need_not(app: Flask) -> None:
    text = {"body": "Write to someone@customer.example"}
    with pytest.raises(InvalidInput, match=r"someone@customer\.example"):
        import_article("Export", text, audience=Audience.CUSTOMER, confidence=Confidence.VALIDATED)
    assert import_article("Export", text).state is ArticleState.VALIDATED
    assert make_article(ArticleState.PUBLISHED).live_version is not None


def test_a_refusal_names_the_first_values_and_counts_the_rest(app: Flask) -> None:
    text = " ".join(f"a{number}@b.example" for number in range(25))
    article = import_article("Export", {"body": text})
    with pytest.raises(InvalidInput, match=r"a19@b\.example'; and 5 more\. Mask it") as refusal:
        publish(article)
    assert "e-mail 'a24@b.example'" in str(refusal.value.errors["body"])


@pytest.mark.parametrize("nothing", [(), ("",), (" ", "@", "+")])
def test_empty_contacts_accept_nothing(app: Flask, nothing: tuple[str, ...]) -> None:
    article = import_article("Export", {"body": "someone@customer.example or +49 30 1234567"})
    with pytest.raises(InvalidInput):
        PrivacyGate(nothing).check(article)
