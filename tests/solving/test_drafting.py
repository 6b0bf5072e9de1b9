"""A draft from a ticket: the customer's words, the agent's answer, and nothing personal."""

from __future__ import annotations

import pytest
from flask import Flask

from kcs.articles.models import Article
from kcs.articles.policy_acts import DomainSettings, save_domain
from kcs.articles.structure import SHIPPED
from kcs.ports import AuthorKind, DeskStatus, DeskUser
from kcs.privacy.gate import mask
from kcs.solving import services
from kcs.solving.drafting import fitted, locale_of, own_words
from kcs.tickets.models import Requester, Ticket
from tests.factories import make_agent, make_connection, read_again
from tests.fakes import FakeDesk, desk_agent
from workflow.permissions import Role

ANN = desk_agent("7", "ann@example.com")
MARIA = DeskUser(
    "u1",
    AuthorKind.REQUESTER,
    "María López-Ortiz",
    "maria.lopez@example.com",
    phone="+34 612 345 678",
    address="Calle Mayor 5, 3º B\n28013 Madrid",
)


def draft(desk: FakeDesk, ticket_id: str = "1") -> Article:
    """Draft from a ticket as an agent does."""
    ticket = read_again(desk, make_connection(), ticket_id)
    return services.draft_article(ticket, by=make_agent())


def test_each_part_comes_from_where_it_was_said(app: Flask, desk: FakeDesk) -> None:
    desk.open_ticket(
        "1",
        "Export button is grey",
        "Hello,\n\nI cannot export my report.\nVersion: 4.2\nBrowser = Safari 17\n\nRegards,\nMaria Lopez",
        requester=MARIA,
        tags=("reports", "export"),
    )
    desk.reply("1", ANN, "Which browser is it?")
    desk.reply("1", ANN, "Internal: it is the pop-up blocker.", public=False)
    desk.reply("1", ANN, "Cause: the export opens a window.", public=False)
    desk.reply("1", ANN, "Hi María,\n\n1. Allow pop-ups.\n2. Reload.\n\nKind regards,\nAnn")
    desk.reply("1", MARIA, "Thanks, that works!")
    desk.set_status("1", DeskStatus.SOLVED, ANN)
    desk.reply("1", ANN, "You are welcome.")
    article = draft(desk)
    assert article.title == "Export button is grey"
    assert article.current_version.parts == {
        "issue": "I cannot export my report.\nVersion: 4.2\nBrowser = Safari 17",
        "environment": "- Version: 4.2\n- Browser = Safari 17",
        "resolution": "1. Allow pop-ups.\n2. Reload.",
        "cause": "the export opens a window.",
    }
    assert (article.tags, article.locale) == (["export", "reports"], "en")


def test_a_ticket_without_an_answer_gives_a_draft_without_one(app: Flask, desk: FakeDesk) -> None:
    desk.open_ticket("1", "Grey button", "It is grey.")
    assert draft(desk).current_version.parts == {"issue": "It is grey."}


OWN_WORDS = {
    "english quote": (
        "Allow pop-ups.\n\nOn Mon, 2 Mar 2026 at 09:00, Maria Lopez <maria@example.com> wrote:\n> Grey\n",
        "Allow pop-ups.",
    ),
    "spanish quote": (
        "Permita ventanas.\n\nEl lun, 2 mar 2026 a las 9:00, María (<maria@example.com>) escribió:\n> Gris\n",
        "Permita ventanas.",
    ),
    "german quote": (
        "Bitte erlauben.\n\nAm Mo., 2. März 2026 um 09:00 Uhr schrieb Maria <maria@example.com>:\n> Grau\n",
        "Bitte erlauben.",
    ),
    "english letter": ("Hello team,\n\nIt is grey.\n\nBest regards,\nMaria Lopez", "It is grey."),
    "spanish letter": ("Estimada María:\n\nHaga esto.\n\nUn saludo,\nJuan", "Haga esto."),
    "german letter": (
        "Sehr geehrte Frau Lopez,\n\nbitte erlauben.\n\nMit freundlichen Grüßen\nMax Weber",
        "bitte erlauben.",
    ),
    "signature": ("It is grey.\n-- \nMaria Lopez\n+34 612 345 678", "It is grey."),
    "windows lines": ("Hi,\r\n\r\nIt is grey.\r\nAlways.\r\n\r\nThanks,\r\nMaria", "It is grey.\nAlways."),
    "no greeting": (
        "Hello world shows an error\nafter the update.",
        "Hello world shows an error\nafter the update.",
    ),
    "greeting in the sentence": ("Hi Maria, please allow pop-ups.", "Hi Maria, please allow pop-ups."),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("body", "words"), OWN_WORDS.values(), ids=OWN_WORDS)
def test_quoted_mail_greetings_and_signatures_are_no_own_words(body: str, words: str) -> None:
    assert own_words(body) == words


# How a customer's details get written, and what of it must not be found in the draft.
PERSONAL = {
    "full name": ("I am María López-Ortiz, please help.", ["María", "López", "Ortiz"]),
    "other case": ("MARÍA LÓPEZ-ORTIZ WRITES IN CAPITALS", ["MARÍA", "LÓPEZ"]),
    "no accents": ("this is maria lopez ortiz", ["maria", "lopez"]),
    "decomposed accents": ("this is Mari\u0301a", ["Mari\u0301a", "María"]),
    "first name alone": ("María's report is empty", ["María"]),
    "surname first": ("LOPEZ-ORTIZ, Maria", ["LOPEZ", "Maria"]),
    "as a user name": ("logged in as maria_lopez", ["maria", "lopez"]),
    "name over two lines": ("asked by María\nLópez-Ortiz today", ["María", "López"]),
    "e-mail": ("write to Maria.Lopez@Example.com", ["maria.lopez", "@example"]),
    "e-mail with signs as words": ("maria.lopez (at) example dot com", ["maria", "lopez", "example"]),
    "another e-mail": ("or to m.lo+x@mail.example.org", ["m.lo", "mail.example.org"]),
    "phone as known": ("call +34 612 345 678", ["612", "345", "678"]),
    "phone together": ("call 612345678 now", ["612345678", "345"]),
    "phone in pairs": ("call 612 34 56 78 now", ["612", "56 78"]),
    "phone with dots": ("call 0034.612.345.678", ["612", "678"]),
    "phone with strokes": ("call (+34) 612\u2011345\u2013678", ["612", "678"]),
    "phone without its beginning": ("my line is 234 5678", ["234", "5678"]),
    "another phone": ("call my boss: +44 20 7946 0018", ["7946", "0018"]),
    "a phone without country code": ("call (415) 555-0132", ["415", "0132"]),
    "street": ("I live at CALLE MAYOR, 5", ["calle", "mayor"]),
    "town": ("in 28013  Madrid", ["28013"]),
}


@pytest.mark.parametrize("place", ["body", "title", "reply", "tag"])
def test_nothing_of_the_requester_reaches_the_draft(app: Flask, desk: FakeDesk, place: str) -> None:
    connection, agent = make_connection(), make_agent()
    for name, (words, traces) in PERSONAL.items():
        said = {"body": "It is grey.", "title": "Grey button", "reply": "Allow pop-ups.", "tag": "export"}
        said[place] = words
        body = f"{said['body']}\nVersion: 4.2 of {said['body']}"
        desk.open_ticket(name, said["title"], body, requester=MARIA, tags=(said["tag"],))
        desk.reply(name, ANN, f"Hello,\n\nfor you: {said['reply']}")
        article = services.draft_article(read_again(desk, connection, name), by=agent)
        text = "\n".join([article.title, *article.current_version.parts.values(), *article.tags]).lower()
        assert [trace for trace in traces if trace.lower() in text] == [], (name, text)
        assert "4.2" in text, "what is not personal stays"


FIGURES = "Version 10.0.19045 of 2026-03-02 10:15:00, ID 4155550132, 192.168.100.200, 1,234,567.89"


def requester(name: str = "", **known: str) -> Requester:
    return Requester(
        name=name, email=known.get("email"), phone=known.get("phone"), address=known.get("address")
    )


@pytest.mark.parametrize(
    ("who", "text", "masked"),
    [
        (requester("Ann Lee"), "Ann Lee and Annex, sleek and ANN-LEE", "[name] and Annex, sleek and [name]"),
        (requester("O'Brien, Sean"), "as o'brien said", "as [name] said"),
        (requester("田中 太郎"), "田中太郎です。太郎さん", "[name]です。[name]さん"),
        (requester("김철수"), "김철수님, 김영희", "[name]님, 김영희"),
        (requester("דוד כהן"), "כותב דוד כהן.", "כותב [name]."),
        (requester("Агент Орлов"), "пишет орлов", "пишет [name]"),
        (requester("_ -"), "_ - _", "_ - _"),
        (requester("X 100", address="------, ,;"), "X 200 ------", "X 200 ------"),
        (
            requester(phone="030 12345678"),
            "Tel. 030/1234 5678 or 130 12345679",
            "Tel. [phone] or 130 12345679",
        ),
        (requester(phone="123"), "123 items", "123 items"),
        (requester(email="a@b.example"), "a@b.example, aa@b.example", "[e-mail], [e-mail]"),
        (None, FIGURES, FIGURES),
    ],
)
def test_a_name_is_masked_as_a_word_and_nothing_else_is(
    who: Requester | None, text: str, masked: str
) -> None:
    assert mask(text, who) == masked


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("issue-resolution", {"issue": "I", "environment": "E", "resolution": "R", "cause": "C"}),
        (
            "how-to",
            {"issue": "I", "environment": "E", "resolution": "R", "notes": "**Cause**\n\nC"},
        ),
        (
            "feature-card",
            {
                "notes": "**Issue**\n\nI\n\n**Environment**\n\nE\n\n**Resolution**\n\nR\n\n**Cause**\n\nC",
            },
        ),
        (
            "plain",
            {"body": "**Issue**\n\nI\n\n**Environment**\n\nE\n\n**Resolution**\n\nR\n\n**Cause**\n\nC"},
        ),
    ],
)
def test_what_a_template_has_no_field_for_is_kept_in_its_notes_or_its_answer(
    key: str, fields: dict[str, str]
) -> None:
    parts = {"issue": "I", "environment": "E", "resolution": "R", "cause": "C"}
    assert fitted(parts, SHIPPED[key]) == fields


def test_a_draft_takes_the_domain_of_its_tickets_tags_and_that_domains_template(
    app: Flask, desk: FakeDesk
) -> None:
    admin, agent = make_agent(None, [Role.ADMIN]), make_agent()
    domain = save_domain("printers", DomainSettings("Printers", "how-to", ("printer",)), by=admin)
    desk.open_ticket("1", tags=("printer", "vip"))
    desk.open_ticket("2")
    tagged = services.draft_article(read_again(desk, make_connection(), "1"), by=agent)
    assert (tagged.domain, tagged.current_version.template) == (domain, "how-to")
    other = services.draft_article(
        read_again(desk, make_connection("other"), "2"), by=agent, template="question-answer"
    )
    assert (other.domain, other.current_version.template) == (None, "question-answer")


@pytest.mark.parametrize(
    ("told", "written"), [("en-us", "en"), ("es-419", "es"), (None, "en"), ("pt-br", "pt-br"), ("iw", "he")]
)
def test_a_draft_is_in_the_tickets_language(told: str | None, written: str) -> None:
    assert locale_of(Ticket(locale=told)) == written
