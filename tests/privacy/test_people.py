"""The customers behind an article: all of them, however their names are written, however many they are."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from kcs import database
from kcs.articles.importing import import_article
from kcs.articles.models import Article
from kcs.database import db
from kcs.ports import DeskStatus
from kcs.privacy import services
from kcs.privacy.finding import Severity
from kcs.privacy.gate import check_text, find
from kcs.solving.models import Link, LinkRole, LinkSource
from kcs.tickets.models import Requester, Ticket
from tests.factories import make_agent, make_connection
from workflow.permissions import Licence

HARD, SOFT = Severity.HARD, Severity.SOFT


def person(name: str = "", **known: str) -> Requester:
    return Requester(name=name, **{"email": None, "phone": None, "address": None, **known})


# who, a text, and what of it is found with which weight
WRITTEN = [
    (person("Grace Hope"), "Grace Hope, grace hope", [("Grace Hope", HARD), ("grace hope", HARD)]),
    (person("Grace Hope"), "Grace period, Grace said", [("Grace", SOFT), ("Grace", SOFT)]),
    (person("Will May"), "it will work, you may try; WILL", [("WILL", SOFT)]),
    (person("Annegret Stein"), "Annegrets Drucker", [("Annegrets", HARD)]),
    (person("José Ángel Muñoz"), "JOSE and munoz", [("JOSE", HARD), ("munoz", HARD)]),
    (person("Jürgen Groß-Weißer"), "Juergen Gross-Weisser", [("Juergen Gross-Weisser", HARD)]),
    (person("Ayşe Kılıç"), "Ayse'nin, Kilic", [("Ayse", HARD), ("Kilic", HARD)]),
    (person("Pieter van den Bergh"), "de heer van den Bergh", [("van den Bergh", HARD)]),
    (person("Maria de la Cruz"), "la hoja de la caja", []),
    (person("Li Na"), "Li Na, li, Li", [("Li Na", HARD), ("Li", SOFT)]),
    (person("דוד מזרחי"), "כתבנו למזרחי", [("למזרחי", HARD)]),
    (person("王小明"), "请联系王小明。小明", [("王小明", HARD), ("小明", SOFT)]),
    (person("佐藤 健"), "佐藤様", [("佐藤", HARD)]),
    (person("Support Team"), "Ask the support team", [("support team", SOFT)]),
    (person("rosa@tienda.example"), "tienda, example: rosa@tienda.example", [("rosa@tienda.example", HARD)]),
    (person("+34 612 345 678"), "612345678", [("612345678", HARD)]),
    (person(phone="+49 30 23125 447 ext 12"), "030/23125447", [("030/23125447", HARD)]),
    (
        person(address="12 Hill Road, Norwich"),
        "in Norwich, 12 hill road",
        [("Norwich", SOFT), ("12 hill road", HARD)],
    ),
    (person(email="a.b@corp.example"), "a.b at corp dot example", [("a.b at corp dot example", HARD)]),
]


@pytest.mark.parametrize("row", WRITTEN, ids=lambda row: row[1])
def test_a_name_is_found_as_it_may_be_written(row: tuple[Requester, str, list[tuple[str, Severity]]]) -> None:
    who, text, expected = row
    assert [(text[each.start : each.end], each.severity) for each in find(text, who)] == expected


@settings(max_examples=40, deadline=None)
@given(*[st.text(max_size=30)] * 4)
def test_whatever_a_desk_says_of_somebody_can_be_looked_for(
    name: str, email: str, phone: str, address: str
) -> None:
    who = person(name, email=email, phone=phone, address=address)
    text = f"The export of {name} at {address} stops, {email} {phone}"
    assert all(0 <= each.start < each.end <= len(text) for each in find(text, who))


@pytest.mark.parametrize("name", ["&& Sons", "💐💐", "-- --", "Ann '' Lee", "", "' '", "X", "..."])
def test_a_name_of_signs_finds_nothing_and_breaks_nothing(name: str) -> None:
    assert find("It stops.", person(name)) == []


# Ends as no word and no particle does.
NAME = st.from_regex(r"[B-DF-HJ-NP-TV-Z][aeiou][b-df-hj-np-tv-z][aeiou][kpt]x", fullmatch=True)


@settings(max_examples=12, deadline=None)
@given(NAME, NAME, st.integers(6000000, 99999999))
def test_each_value_is_found_alone_in_a_long_text(first: str, last: str, number: int) -> None:
    steps = "Open the page, then press the green button. " * 5
    who = person(
        f"{first} {last}",
        email=f"{first}.{last}@corp.example".lower(),
        phone=f"+49 30 {number} ext. 12",
        address=f"Haus am See\n{number % 97 + 1} {last} Lane",
    )
    address = f"{number % 97 + 1}, {last} lane"
    for value in (first, last.upper(), f"{last}, {first}", f"030/{number}", address, str(who.email)):
        found = find(f"{steps}{value}. {steps}", who)
        assert found, value
        assert (found[0].start, found[-1].end) == (len(steps), len(steps) + len(value)), value


def in_letters(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "qwrtzpsdfg"))


def link_people(article: Article, count: int) -> None:
    """Link the article to this many tickets, each of somebody else."""
    connection, moment = make_connection(), database.now()
    agent = make_agent()
    people = [
        {
            "id": number,
            "connection_id": connection.id,
            "remote_id": f"r{number}",
            "name": f"Given{in_letters(number)} Family{in_letters(number)}",
            "email": f"person{number:x}@corp{number % 97}.example",
            "phone": f"+49 30 {23000000 + number}",
            "address": f"{number} Long Lane, Norwich",
        }
        for number in range(1, count + 1)
    ]
    tickets = [
        {
            "id": number,
            "connection_id": connection.id,
            "remote_id": f"t{number}",
            "subject": "Export",
            "status": DeskStatus.SOLVED,
            "requester_id": number,
            "opened_at": moment,
            "desk_updated_at": moment,
            "url": "https://desk.example.com",
        }
        for number in range(1, count + 1)
    ]
    links = [
        {
            "ticket_id": number,
            "article_id": article.id,
            "version_id": article.current_version_id,
            "role": LinkRole.RESOLUTION,
            "source": LinkSource.API,
            "agent_id": agent.id,
            "created_at": moment,
        }
        for number in range(1, count + 1)
    ]
    for table, rows in ((Requester, people), (Ticket, tickets), (Link, links)):
        db.session.execute(insert(table), rows)
    db.session.flush()


def test_of_five_thousand_customers_nobody_is_left_out_and_it_stays_quick(app: Flask) -> None:
    steps = "\n".join(
        f"{number}. Open page {number} and press the green button twice." for number in range(200)
    )
    text = f"{steps}\nGivenw was first, person1388@corp8.example last, 23004321 called."
    article = import_article("Export", {"body": text})
    link_people(article, 5000)
    db.session.expunge_all()
    article = db.session.get_one(Article, article.id)
    began = time.process_time()
    found = check_text(article, "Export", {"body": text})
    took = time.process_time() - began
    assert [each.value for each in found] == ["Givenw", "person1388@corp8.example", "23004321"]
    assert took < 2, f"{took:.1f} s"


def test_a_waived_first_name_does_not_let_the_whole_name_out(app: Flask) -> None:
    article = import_article("Export", {"body": "Ask Grace."})
    link_people(article, 1)
    db.session.get_one(Requester, 1).name = "Grace Hope"
    by = make_agent(Licence.PUBLISHER)
    services.waive(article, "name", "Grace", "the character in our sample data", by=by)
    told = check_text(article, "", {"body": "Grace, and grace hope"})
    assert [(each.value, each.blocks) for each in told] == [("Grace", False), ("grace hope", True)]
