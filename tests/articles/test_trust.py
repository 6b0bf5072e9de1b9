"""What people see before they rely on an article: a page of articles at the price of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from kcs import database
from kcs.articles.flags import flag_article
from kcs.articles.models import Article
from kcs.articles.policy import Domain, Expiry
from kcs.articles.services import confirm_article
from kcs.articles.trust import count_demand, is_check_due, is_unchecked, trust_of, unchecked_articles
from kcs.database import db
from kcs.solving.models import LinkRole
from kcs.solving.services import draft_article, link_article, unlink
from tests.factories import STATES, make_agent, make_article, make_ticket
from workflow.article import ArticleState


@contextmanager
def counting_queries() -> Iterator[list[str]]:
    """Collect the statements that reach the database meanwhile."""
    seen: list[str] = []

    def note(*args: object) -> None:
        seen.append(str(args[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def aged(article: Article, days: int, **moments: int) -> Article:
    """Let an article have been written `days` ago; `checked` and `used` are days ago, or never."""
    now = database.now()
    article.created_at = now - timedelta(days=days)
    for name in ("checked", "used"):
        ago = moments.get(name)
        setattr(article, f"last_{name}_at", None if ago is None else now - timedelta(days=ago))
    db.session.flush()
    return article


def test_the_facts_are_counted_where_they_happened(app: Flask) -> None:
    ana, ben = make_agent(), make_agent()
    article = make_article(author=ana)
    article.earlier_reuse = 4
    confirm_article(article, by=ben)
    flag_article(article, "wrong step", by=ana)
    link_article(make_ticket(), article, by=ana)
    link_article(make_ticket(), article, by=ben)
    link_article(make_ticket(), article, by=ben, role=LinkRole.REFERENCE)
    unlink(link_article(make_ticket(), article, by=ana), by=ana)
    drafted = draft_article(make_ticket(), by=ana)
    db.session.commit()

    trust = trust_of([article, drafted], now=database.now())
    facts = trust[article.id]
    assert (facts.state, facts.checked_by, facts.solved, facts.flags) == ("validated", ben.name, 6, 1)
    assert facts.checked_at == article.last_checked_at
    assert (facts.unchecked, facts.warns) == (False, False)
    of_draft = trust[drafted.id]
    assert (of_draft.state, of_draft.checked_by, of_draft.solved, of_draft.flags) == ("wip", None, 0, 0)
    assert (count_demand(article), count_demand(drafted)) == (2, 0)


def test_a_page_of_articles_costs_no_more_queries_than_one(app: Flask) -> None:
    ana = make_agent()
    made = [make_article(author=ana) for _ in range(12)]
    for article in made:
        confirm_article(article, by=ana)
    db.session.commit()
    counts = []
    for number in (1, len(made)):
        db.session.rollback()
        chosen = db.session.execute(select(Article).order_by(Article.id).limit(number)).scalars().all()
        with counting_queries() as seen:
            assert len(trust_of(chosen, now=database.now())) == number
        counts.append(len([each for each in seen if "SELECT" in each]))
    assert counts[0] == counts[1]


# days since it was written, checked, used; the domain's interval; whether it is unchecked, whether due
CASES = [
    (400, 400, None, 365, True, True),
    (400, 364, None, 365, False, False),
    (400, 400, 10, 365, False, True),  # use renews, and yet nobody has looked at the text
    (400, None, None, 365, True, True),
    (300, None, None, 365, False, False),
    (9999, 9999, 9999, None, False, False),  # a domain that never asks
    (31, 31, 31, 30, True, True),
]


@pytest.mark.parametrize(("written", "checked", "used", "days", "unchecked", "due"), CASES)
def test_when_an_article_counts_as_unchecked(
    app: Flask,
    written: int,
    checked: int | None,
    used: int | None,
    days: int | None,
    unchecked: bool,
    due: bool,
) -> None:
    domain = Domain(key="billing", name="Billing", check_days=days, expiry=Expiry.SHOW_UNCHECKED)
    db.session.add(domain)
    article = make_article()
    article.domain = domain
    moments = {name: ago for name, ago in (("checked", checked), ("used", used)) if ago is not None}
    aged(article, written, **moments)
    now = database.now()
    assert is_unchecked(article, now) == unchecked
    assert is_check_due(article, now) == due
    found = db.session.execute(select(Article.id).where(unchecked_articles(now))).scalars().all()
    assert (article.id in found) == unchecked
    assert trust_of([article], now=now)[article.id].warns == unchecked


@pytest.mark.parametrize("state", list(STATES))
def test_what_is_archived_is_not_unchecked(app: Flask, state: ArticleState) -> None:
    article = aged(make_article(state), 1000)
    now = database.now()
    found = db.session.execute(select(Article.id).where(unchecked_articles(now))).scalars().all()
    assert is_unchecked(article, now) == (article.id in found) == (state is not ArticleState.ARCHIVED)


def test_a_domain_without_the_wish_shows_no_warning(app: Flask) -> None:
    article = aged(make_article(), 1000)
    facts = trust_of([article], now=database.now())[article.id]
    assert (facts.unchecked, facts.warns) == (True, False)
