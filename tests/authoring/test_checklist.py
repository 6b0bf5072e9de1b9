"""The content standard, rule by rule: what keeps to it, and what does not and where."""

from __future__ import annotations

import pytest
from flask import Flask

from kcs.articles.models import Article
from kcs.articles.structure import SHIPPED
from kcs.authoring.checklist import RULES, examine
from kcs.authoring.typed import Draft
from kcs.people.models import Agent
from tests.factories import make_agent, make_article
from workflow.article import ArticleState
from workflow.permissions import Licence

TITLE = "Export button stays grey in Reports"
PARTS = {"issue": "The button is grey.", "environment": "Reports 4.2", "resolution": "Allow pop-ups."}


@pytest.fixture
def writer(app: Flask) -> Agent:
    make_article(key="KB-IN")
    make_article(ArticleState.PUBLISHED, key="KB-OUT")
    return make_agent(Licence.PUBLISHER)


def unmet(
    writer: Agent, title: str, parts: dict[str, str], article: Article | None = None
) -> dict[str, list[str]]:
    """Return the rules that are not met, each with the fields that break it."""
    draft = Draft(article, title, parts, SHIPPED["issue-resolution"])
    return {
        check.rule.id: [found.field for found in check.found]
        for check in examine(draft, writer)
        if not check.met
    }


TITLES = [
    (TITLE, []),
    ("Wie exportiere ich einen Bericht als PDF?", []),
    ("レポートを書き出せない", []),
    ("API returns HTTP 500 after login", []),
    ("Reports", ["title-says-it"]),
    ("Export", ["title-says-it"]),
    ("x" * 50, ["title-says-it"]),
    ("Export of a report " + "and more " * 13, ["title-length"]),
    ("How to fix bug 123 in Reports", ["title-number"]),
    ("Workaround for REP-4711 in Reports", ["title-number"]),
    ("Export fails, see ticket #88123", ["title-number"]),
    ("EXPORT BUTTON STAYS GREY", ["title-capitals"]),
]


def test_titles(writer: Agent) -> None:
    for title, expected in TITLES:
        assert list(unmet(writer, title, PARTS)) == expected, title


FIELDS: list[tuple[dict[str, str], dict[str, list[str]]]] = [
    ({"resolution": ""}, {"answer": ["resolution"]}),
    ({"resolution": " \n\t"}, {"answer": ["resolution"]}),
    ({"issue": ""}, {"required": ["issue"]}),
    ({"environment": ""}, {"advised": ["environment"]}),
    ({"cause": ""}, {}),
    ({"issue": "# Why is it grey?\n\n# How do I export?"}, {"one-question": ["issue"]}),
    ({"resolution": "1. Open it\n2. Press\n\nOr else\n\n1. Call\n2. Wait"}, {"one-answer": ["resolution"]}),
    ({"resolution": "```\n1. a\n```\n\n1. Open\n2. Press"}, {}),
    ({"resolution": "Press it. " * 300}, {"one-answer": ["resolution"], "short-thoughts": ["resolution"]}),
    ({"resolution": "so " * 41 + "there."}, {"short-thoughts": ["resolution"]}),
    ({"resolution": "```\n" + "word " * 90 + "\n```"}, {}),
    ({"resolution": "See [it](article:KB-IN) and [that](https://example.com/a?b=c#d)."}, {}),
    ({"resolution": "See [it](article:KB-GONE)."}, {"links-exist": ["resolution"]}),
    ({"resolution": "See [it](http:/example.com)."}, {"addresses": ["resolution"]}),
    ({"resolution": "See [it](example)."}, {"addresses": ["resolution"]}),
    ({"resolution": "Write to [us](mailto:help)."}, {"addresses": ["resolution"]}),
    ({"resolution": "`[it](article:KB-GONE)` is how a link looks."}, {}),
    ({"issue": "Maria, maria.lopez@example.com, cannot export."}, {"personal": ["issue"]}),
    ({"notes": "Ask maria.lopez@example.com"}, {}),
]


def test_fields_links_thoughts_and_personal_data(writer: Agent) -> None:
    for change, expected in FIELDS:
        assert unmet(writer, TITLE, {**PARTS, **change}) == expected, change


def test_a_public_article_links_public_ones_alone(writer: Agent) -> None:
    article = make_article(ArticleState.PUBLISHED, key="KB-P")
    link = {**PARTS, "resolution": "See [it](article:KB-IN)."}
    assert unmet(writer, TITLE, link, article) == {"links-open": ["resolution"]}
    assert unmet(writer, TITLE, {**PARTS, "resolution": "See [it](article:KB-OUT)."}, article) == {}
    assert unmet(writer, TITLE, {**PARTS, "notes": "See [it](article:KB-IN)."}, article) == {}
    assert unmet(writer, TITLE, link) == {}


def test_each_template_asks_for_its_own_fields(app: Flask) -> None:
    draft = Draft(
        None, "What a policy says of exports", {"applies_to": "All", "resolution": "Yes."}, SHIPPED["policy"]
    )
    checks = {check.rule.id: [found.field for found in check.found] for check in examine(draft, make_agent())}
    assert checks["required"] == ["in_force", "authority"]


def met(writer: Agent, title: str, parts: dict[str, str]) -> set[str]:
    draft = Draft(None, title, parts, SHIPPED["issue-resolution"])
    return {check.rule.id for check in examine(draft, writer) if check.met}


def test_nothing_is_well_said_that_is_not_said_yet(writer: Agent) -> None:
    blank = dict.fromkeys(PARTS, " \n")
    title_rules = {"title-says-it", "title-length", "title-number", "title-capitals"}
    assert met(writer, "", {}) == met(writer, " ", blank) == set()
    assert met(writer, TITLE, blank) == title_rules
    assert met(writer, "", PARTS) == {rule.id for rule in RULES} - title_rules
    assert list(unmet(writer, "Ask maria.lopez@example.com today", {})) == [
        "answer",
        "required",
        "personal",
        "advised",
    ]


def test_a_page_does_not_wait_for_a_closer_look_at_a_long_text(writer: Agent) -> None:
    parts = {**PARTS, "resolution": "See [it](article:KB-GONE).\n\n" + "Press it.\n\n" * 2500}
    draft = Draft(None, TITLE, parts, SHIPPED["issue-resolution"])
    quick, patient = (
        {check.rule.id for check in examine(draft, writer, patient=each)} for each in (False, True)
    )
    assert patient - quick == {"links-exist", "links-open", "addresses", "personal"}


def test_every_rule_has_words_a_hint_and_an_id_of_its_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.words and rule.hint.endswith(".") for rule in RULES)
