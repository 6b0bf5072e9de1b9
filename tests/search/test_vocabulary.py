"""Words the administrator keeps: what means the same, what is short for what, which article comes first."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask, current_app

from kcs.activity.models import Activity
from kcs.articles.services import move_article
from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.people.models import Agent
from kcs.search import answers
from kcs.search.models import BestBet, Meaning, MeaningKind
from kcs.search.typed import parse
from kcs.search.vocabulary import expand, is_kept
from kcs.search.vocabulary_acts import (
    MOST_TERMS,
    get_bet,
    get_meaning,
    remove_bet,
    remove_meaning,
    save_bet,
    save_meaning,
)
from kcs.search.wanted import Wanted
from tests.factories import make_agent, make_article
from workflow.article import ArticleState, Move
from workflow.permissions import Licence, Role

SAME, ONE_WAY, ACRONYM = MeaningKind.SAME, MeaningKind.ONE_WAY, MeaningKind.ACRONYM


@pytest.fixture
def admin(app: Flask) -> Agent:
    return make_agent(Licence.PUBLISHER, (Role.ADMIN,), email="ada@example.com")


MEANT = [
    (SAME, ["login", "sign in"], "login fails", ("sign in",)),
    (SAME, ["login", "sign in"], "cannot SIGN-IN", ("login",)),
    (SAME, ["login", "sign in", "log on"], "Login", ("sign in", "log on")),
    (SAME, ["login", "sign in"], "sign it in", ()),
    (SAME, ["login", "sign in"], "login sign in", ()),
    (SAME, ["naïve", "simple"], "NAIVE", ("simple",)),
    (SAME, ["打印机", "printer"], "打印机 卡纸", ("printer",)),
    (ONE_WAY, ["laptop", "ThinkPad"], "laptop", ("ThinkPad",)),
    (ONE_WAY, ["laptop", "ThinkPad"], "thinkpad", ()),
    (ACRONYM, ["SSO", "single sign-on"], "sso fails", ("single sign-on",)),
    (ACRONYM, ["SSO", "single sign-on"], "single sign on", ("SSO",)),
    (ACRONYM, ["PR", "pull request", "press release"], "PR, please", ("pull request", "press release")),
    (ACRONYM, ["PR", "pull request", "press release"], "pull request", ("PR",)),
    (ACRONYM, ["IT", "information technology"], "does it work", ()),
    (ACRONYM, ["IT", "information technology"], "our IT", ("information technology",)),
    (SAME, ["login", "sign in"], '"login" fails', ()),
]


def test_words_of_the_same_meaning_are_searched_too(admin: Agent) -> None:
    for kind, terms, typed, also in MEANT:
        row = save_meaning(None, kind, terms, by=admin)
        once = expand(parse(typed).wanted)
        assert (typed, once.also) == (typed, also)
        assert expand(once) == once
        remove_meaning(row, by=admin)


def test_a_search_gets_no_more_words_than_it_can_bear(admin: Agent) -> None:
    for number in range(3):
        save_meaning(None, SAME, ["login", *(f"word{number}x{each}" for each in range(15))], by=admin)
    given = Wanted(text="login", also=("entry",))
    assert len(expand(given).also) == 20
    assert expand(given).also[0] == "entry"


NEVER_MET = [
    (["login"], "at least two"),
    (["login", "Login", " login "], "at least two"),
    (["login", "!!!"], "cannot be a term"),
    (["login", "x" * 101], "cannot be a term"),
    (["login", "one two three four five six seven eight nine"], "cannot be a term"),
    ([f"word{number}" for number in range(MOST_TERMS + 1)], "too many"),
]


def test_what_could_never_be_met_is_refused(admin: Agent) -> None:
    for terms, says in NEVER_MET:
        with pytest.raises(InvalidInput, match=says) as refused:
            save_meaning(None, SAME, terms, by=admin)
        assert "terms" in refused.value.errors
    assert db.session.query(Meaning).count() == 0


def test_a_meaning_can_be_changed_and_removed_and_that_is_recorded(admin: Agent) -> None:
    row = save_meaning(None, SAME, ["login", "sign in"], by=admin)
    assert is_kept("LOGIN")
    save_meaning(row, ONE_WAY, ["entry", "door"], by=admin)
    assert not is_kept("login")
    assert expand(Wanted(text="entry")).also == ("door",)
    remove_meaning(get_meaning(row.id), by=admin)
    assert expand(Wanted(text="entry")).also == ()
    with pytest.raises(NotFound):
        get_meaning(row.id)
    kinds = [each.kind for each in db.session.query(Activity).order_by(Activity.id)][-3:]
    assert kinds == ["search.meaning_saved", "search.meaning_saved", "search.meaning_removed"]


# --- best bets ---


def found(typed: str, reader: Agent | None) -> list[tuple[str, tuple[str, ...]]]:
    db.session.commit()
    answer = answers.answer(current_app.extensions["kcs.search"], typed, reader=reader, limit=3)
    return [(each.article.key, each.reasons) for each in answer.found]


def keys(typed: str, reader: Agent | None) -> list[str]:
    return [key for key, _ in found(typed, reader)]


@pytest.fixture
def shelf(admin: Agent) -> None:
    for number in range(4):
        make_article(ArticleState.PUBLISHED, title="Invoice download", key=f"KB-{number}", author=admin)
    make_article(ArticleState.PUBLISHED, title="All about bills", key="PUBLIC", author=admin)
    make_article(ArticleState.VALIDATED, title="What to say of bills", key="INSIDE", author=admin)


@pytest.mark.usefixtures("shelf")
def test_a_best_bet_comes_first_with_its_reason(admin: Agent) -> None:
    save_bet(None, ["invoice", "bill copy"], "PUBLIC", None, None, by=admin)
    save_bet(None, ["invoice download"], "KB-3", None, None, by=admin)
    first, second, third = found("invoice download", admin)
    assert first == ("PUBLIC", ("chosen by Ada: best answer for “invoice”",))
    assert (second[0], second[1][0]) == ("KB-3", "chosen by Ada: best answer for “invoice download”")
    assert third[0] == "KB-0"
    assert keys("where is my BILL-COPY", admin)[0] == "PUBLIC"
    assert found("invoice", None)[0] == ("PUBLIC", ("chosen as the best answer",))


@pytest.mark.usefixtures("shelf")
def test_a_best_bet_shows_nobody_what_they_may_not_read_and_widens_no_search(admin: Agent) -> None:
    save_bet(None, ["invoice"], "INSIDE", None, None, by=admin)
    assert keys("invoice", admin)[0] == "INSIDE"
    assert keys("invoice", None) == ["KB-0", "KB-1", "KB-2"]
    for narrowed in ("invoice state:published", '"invoice download" invoice', "invoice -bills"):
        assert "INSIDE" not in keys(narrowed, admin)
    article = get_bet(1).article
    move_article(article, Move.ARCHIVE, by=admin)
    assert "INSIDE" not in keys("invoice", admin)


@pytest.mark.usefixtures("shelf")
def test_a_best_bet_holds_on_its_days(admin: Agent) -> None:
    today = datetime.now(UTC).date()
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    row = save_bet(None, ["invoice"], "PUBLIC", None, None, by=admin)
    for starts_on, ends_on, holds in [
        (today, today, True),
        (yesterday, tomorrow, True),
        (None, today, True),
        (tomorrow, None, False),
        (None, yesterday, False),
    ]:
        save_bet(row, ["invoice"], "PUBLIC", starts_on, ends_on, by=admin)
        assert (keys("invoice", admin)[0] == "PUBLIC") is holds
    remove_bet(row, by=admin)
    assert keys("invoice", admin)[0] == "KB-0"


@pytest.mark.usefixtures("shelf")
def test_a_best_bet_that_cannot_work_is_refused(admin: Agent) -> None:
    for terms, key, days, field in [
        ([], "PUBLIC", (None, None), "terms"),
        (["invoice"], "NOWHERE", (None, None), "article"),
        (["invoice"], "PUBLIC", (date(2026, 3, 2), date(2026, 3, 1)), "ends_on"),
    ]:
        with pytest.raises(InvalidInput) as refused:
            save_bet(None, terms, key, *days, by=admin)
        assert field in refused.value.errors
    assert db.session.query(BestBet).count() == 0
