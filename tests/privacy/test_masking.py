"""Masking takes every value out and nothing else; waiving lets a soft one go outside on somebody's word."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from kcs.activity.models import Activity, Remark
from kcs.articles import services as articles
from kcs.articles.importing import import_article
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, StaleVersion
from kcs.privacy import services
from kcs.privacy.finding import Kind
from kcs.privacy.gate import check_text, find, replaced
from kcs.privacy.models import Waiver
from kcs.tickets.models import Requester
from tests.factories import make_agent
from workflow.article import Audience, Move
from workflow.permissions import Licence

ORDER = "As order number 4455667 shows"
PLAIN = st.sampled_from(
    [
        "Allow pop-ups, then reload. ",
        "**Version 4.2** only: ",
        "Port 8443 on 192.168.1.1.\n\n",
        "1. Öffnen\n2. Speichern\n",
        "`a_b * c` and [the log](https://docs.example.com/a_(b)) ",
        "导出按钮是灰色的。",
        " & <br> 100%25 ",
        "\u200bשלום ",
    ]
)
PERSONAL = st.sampled_from(
    [
        "someone@customer.example",
        "some**one**@customer.example",
        "[some](https://docs.example.com)one@customer.example",
        "someone@[customer.example](https://docs.example.com)",
        "someone&#64;customer.example",
        "someone%40customer.example",
        "+34 612 345 678",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "Maria Lopez",
        "**Mar**ia",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    ]
)
MARIA = Requester(name="Maria Lopez", email="maria@lopez.example", phone=None, address=None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(PLAIN, PERSONAL), max_size=6), PLAIN)
def test_masking_removes_every_finding_and_leaves_the_rest(pairs: list[tuple[str, str]], end: str) -> None:
    text = "".join(f"{plain} {value} \n\n" for plain, value in pairs) + end
    masked = replaced(text, find(text, MARIA))
    assert find(masked, MARIA) == []
    kinds = "|".join(re.escape(f"[{kind}]") for kind in Kind)
    rest = "".join(f"{plain}  \n\n" for plain, _ in pairs) + end
    assert re.sub(kinds, "", masked) == rest
    assert len(re.findall(kinds, masked)) == len(pairs)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_looked_at_and_places_are_places_in_it(text: str) -> None:
    for found in check_text(None, text[:50], {"body": text}):
        if found.field == "body" and found.start is not None:
            assert text[found.start : found.end] == found.value
            assert found.value in found.snippet


def article_with(text: str) -> Article:
    return import_article("Export", {"issue": "Grey", "resolution": text})


def text_of(article: Article) -> str:
    return article.current_version.part("resolution")


def test_masking_writes_a_version_and_the_value_given_is_masked_everywhere(app: Flask) -> None:
    article = article_with("Ask a@b.example or **c@d.example**.\nAgain a@b.example, 84.17.22.9")
    by = make_agent()
    assert services.mask_article(article, by=by, base=1, value="a@b.example") == 2
    assert text_of(article) == "Ask [e-mail] or **c@d.example**.\nAgain [e-mail], 84.17.22.9"
    # The address of a machine is soft: it may be answered for, so it is masked by name alone.
    assert services.mask_article(article, by=by, base=2) == 1
    assert text_of(article) == "Ask [e-mail] or **[e-mail]**.\nAgain [e-mail], 84.17.22.9"
    assert services.mask_article(article, by=by, base=3) == 0
    assert article.current_version.number == 3
    with pytest.raises(StaleVersion):
        services.mask_article(article, by=by, base=1)


def test_masking_needs_the_right_to_edit(app: Flask) -> None:
    article = article_with("Ask a@b.example")
    with pytest.raises(NotAllowed):
        services.mask_article(article, by=make_agent(Licence.CANDIDATE), base=1)


def publish(article: Article) -> None:
    articles.move_article(article, Move.PUBLISH, by=make_agent(Licence.PUBLISHER), audience=Audience.PUBLIC)


def test_a_soft_finding_blocks_until_somebody_waives_it_and_that_is_on_record(app: Flask) -> None:
    article, publisher = article_with(ORDER), make_agent(Licence.PUBLISHER)
    with pytest.raises(InvalidInput, match="customer number '4455667'"):
        publish(article)
    services.waive(article, "customer number", "4455667", "a sample from our manual", by=publisher)
    publish(article)
    waiver = db.session.execute(select(Waiver)).scalar_one()
    assert (waiver.agent_id, waiver.reason) == (publisher.id, "a sample from our manual")
    assert "4455667" not in waiver.value_hash
    act = db.session.execute(select(Activity).where(Activity.kind == "article.waived")).scalar_one()
    assert (act.agent_id, act.article_id, act.authority) == (publisher.id, article.id, "licence:publisher")
    assert act.detail == {"waiver_id": waiver.id, "kind": "customer number"}
    said = db.session.execute(select(Remark.text).where(Remark.activity_id == act.id)).scalar_one()
    assert said == "a sample from our manual"


def test_a_waiver_is_for_one_value_of_one_article_and_once(app: Flask) -> None:
    article, other, by = article_with(ORDER), article_with(ORDER), make_agent(Licence.PUBLISHER)
    first = services.waive(article, "customer number", "4455667", "sample", by=by)
    assert services.waive(article, "customer number", "4455667", "again", by=by) is first
    assert [each.waived for each in services.findings_for(other, by)] == [False]
    articles.save_version(article, "Export", {"body": f"{ORDER}, or order number 9988776"}, by=by, base=1)
    assert [each.waived for each in services.findings_for(article, by)] == [True, False]


REFUSED = {
    "a hard one": ("e-mail", "a@b.example", "why not"),
    "one that is not there": ("customer number", "1111111", "why not"),
    "one of another kind": ("IP address", "4455667", "why not"),
    "one without a reason": ("customer number", "4455667", "  "),
}


def test_what_cannot_be_waived(app: Flask) -> None:
    article = article_with(f"{ORDER}, ask a@b.example")
    publisher, contributor = make_agent(Licence.PUBLISHER), make_agent()
    for kind, value, reason in REFUSED.values():
        with pytest.raises(InvalidInput):
            services.waive(article, kind, value, reason, by=publisher)
    with pytest.raises(NotAllowed):
        services.waive(article, "customer number", "4455667", "sample", by=contributor)
    assert db.session.execute(select(Waiver)).all() == []
