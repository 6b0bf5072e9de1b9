"""What administrators set: templates, domains, rights; nobody gets to read more because of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs.activity.models import Activity
from kcs.articles import rights, services
from kcs.articles.domains import domain_for_tags, domain_named, domain_of, general_domain
from kcs.articles.layout import offered_templates, readable_parts, shown_parts, template_named
from kcs.articles.policy import Expiry
from kcs.articles.policy_acts import DomainSettings, save_domain, save_rights, save_template
from kcs.articles.structure import SHIPPED, Field, Need, Template
from kcs.articles.writing import missing
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, WorkflowError
from kcs.people.models import Agent
from kcs.publishing.models import Publication, PublicationState, Target
from kcs.search.models import SearchChange
from tests.factories import make_agent, make_article, make_connection, sign_in
from workflow.article import ArticleState, Audience, Confidence, Move
from workflow.permissions import RIGHTS, WIDEST, Holder, Licence, Right, Role, Scope, fault_of

ANSWER = Field("answer", "Answer", need=Need.ANSWER)
TIP = Field("tip", "Tip")
CARD = Template("card", "Card", "", (ANSWER, TIP))


@pytest.fixture
def admin(app: Flask) -> Agent:
    return make_agent(None, [Role.ADMIN])


@pytest.fixture
def publisher(app: Flask) -> Agent:
    return make_agent(Licence.PUBLISHER)


# ---- templates ----


def test_the_shipped_templates_are_there_and_each_can_be_answered(app: Flask) -> None:
    assert {each.key for each in offered_templates()} == {
        "issue-resolution",
        "how-to",
        "question-answer",
        "feature-card",
        "policy",
        "plain",
    }
    for template in SHIPPED.values():
        assert any(field.need is Need.ANSWER for field in template.fields), template.key
        assert len({field.name for field in template.fields}) == len(template.fields), template.key


def test_an_author_fills_the_fields_of_a_template_and_no_others(publisher: Agent) -> None:
    article = services.create_article(
        "T", {"issue": "Goal", "before": "Sign in"}, by=publisher, template="how-to"
    )
    assert list(readable_parts(article.current_version, publisher)) == ["issue", "before"]
    assert missing(article.current_version, Need.ANSWER) == ["Steps"]
    with pytest.raises(InvalidInput, match="has no field called colour") as refused:
        services.save_version(article, "T", {"colour": "red"}, by=publisher, base=1)
    assert refused.value.errors == {"colour": ["unknown field"]}
    with pytest.raises(InvalidInput, match="no template 'poem'"):
        services.create_article("T", {}, by=publisher, template="poem")


def test_the_template_says_which_fields_the_workflow_needs(publisher: Agent) -> None:
    article = services.create_article("T", {"resolution": "No."}, by=publisher, template="policy")
    expert = make_agent(Licence.PUBLISHER, [Role.EXPERT])
    with pytest.raises(WorkflowError, match="very required field"):
        services.move_article(article, Move.VALIDATE, by=expert)
    parts = {"resolution": "No.", "applies_to": "All", "in_force": "2026-01-01", "authority": "Legal"}
    services.save_version(article, "T", parts, by=expert, base=1)
    services.move_article(article, Move.VALIDATE, by=expert)
    assert article.governance.value == "compliance"


def test_a_new_template_is_there_for_the_next_author(admin: Agent, publisher: Agent) -> None:
    save_template(CARD, by=admin)
    article = services.create_article("T", {"answer": "Yes", "tip": "Go"}, by=publisher, template="card")
    assert [part.field.label for part in shown_parts(article.current_version, publisher)] == ["Answer", "Tip"]
    save_template(CARD, by=admin, offered=False)
    assert "card" not in {each.key for each in offered_templates()}
    assert db.session.query(Activity).filter_by(kind="template.saved").count() == 2


@pytest.mark.parametrize(
    ("template", "field"),
    [
        (replace(CARD, key="Not A Key"), "key"),
        (replace(CARD, key=""), "key"),
        (replace(CARD, name=" "), "name"),
        (replace(CARD, fields=()), "fields"),
        (replace(CARD, fields=(TIP,)), "fields"),
        (replace(CARD, fields=(ANSWER, replace(TIP, name="answer"))), "fields"),
        (replace(CARD, fields=(ANSWER, replace(TIP, name="Tip!"))), "fields"),
        (replace(CARD, fields=(ANSWER, replace(TIP, label=""))), "fields"),
        (replace(CARD, fields=(ANSWER, replace(TIP, readers=("king",)))), "fields"),
    ],
)
def test_what_cannot_be_a_template_is_refused_by_field(admin: Agent, template: Template, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        save_template(template, by=admin)
    assert list(refused.value.errors) == [field]


def test_old_text_survives_a_field_that_is_taken_out_and_stays_inside(admin: Agent, publisher: Agent) -> None:
    save_template(CARD, by=admin)
    article = services.create_article("T", {"answer": "Yes", "tip": "Go"}, by=publisher, template="card")
    save_template(replace(CARD, fields=(ANSWER,)), by=admin)
    version = article.current_version
    assert [part.field.label for part in shown_parts(version, publisher)] == ["Answer", "Tip (earlier field)"]
    assert readable_parts(version, Audience.PUBLIC) == {"answer": "Yes"}
    services.save_version(article, "T", {"answer": "Yes!", "tip": "Go"}, by=publisher, base=1)
    assert article.current_version.parts == {"answer": "Yes!", "tip": "Go"}
    services.save_version(article, "T", {"answer": "Yes!"}, by=publisher, base=2)
    assert article.current_version.parts == {"answer": "Yes!"}


INSIDE = replace(TIP, audience=Audience.INTERNAL)
FOR_SOME = replace(INSIDE, readers=("publisher",))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (INSIDE, TIP),
        (INSIDE, replace(TIP, audience=Audience.PARTNER)),
        (FOR_SOME, INSIDE),
        (FOR_SOME, replace(FOR_SOME, readers=("publisher", "coach"))),
    ],
)
def test_a_field_that_holds_text_never_gets_more_readers(
    admin: Agent, publisher: Agent, before: Field, after: Field
) -> None:
    save_template(replace(CARD, fields=(ANSWER, before)), by=admin)
    wider = replace(CARD, fields=(ANSWER, after))
    article = services.create_article("T", {"answer": "Yes", "tip": "Secret"}, by=publisher, template="card")
    with pytest.raises(InvalidInput, match="written for fewer readers"):
        save_template(wider, by=admin)
    # Not by taking it out and putting it back either.
    save_template(replace(CARD, fields=(ANSWER,)), by=admin)
    with pytest.raises(InvalidInput, match="written for fewer readers"):
        save_template(wider, by=admin)
    assert readable_parts(article.current_version, Audience.PUBLIC) == {"answer": "Yes"}


def test_a_field_nobody_has_written_in_may_get_more_readers(admin: Agent, publisher: Agent) -> None:
    save_template(replace(CARD, fields=(ANSWER, INSIDE)), by=admin)
    services.create_article("T", {"answer": "Yes"}, by=publisher, template="card")
    assert save_template(CARD, by=admin).field("tip") == TIP


def test_a_field_with_fewer_readers_is_hidden_at_once_wherever_it_was_shown(
    admin: Agent, publisher: Agent
) -> None:
    save_template(CARD, by=admin)
    article = services.create_article("T", {"answer": "Yes", "tip": "Go"}, by=publisher, template="card")
    services.move_article(article, Move.VALIDATE, by=publisher)
    target = Target(connection_id=make_connection().id, locale="en-us", settings={})
    db.session.add(target)
    db.session.flush()
    services.move_article(article, Move.PUBLISH, by=publisher, audience=Audience.PUBLIC)
    sent = db.session.query(Publication).one()
    sent.state, sent.version_id = PublicationState.LIVE, article.live_version_id
    db.session.commit()
    looked_at = db.session.query(SearchChange).count()
    save_template(replace(CARD, fields=(ANSWER, INSIDE)), by=admin)
    db.session.commit()
    assert readable_parts(article.current_version, Audience.PUBLIC) == {"answer": "Yes"}
    assert sent.state is PublicationState.PENDING
    assert db.session.query(SearchChange).count() == looked_at + 1


def test_a_field_for_some_colleagues_reaches_nobody_else(
    client: FlaskClient, admin: Agent, publisher: Agent
) -> None:
    save_template(replace(CARD, fields=(ANSWER, FOR_SOME)), by=admin)
    parts = {"answer": "Yes", "tip": "quicksilver"}
    article = services.create_article("T", parts, by=publisher, template="card")
    article.confidence, article.audience = Confidence.VALIDATED, Audience.INTERNAL
    services.move_article(article, Move.PUBLISH, by=publisher, audience=Audience.PUBLIC)
    coach = make_agent(Licence.CONTRIBUTOR, [Role.COACH])
    places = ["", "/versions", "/versions/1", "/edit"]
    sign_in(client, coach)
    for place in places:
        assert "quicksilver" not in client.get(f"/articles/{article.key}{place}").text, place
    assert "quicksilver" not in client.get(f"/help/articles/{article.key}").text
    assert article.key not in client.get("/search?q=quicksilver").text
    client.post("/sign-out")
    sign_in(client, publisher)
    assert "quicksilver" in client.get(f"/articles/{article.key}").text


# ---- domains ----


def test_a_domain_says_how_its_articles_are_looked_after(admin: Agent, publisher: Agent) -> None:
    expert = make_agent(Licence.CONTRIBUTOR, [Role.EXPERT])
    settings = DomainSettings(
        "Printers",
        "how-to",
        ("printer",),
        None,
        Expiry.ARCHIVE,
        2,
        3,
        None,
        9,
        others_validate=True,
        experts=(expert.id,),
    )
    domain = save_domain("printers", settings, by=admin)
    assert (domain.check_days, domain.validate_after, domain.experts) == (None, None, [expert])
    assert domain_for_tags(["vip", "printer"]) is domain
    assert domain_for_tags(["vip"]) is None
    article = services.create_article("T", {"resolution": "r"}, by=publisher, domain_id=domain.id)
    assert domain_of(article) is domain
    assert article.current_version.template == "how-to"
    save_domain("printers", replace(settings, experts=()), by=admin)
    assert domain_named("printers").experts == []


def test_an_article_without_a_domain_is_in_the_general_one(admin: Agent) -> None:
    article = make_article()
    assert (domain_of(article).key, domain_of(article).check_days) == ("general", 365)
    save_domain("general", DomainSettings("Everything", check_days=30), by=admin)
    assert (general_domain().name, domain_of(article).check_days) == ("Everything", 30)


@pytest.mark.parametrize(
    ("key", "settings", "field"),
    [
        ("No Key", DomainSettings("D"), "key"),
        ("d", DomainSettings(" "), "name"),
        ("d", DomainSettings("D", template="poem"), "template"),
        ("d", DomainSettings("D", check_days=0), "check_days"),
        ("d", DomainSettings("D", flag_days=10_001), "flag_days"),
    ],
)
def test_what_cannot_be_a_domain_is_refused_by_field(
    admin: Agent, key: str, settings: DomainSettings, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        save_domain(key, settings, by=admin)
    assert list(refused.value.errors) == [field]


def test_where_the_domain_says_so_nobody_vouches_for_their_own_text(admin: Agent, publisher: Agent) -> None:
    domain = save_domain("careful", DomainSettings("Careful", others_validate=True), by=admin)
    other = make_agent(Licence.PUBLISHER)
    parts = {"issue": "i", "resolution": "r"}
    article = services.create_article("T", parts, by=publisher, domain_id=domain.id)
    with pytest.raises(WorkflowError, match="obody validates their own"):
        services.move_article(article, Move.VALIDATE, by=publisher)
    services.move_article(article, Move.VALIDATE, by=other)
    services.save_version(article, "T", {**parts, "cause": "c"}, by=other, base=1)
    assert article.state is ArticleState.NOT_VALIDATED
    with pytest.raises(WorkflowError):
        services.move_article(article, Move.VALIDATE, by=other)
    third = make_agent(Licence.CONTRIBUTOR)
    services.move_article(article, Move.VALIDATE, by=third)
    services.move_article(article, Move.PUBLISH, by=publisher, audience=Audience.PUBLIC)
    services.save_version(article, "T", parts, by=publisher, base=2)
    with pytest.raises(WorkflowError, match="obody validates their own"):
        services.move_article(article, Move.PUBLISH, by=publisher)
    services.move_article(article, Move.PUBLISH, by=other)


# ---- rights ----


def with_right(right: Right, holder: Holder, scope: Scope | None) -> dict[Right, dict[Holder, Scope]]:
    """Return the default table with one cell changed."""
    table = {each: dict(held) for each, held in RIGHTS.items()}
    table[right].pop(holder, None)
    if scope is not None:
        table[right][holder] = scope
    return table


def test_the_default_table_of_rights_is_safe_and_within_its_bounds() -> None:
    assert fault_of(RIGHTS) == ""
    assert set(WIDEST) == set(Right)
    assert all(
        Licence.CANDIDATE not in WIDEST[right] for right in (Right.VALIDATE, Right.PUBLISH, Right.WAIVE)
    )


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (with_right(Right.VALIDATE, Licence.CANDIDATE, Scope.OWN), "cannot be given to a candidate"),
        (with_right(Right.PUBLISH, Licence.CANDIDATE, Scope.ANY), "cannot be given to a candidate"),
        (with_right(Right.ARCHIVE, Role.MANAGER, Scope.ANY), "cannot be given to a manager"),
        (with_right(Right.PUBLISH, Licence.PUBLISHER, None), "Somebody must hold the right 'publish'"),
        (with_right(Right.PUBLISH, Licence.PUBLISHER, Scope.OWN), "Somebody must hold the right 'publish'"),
        (with_right(Right.PUBLISH, Licence.CONTRIBUTOR, Scope.ANY), "must hold 'withdraw'"),
        (with_right(Right.VALIDATE, Licence.PUBLISHER, None), "must hold 'validate'"),
    ],
)
def test_an_unsafe_table_of_rights_is_refused(
    admin: Agent, table: dict[Right, dict[Holder, Scope]], why: str
) -> None:
    with pytest.raises(InvalidInput, match=why):
        save_rights(table, by=admin)
    assert rights.matrix() == RIGHTS


def test_a_changed_right_holds_at_once_and_is_recorded(admin: Agent) -> None:
    coach, article = make_agent(None, [Role.COACH]), make_article()
    with pytest.raises(NotAllowed):
        services.move_article(article, Move.ARCHIVE, by=coach)
    save_rights(with_right(Right.ARCHIVE, Role.COACH, Scope.ANY), by=admin)
    services.move_article(article, Move.ARCHIVE, by=coach)
    [changed] = db.session.query(Activity).filter_by(kind="right.changed")
    assert (changed.agent_id, changed.before, changed.after) == (admin.id, "none", "any")
    save_rights(RIGHTS, by=admin)
    assert rights.matrix() == RIGHTS


# ---- pages ----


def test_an_administrator_makes_a_template_a_domain_and_changes_a_right(
    client: FlaskClient, admin: Agent
) -> None:
    sign_in(client, admin)
    form = {
        "key": "card",
        "name": "Card",
        "rows": "2",
        "offered": "1",
        "name-0": "tip",
        "label-0": "Tip",
        "place-0": "2",
        "audience-0": "internal",
        "name-1": "answer",
        "label-1": "Answer",
        "need-1": "answer",
        "place-1": "1",
        "audience-1": "public",
    }
    assert client.post("/admin/templates/new", data=form).status_code == 303
    assert [field.name for field in template_named("card").fields] == ["answer", "tip"]
    again = client.post("/admin/templates/new", data=form)
    assert (again.status_code, "already" in again.text) == (422, True)
    refused = client.post("/admin/templates/card", data={**form, "need-1": "optional"})
    assert refused.status_code == 422
    assert "must be the answer" in refused.text
    assert 'value="Tip"' in refused.text
    shown = client.get("/admin/templates/card").text
    assert "Take this field out" in shown
    domain = {"key": "printers", "name": "Printers", "template": "card", "flag_days": "2", "review_days": "x"}
    bad = client.post("/admin/domains/new", data=domain)
    assert (bad.status_code, "no whole number" in bad.text, "Printers" in bad.text) == (422, True, True)
    good = {**domain, "review_days": "3", "claims": " Laser 3, ,toner"}
    assert client.post("/admin/domains/new", data=good).status_code == 303
    saved = domain_named("printers")
    assert (saved.check_days, saved.claims) == (None, ["Laser 3", "toner"])
    assert "Laser 3, toner" in client.get("/admin/domains/printers").text
    unsafe = client.post("/admin/rights", data={"publish:publisher": "any"})
    assert (unsafe.status_code, "Somebody must hold" in unsafe.text) == (422, True)
    assert rights.matrix() == RIGHTS
