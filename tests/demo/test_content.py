"""The rules the demo content keeps; see kcs/demo/content/README.md."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from kcs.articles.structure import SHIPPED, Need
from kcs.demo.life import read_life

CONTENT = Path(__file__).resolve().parents[2] / "kcs" / "demo" / "content"

Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    lines = (CONTENT / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


TEAM: Row = json.loads((CONTENT / "team.json").read_text(encoding="utf-8"))
PEOPLE: list[Row] = TEAM["people"]
ARTICLES = rows("articles.jsonl")
TICKETS = rows("tickets.jsonl")
ARTICLE_BY_KEY = {article["key"]: article for article in ARTICLES}
DESK_AGENTS = {person["email"] for person in PEOPLE if person["desk_agent"]}

ARTICLE_FIELDS = {
    "key", "title", "issue", "environment", "resolution", "cause", "audience", "confidence", "locale", "tags",
}  # fmt: skip
TICKET_FIELDS = {"n", "requester", "subject", "body", "tags", "agent", "reply", "outcome"}
OPTIONAL_TICKET_FIELDS = {"note", "article", "could_link", "exempt_reason", "life"}
EXEMPT_REASONS = {"no_knowledge", "spam_or_duplicate", "waiting_on_product", "confidential", "out_of_scope"}

EMAIL = re.compile(r"[\w.+-]+@([\w.-]*\w)")
WEB_ADDRESS = re.compile(r"https?://([\w.-]*\w)")
RESERVED_DOMAIN = re.compile(r"(.+\.)?(example|example\.(com|net|org))")
PHONE = re.compile(r"\+?\d[\d ()-]{5,}\d")
FICTIONAL_PHONE = re.compile(r"(\+44 ?|0)20 7946 0\d{3}|(\+44 ?|0)7700 900\d{3}|(\+1 )?555-01\d\d")


def texts(value: object) -> list[str]:
    """Every string inside `value`, at any depth."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return []


ALL_TEXTS = texts([TEAM, ARTICLES, TICKETS])


def found(pattern: re.Pattern[str], among: list[str]) -> list[str]:
    return [match.group() for text in among for match in pattern.finditer(text)]


def word_runs(text: str, length: int = 8) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


# Articles


def test_article_keys_are_unique() -> None:
    assert len(ARTICLE_BY_KEY) == len(ARTICLES) == 45


@pytest.mark.parametrize(
    ("confidence", "audience", "count"),
    [
        ("validated", "public", 26),
        ("validated", "internal", 9),
        ("not_validated", "internal", 7),
        ("wip", "internal", 3),
    ],
)
def test_articles_are_spread_over_the_states(confidence: str, audience: str, count: int) -> None:
    spread = Counter((article["confidence"], article["audience"]) for article in ARTICLES)
    assert spread[confidence, audience] == count


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article["key"])
def test_an_article_is_complete_for_its_confidence(article: Row) -> None:
    assert set(article) == ARTICLE_FIELDS
    assert article["locale"] == "en"
    assert article["tags"]
    assert len(article["title"]) <= 125
    assert article["issue"].startswith("- ")
    assert article["environment"].startswith("- ")
    if article["confidence"] == "wip":
        assert article["resolution"] == ""
    else:
        assert article["resolution"].startswith("1. ")


def test_some_articles_hold_tables_and_code() -> None:
    resolutions = [article["resolution"] for article in ARTICLES]
    assert sum("|---|" in text for text in resolutions) >= 2
    assert sum("```" in text for text in resolutions) >= 2


def test_articles_hold_no_personal_data() -> None:
    article_texts = texts(ARTICLES)
    assert found(EMAIL, article_texts) == []
    assert found(PHONE, article_texts) == []


# Team


def test_team_members_are_complete_and_unique() -> None:
    assert len({person["email"] for person in PEOPLE}) == len(PEOPLE) == 8
    for person in PEOPLE:
        assert person["team"] in TEAM["teams"]
        assert person["email"].endswith("@fernhill.example")
        assert set(person["roles"]) <= {"coach", "expert", "manager", "admin"}


def test_desk_agents_cover_the_licences() -> None:
    licences = Counter(person["licence"] for person in PEOPLE if person["desk_agent"])
    assert licences == {"candidate": 2, "contributor": 2, "publisher": 1}


def test_each_role_of_the_demo_has_one_person_to_sign_in_as() -> None:
    signs_in = {person["sign_in_for"]: person for person in PEOPLE if "sign_in_for" in person}
    assert sum("sign_in_for" in person for person in PEOPLE) == 5
    assert set(signs_in) == {"agent", "coach", "publisher", "manager", "admin"}
    assert signs_in["agent"]["licence"] == "contributor"
    assert signs_in["agent"]["desk_agent"]
    assert signs_in["publisher"]["licence"] == "publisher"
    for role in ("coach", "manager", "admin"):
        assert role in signs_in[role]["roles"]
    for role in ("manager", "admin"):
        assert signs_in[role]["licence"] is None
        assert not signs_in[role]["desk_agent"]


# Tickets


def test_tickets_are_numbered_1_to_200() -> None:
    assert [ticket["n"] for ticket in TICKETS] == list(range(1, 201))


def test_outcomes_and_lives_are_spread_as_planned() -> None:
    assert Counter(ticket["outcome"] for ticket in TICKETS) == {
        "link": 118, "draft": 24, "exempt": 12, "none": 26, "open": 20,
    }  # fmt: skip
    lives = Counter(ticket["life"] for ticket in TICKETS if "life" in ticket)
    assert lives == {"late_link": 10, "reopened": 8}
    could = Counter(ticket["outcome"] for ticket in TICKETS if "could_link" in ticket)
    assert could == {"none": 18, "open": 14}


@pytest.mark.parametrize("ticket", TICKETS, ids=lambda ticket: f"ticket-{ticket['n']}")
def test_a_ticket_is_complete_for_its_outcome(ticket: Row) -> None:
    outcome = ticket["outcome"]
    assert TICKET_FIELDS <= set(ticket) <= TICKET_FIELDS | OPTIONAL_TICKET_FIELDS
    assert {"name", "email"} <= set(ticket["requester"]) <= {"name", "email", "phone", "address"}
    assert ticket["subject"]
    assert ticket["body"]
    assert ticket["agent"] in DESK_AGENTS
    assert ("article" in ticket) == (outcome == "link")
    assert ("exempt_reason" in ticket) == (outcome == "exempt")
    assert ticket.get("exempt_reason", "no_knowledge") in EXEMPT_REASONS
    if "life" in ticket:
        assert outcome == "link"
    if "could_link" in ticket:
        assert outcome in {"none", "open"}


def test_linked_articles_exist_and_hold_an_answer() -> None:
    keys = {ticket[field] for ticket in TICKETS for field in ("article", "could_link") if field in ticket}
    assert keys <= set(ARTICLE_BY_KEY)
    assert all(ARTICLE_BY_KEY[key]["confidence"] != "wip" for key in keys)


def test_solved_tickets_are_answered_and_signed_by_their_agent() -> None:
    names = {person["email"]: person["name"].split()[0] for person in PEOPLE}
    for ticket in TICKETS:
        if ticket["reply"]:
            assert names[ticket["agent"]] in ticket["reply"].split("\n\n")[-1], ticket["n"]
        else:
            assert ticket["outcome"] == "open" or ticket.get("exempt_reason") == "spam_or_duplicate"


def test_an_address_always_belongs_to_the_same_requester() -> None:
    names = defaultdict(set)
    for ticket in TICKETS:
        names[ticket["requester"]["email"]].add(ticket["requester"]["name"])
    assert {email: people for email, people in names.items() if len(people) > 1} == {}


def test_twelve_tickets_are_in_other_languages() -> None:
    languages = Counter(tag for ticket in TICKETS for tag in ticket["tags"] if tag.startswith("lang_"))
    assert set(languages) == {"lang_es", "lang_id", "lang_he"}
    assert languages.total() == 12


def test_reuse_is_a_pareto_curve() -> None:
    uses = sorted(Counter(t["article"] for t in TICKETS if "article" in t).values(), reverse=True)
    assert sum(uses[:9]) >= 0.45 * sum(uses)
    assert uses.count(1) >= 12


def test_link_rates_differ_between_agents() -> None:
    solved = [ticket for ticket in TICKETS if ticket["outcome"] != "open"]
    with_article = Counter(t["agent"] for t in solved if t["outcome"] in {"link", "draft"})
    closed = Counter(ticket["agent"] for ticket in solved)
    rates = [with_article[agent] / closed[agent] for agent in DESK_AGENTS]
    assert min(closed[agent] for agent in DESK_AGENTS) >= 20
    assert max(rates) - min(rates) > 0.3


def test_no_two_tickets_are_worded_alike() -> None:
    assert len({ticket["subject"] for ticket in TICKETS}) == len(TICKETS)
    assert len({ticket["body"] for ticket in TICKETS}) == len(TICKETS)


def test_no_ticket_copies_its_article() -> None:
    for ticket in TICKETS:
        key = ticket.get("article") or ticket.get("could_link")
        if key:
            article_runs = {run for text in texts(ARTICLE_BY_KEY[key]) for run in word_runs(text)}
            assert not word_runs(ticket["body"]) & article_runs, (ticket["n"], key)


# Everything


def test_mail_and_web_addresses_lie_in_reserved_domains() -> None:
    domains = {m.group(1) for text in ALL_TEXTS for p in (EMAIL, WEB_ADDRESS) for m in p.finditer(text)}
    assert domains
    assert [domain for domain in domains if not RESERVED_DOMAIN.fullmatch(domain)] == []


def test_telephone_numbers_are_fictional() -> None:
    numbers = found(PHONE, ALL_TEXTS)
    assert len(numbers) > 20
    assert [number for number in numbers if not FICTIONAL_PHONE.fullmatch(number)] == []


LIFE = read_life()


def test_what_the_team_does_with_its_articles_names_people_and_articles_that_are_there() -> None:
    people = {person["email"] for person in TEAM["people"]}
    written = {each["name"] for each in LIFE["articles"]}
    articles = {article["key"] for article in ARTICLES}
    for acts in LIFE.values():
        assert {each["by"] for each in acts} <= people
    assert {each["article"] for each in LIFE["reviews"]} <= written
    for kind in ("proposals", "flags", "feedback"):
        assert {each["article"] for each in LIFE[kind]} <= articles, kind


@pytest.mark.parametrize("told", LIFE["articles"], ids=lambda told: told["name"])
def test_each_sample_text_fills_fields_of_its_template(told: Row) -> None:
    template = SHIPPED[told["template"]]
    assert set(told["parts"]) <= {field.name for field in template.fields}
    needed = {field.name for field in template.fields if field.need in (Need.ANSWER, Need.REQUIRED)}
    assert needed <= set(told["parts"])
