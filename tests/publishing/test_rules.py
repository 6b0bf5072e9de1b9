"""Where articles go: the most specific rule wins, and nothing is ever shown to more people."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs.articles.models import Article
from kcs.articles.policy_acts import DomainSettings, save_domain
from kcs.database import db
from kcs.errors import InvalidInput, RemoteError
from kcs.people.models import Agent
from kcs.ports import Place, Places
from kcs.publishing.models import Publication, PublicationState, PublishingRule, Target
from kcs.publishing.places import keep_offer, stored_offer
from kcs.publishing.placing import placement_of
from kcs.publishing.rules import Rule, save_rule
from tests.factories import make_agent, make_article, sign_in
from tests.fakes import FakeHelpCentre
from tests.publishing.conftest import Press, publication
from workflow.article import Audience, Move
from workflow.permissions import Role

OFFERED = Places(
    {
        "section_id": (Place("1", "Answers"), Place("5", "Billing > Invoices"), Place("7", "Partners")),
        "permission_group_id": (Place("1", "Agents"),),
        "user_segment_id": (Place("88", "Signed-in users"), Place("99", "Partners of Acme")),
    },
    ("en-us", "es"),
    "user_segment_id",
)
PAGE = "/admin/connections/acme/publishing"


@pytest.fixture
def admin(app: Flask, help_centre: FakeHelpCentre) -> int:
    """An administrator; the account offers sections, groups and languages."""
    help_centre.offered = OFFERED
    target = the_target()
    catalogue = app.extensions["kcs.publishing_places"]
    keep_offer(target, catalogue.offered_by(target.connection, target))
    made = make_agent(None, [Role.ADMIN])
    db.session.commit()
    return made.id


def who(admin: int) -> Agent:
    return db.session.get_one(Agent, admin)


def the_target() -> Target:
    return db.session.execute(select(Target)).scalar_one()


def rule(admin: int, audience: Audience, domain: str = "", locale: str = "", **settings: str) -> None:
    """Save a rule."""
    save_rule(the_target(), Rule(domain, audience, locale, settings, ("from-a-rule",)), by=who(admin))
    db.session.commit()


WINNERS = {
    "no rule": ([], "1"),
    "one for everything": ([("", "", "5")], "5"),
    "a language before everything": ([("", "", "5"), ("", "en", "6")], "6"),
    "a domain before a language": ([("", "en", "6"), ("billing", "", "7")], "7"),
    "both before a domain": ([("billing", "", "7"), ("billing", "en", "8")], "8"),
    "another domain's is nothing to it": ([("general", "", "5")], "1"),
    "another language's is nothing to it": ([("billing", "es", "5")], "1"),
}


@pytest.mark.parametrize("case", WINNERS)
def test_the_most_specific_rule_wins(press: Press, article: int, admin: int, case: str) -> None:
    given, expected = WINNERS[case]
    domain = save_domain("billing", DomainSettings("Billing"), by=who(admin))
    made = db.session.get_one(Article, article)
    made.domain_id = domain.id
    for of_domain, locale, section in given:
        rule(admin, Audience.PUBLIC, of_domain, locale, section_id=section)
    press.publish(article)
    found = placement_of(db.session.get_one(Article, article), the_target())
    assert found is not None
    assert found.settings["section_id"] == expected
    assert found.settings["permission_group_id"] == "1"


def test_settings_and_labels_of_the_rule_reach_the_help_centre(
    press: Press, article: int, admin: int, help_centre: FakeHelpCentre
) -> None:
    rule(admin, Audience.PUBLIC, section_id="5", user_segment_id="88")
    press.publish(article)
    press.work()
    assert dict(help_centre.settings) == {
        "section_id": "5",
        "permission_group_id": "1",
        "user_segment_id": "88",
    }
    assert help_centre.articles["1"].labels == ("from-a-rule",)


@pytest.mark.parametrize("audience", [Audience.PARTNER, Audience.CUSTOMER])
def test_partners_and_customers_need_a_rule_of_their_own(
    press: Press, article: int, admin: int, help_centre: FakeHelpCentre, audience: Audience
) -> None:
    rule(admin, Audience.PUBLIC, section_id="5", user_segment_id="99")
    press.publish(article, audience)
    press.work()
    assert help_centre.articles == {}
    rule(admin, audience, section_id="7", user_segment_id="99")
    press.work()
    press.work()
    assert help_centre.live == {"1"}
    assert help_centre.settings["user_segment_id"] == "99"


def test_a_rule_for_partners_names_who_may_read(admin: int) -> None:
    with pytest.raises(InvalidInput) as raised:
        rule(admin, Audience.PARTNER, section_id="7")
    assert list(raised.value.errors) == ["user_segment_id"]
    with pytest.raises(InvalidInput):
        rule(admin, Audience.INTERNAL, section_id="7", user_segment_id="99")


def test_an_article_whose_rule_is_gone_is_withdrawn(
    app: Flask, client: FlaskClient, press: Press, article: int, admin: int, help_centre: FakeHelpCentre
) -> None:
    rule(admin, Audience.PARTNER, section_id="7", user_segment_id="99")
    press.publish(article, Audience.PARTNER)
    press.work()
    assert help_centre.live == {"1"}
    [found] = db.session.execute(select(PublishingRule)).scalars()
    sign_in(client, who(admin))
    assert client.post(f"{PAGE}/rules/{found.id}/remove").status_code == 303
    press.work()
    press.work()
    assert help_centre.live == set()
    assert publication().state is PublicationState.WITHDRAWN


def test_what_becomes_public_is_no_longer_for_partners_alone(
    press: Press, article: int, admin: int, help_centre: FakeHelpCentre
) -> None:
    rule(admin, Audience.PARTNER, section_id="7", user_segment_id="99")
    press.publish(article, Audience.PARTNER)
    press.work()
    press.move(article, Move.WITHDRAW)
    press.work()
    press.publish(article, Audience.PUBLIC)
    press.work()
    assert help_centre.settings.get("user_segment_id") == ""


def test_a_translation_for_others_does_not_go_into_the_same_article(
    press: Press, article: int, admin: int, help_centre: FakeHelpCentre
) -> None:
    translation = make_article()
    translation.locale, translation.translation_of_id = "es", article
    db.session.commit()
    translation_id = translation.id
    rule(admin, Audience.PARTNER, section_id="7", user_segment_id="99")
    press.publish(article)
    press.publish(translation_id, Audience.PARTNER)
    press.work()
    press.work()
    assert set(help_centre.texts) == {("1", "en-us")}
    row = db.session.execute(select(Publication).where(Publication.article_id == translation_id)).scalar_one()
    assert (row.state, "other readers" in row.problem) == (PublicationState.FAILED, True)


def test_the_page_shows_what_the_account_offers_and_saves_it(
    client: FlaskClient, admin: int, help_centre: FakeHelpCentre
) -> None:
    sign_in(client, who(admin))
    shown = client.get(PAGE).text
    assert "Billing &gt; Invoices" in shown
    form = {
        "locale": "es",
        "set-section_id": "5",
        "set-permission_group_id": "1",
        "archives": "1",
        "active": "1",
    }
    assert client.post(PAGE, data={**form, "locale-en": "en-us"}).status_code == 303
    db.session.expire_all()
    target = the_target()
    assert (target.locale, target.archives, target.locales) == ("es", True, {"en": "en-us"})
    assert target.settings["section_id"] == "5"
    refused = client.post(PAGE, data={**form, "set-section_id": "666"})
    assert (refused.status_code, "does not offer this" in refused.text) == (422, True)
    assert help_centre.calls.count("places") == 1


def test_a_target_without_a_place_says_what_is_missing(client: FlaskClient, admin: int) -> None:
    sign_in(client, who(admin))
    form = {"locale": "en-us", "set-section_id": "", "set-permission_group_id": ""}
    told = {}
    for name, more in (("on", {"active": "1"}), ("off", {})):
        the_target().settings = {}
        db.session.commit()
        told[name] = client.post(PAGE, data={**form, **more}, follow_redirects=True).text
        told[f"{name}, connection"] = client.get("/admin/connections/acme").text
    missing = "Not chosen yet: Section, Permission group."
    assert {name: missing in text for name, text in told.items()} == {
        "on": True,
        "on, connection": True,
        "off": False,
        "off, connection": False,
    }
    assert "Articles follow" not in told["on"]
    whole = {**form, "set-section_id": "5", "set-permission_group_id": "1", "active": "1"}
    saved = client.post(PAGE, data=whole, follow_redirects=True).text
    assert ("Articles follow" in saved, "Not chosen yet" in saved) == (True, False)


@pytest.mark.parametrize(
    ("language", "words"), [("es", ("Sección", "Grupo de permisos")), ("id", ("Bagian", "Grup izin"))]
)
def test_the_page_speaks_the_readers_language(
    client: FlaskClient, admin: int, language: str, words: tuple[str, ...]
) -> None:
    who(admin).language = language
    db.session.commit()
    sign_in(client, who(admin))
    shown = client.get(PAGE).text
    assert [word for word in words if word not in shown] == []
    assert '<li><a href="/admin/connections/">' in shown


def test_an_account_that_cannot_be_asked_keeps_the_choices(
    app: Flask, client: FlaskClient, admin: int, help_centre: FakeHelpCentre
) -> None:
    sign_in(client, who(admin))
    app.extensions["kcs.publishing_places"]._known.clear()
    help_centre.problem = RemoteError("the token was refused", permanent=True)
    shown = client.get(PAGE)
    assert (shown.status_code, "the token was refused" in shown.text) == (200, True)
    assert "Billing &gt; Invoices" in shown.text
    assert stored_offer(the_target()).name_of("section_id", "5") == "Billing > Invoices"


def test_a_rule_is_added_on_the_page_with_its_faults_said(client: FlaskClient, admin: int) -> None:
    sign_in(client, who(admin))
    refused = client.post(f"{PAGE}/rules", data={"audience": "partner", "rule-set-section_id": "7"})
    assert (refused.status_code, "say who may read" in refused.text) == (422, True)
    given = {
        "audience": "partner",
        "rule-set-section_id": "7",
        "rule-set-user_segment_id": "99",
        "labels": "a, b",
    }
    assert client.post(f"{PAGE}/rules", data={**given, "labels": "a, b"}).status_code == 303
    assert client.post(f"{PAGE}/rules", data={**given, "labels": "c"}).status_code == 303
    [saved] = db.session.execute(select(PublishingRule)).scalars()
    assert (saved.audience, saved.labels) == (Audience.PARTNER, ["c"])
    assert "Partners of Acme" in client.get(PAGE).text
