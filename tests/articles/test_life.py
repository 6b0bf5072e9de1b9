"""Articles: written, edited and moved by those who may, each act recorded, no text ever overwritten."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kcs.activity.models import Activity, Remark
from kcs.articles import rights, services
from kcs.articles.flags import flag_article
from kcs.articles.importing import import_article
from kcs.articles.models import Article, Flag, Version
from kcs.articles.queries import versions_of
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, StaleVersion, WorkflowError
from kcs.people.models import Agent
from tests.factories import make_agent, make_article
from workflow.article import ArticleState, Audience, Confidence, Move
from workflow.permissions import Governance, Licence, Role

TEXT = {"issue": "Cannot export", "resolution": "Allow pop-ups."}


@pytest.fixture
def candidate(app: Flask) -> Agent:
    return make_agent(Licence.CANDIDATE)


@pytest.fixture
def contributor(app: Flask) -> Agent:
    return make_agent(Licence.CONTRIBUTOR)


@pytest.fixture
def publisher(app: Flask) -> Agent:
    return make_agent(Licence.PUBLISHER)


def last() -> Activity:
    return db.session.query(Activity).order_by(Activity.id.desc()).first() or pytest.fail("no activity")


def test_a_new_article_is_work_in_progress_of_its_author(candidate: Agent) -> None:
    article = services.create_article("  Grey\nbutton ", {**TEXT, "cause": " "}, by=candidate, tags=("a\tb",))
    assert (article.state, article.title, article.tags) == (ArticleState.WIP, "Grey button", ["a b"])
    assert article.current_version.parts == TEXT
    assert (article.author, article.owner, article.live_version) == (candidate, candidate, None)
    row = last()
    assert (row.kind, row.agent_id, row.article_id, row.before, row.after, row.authority) == (
        "article.created",
        candidate.id,
        article.id,
        None,
        "wip",
        "licence:candidate",
    )


@pytest.mark.parametrize(
    ("title", "parts", "field"),
    [("", TEXT, "title"), (" \0 ", TEXT, "title"), ("T", {"colour": "x"}, "colour")],
)
def test_what_cannot_be_an_article_is_refused_by_field(
    contributor: Agent, title: str, parts: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        services.create_article(title, parts, by=contributor)
    assert set(refusal.value.errors) == {field}


def test_every_saving_is_a_version_the_same_text_again_is_none(contributor: Agent) -> None:
    article = make_article(author=contributor)
    second = services.save_version(article, "Anew", TEXT, by=contributor, base=1, note="clearer")
    assert services.save_version(article, "Anew", TEXT, by=contributor, base=1) is second
    assert [(v.number, v.title, v.note) for v in versions_of(article)] == [
        (2, "Anew", "clearer"),
        (1, "Export button is grey, Reports 4.2", "imported"),
    ]
    assert db.session.query(Activity).filter_by(kind="article.edited").count() == 1
    assert last().detail == {"version_id": second.id}


def test_an_edit_of_an_older_text_is_refused_with_the_present_one(contributor: Agent) -> None:
    article = make_article()
    services.save_version(article, "Theirs", TEXT, by=make_agent(), base=1)
    with pytest.raises(StaleVersion, match="began from version 1, the present one is 2") as refusal:
        services.save_version(article, "Mine", TEXT, by=contributor, base=1)
    assert refusal.value.errors == {"present": {"number": 2, "title": "Theirs", **TEXT}}
    assert article.title == "Theirs"


def test_an_edit_of_a_published_article_waits_until_it_is_published_again(publisher: Agent) -> None:
    article = make_article(ArticleState.PUBLISHED)
    live = article.live_version
    services.save_version(article, "Better", TEXT, by=publisher, base=1)
    assert (article.live_version, article.title, article.has_unpublished_changes) == (live, "Better", True)
    services.move_article(article, Move.PUBLISH, by=publisher)
    assert (article.live_version, article.audience) == (article.current_version, Audience.PUBLIC)
    assert article.has_unpublished_changes is False


def test_a_candidates_edit_of_their_validated_article_needs_validation_again(
    candidate: Agent, contributor: Agent
) -> None:
    own, other = make_article(author=candidate), make_article(author=contributor)
    services.save_version(own, "Mine", TEXT, by=candidate, base=1)
    assert (own.state, last().before, last().after) == (
        ArticleState.NOT_VALIDATED,
        "validated",
        "not_validated",
    )
    with pytest.raises(NotAllowed, match="edit this article"):
        services.save_version(other, "Mine", TEXT, by=candidate, base=1)
    services.save_version(other, "Theirs", TEXT, by=contributor, base=1)
    assert other.state is ArticleState.VALIDATED


@pytest.mark.parametrize("state", [ArticleState.ARCHIVED, ArticleState.DELETED])
def test_what_is_out_of_use_is_not_edited(contributor: Agent, state: ArticleState) -> None:
    article = make_article(ArticleState.ARCHIVED if state is ArticleState.ARCHIVED else ArticleState.WIP)
    if state is ArticleState.DELETED:
        services.move_article(article, Move.DELETE, by=contributor)
    with pytest.raises(WorkflowError, match="restore it first"):
        services.save_version(article, "Mine", TEXT, by=contributor, base=1)
    assert not rights.may_edit(contributor, article)


def test_compliance_text_once_validated_is_kept_by_experts_alone(
    contributor: Agent, publisher: Agent
) -> None:
    expert = make_agent(Licence.PUBLISHER, [Role.EXPERT])
    article = services.create_article("Rule", TEXT, by=contributor, governance=Governance.COMPLIANCE)
    services.save_version(article, "Rule 1", TEXT, by=contributor, base=1)
    services.move_article(article, Move.COMPLETE, by=contributor)
    with pytest.raises(NotAllowed):
        services.move_article(article, Move.VALIDATE, by=publisher)
    services.move_article(article, Move.VALIDATE, by=expert)
    for person in (contributor, publisher):
        with pytest.raises(NotAllowed):
            services.save_version(article, "Rule 2", TEXT, by=person, base=2)
        with pytest.raises(NotAllowed):
            services.move_article(article, Move.PUBLISH, by=person, audience=Audience.PUBLIC)
        assert rights.open_moves(person, article) == []
    services.save_version(article, "Rule 2", TEXT, by=expert, base=2)
    services.move_article(article, Move.PUBLISH, by=expert, audience=Audience.PUBLIC)
    assert article.live_version is article.current_version


def test_a_move_keeps_why_apart_from_the_log(publisher: Agent) -> None:
    article = make_article(ArticleState.PUBLISHED)
    for nothing in ("", " \n", "\0"):
        with pytest.raises(InvalidInput, match="reason") as refused:
            services.move_article(article, Move.WITHDRAW, by=publisher, reason=nothing)
        assert refused.value.errors == {"reason": ["needed"]}
    services.move_article(article, Move.WITHDRAW, by=publisher, reason=" Wrong since\0 4.3 ")
    assert (article.state, article.live_version) == (ArticleState.VALIDATED, None)
    assert "Wrong" not in str(vars(last()))
    assert db.session.query(Remark).one().text == "Wrong since 4.3"


def test_the_same_open_flag_by_the_same_person_is_one(contributor: Agent, candidate: Agent) -> None:
    article = make_article()
    flags = [flag_article(article, " Old ", by=who) for who in (candidate, candidate, contributor)]
    assert flags[0] is flags[1]
    assert (
        db.session.query(Flag).count()
        == db.session.query(Activity).filter_by(kind="article.flagged").count()
        == 2
    )


def test_keys_follow_each_other_and_imported_ones_keep_theirs(contributor: Agent) -> None:
    first = services.create_article("One", TEXT, by=contributor)
    taken = make_article(key=f"KB-{int(first.key.removeprefix('KB-')) + 2}")
    third = services.create_article("Three", TEXT, by=contributor)
    assert len({first.key, taken.key, third.key}) == 3


APPEND_ONLY = ["versions", "activity", "licence_grants"]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_database_itself_refuses_to_change_history(contributor: Agent, table: str) -> None:
    make_article()
    db.session.commit()
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608 -- our own names
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()
    assert db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() > 0  # noqa: S608


def test_nothing_that_readers_see_lacks_validation_even_imported(app: Flask) -> None:
    for confidence in (Confidence.WIP, Confidence.NOT_VALIDATED, Confidence.ARCHIVED):
        for audience in (Audience.PARTNER, Audience.CUSTOMER, Audience.PUBLIC):
            with pytest.raises(InvalidInput, match="only validated"):
                import_article("T", TEXT, confidence=confidence, audience=audience)
    with pytest.raises(InvalidInput, match="needs a resolution, or a body"):
        import_article("T", {"issue": "x"})
    assert db.session.query(Article).filter(Article.live_version_id.is_not(None)).count() == 0
    assert db.session.query(Version).filter(Version.title == "never").count() == 0


def test_whoever_vouches_for_a_new_text_is_the_one_who_checked_it(app: Flask) -> None:
    coach, publisher = make_agent(roles=[Role.COACH]), make_agent(Licence.PUBLISHER)
    article = services.create_article("T", TEXT, by=make_agent(Licence.CANDIDATE))
    services.move_article(article, Move.VALIDATE, by=coach)
    assert article.last_checked_by_id == coach.id
    services.save_version(article, "Another", TEXT, by=publisher, base=1)
    assert (article.state, article.last_checked_by_id) == (ArticleState.VALIDATED, publisher.id)


def test_a_refused_move_names_the_fields_that_are_still_empty(app: Flask) -> None:
    publisher = make_agent(Licence.PUBLISHER)
    article = services.create_article("T", {"what_it_does": "Much"}, by=publisher, template="feature-card")
    with pytest.raises(WorkflowError, match="Still empty: Who has it") as refused:
        services.move_article(article, Move.VALIDATE, by=publisher)
    assert refused.value.errors == {"empty": ["Who has it"]}
