"""Patterns: what is alike in one thing and unlike in another, with what tells it apart, for its reader."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from kcs import database
from kcs.articles.models import Article
from kcs.chores import ChoreRow
from kcs.database import db
from kcs.evolving import pattern_queries, patterns
from kcs.evolving.looks import CHORE, Stage, looking
from kcs.evolving.models import Pattern, PatternKind, PatternLook
from kcs.people.models import Agent
from kcs.people.services import issue_token
from kcs.solving.models import Link
from tests.evolving.test_board import Base, product_of, reopen
from tests.factories import make_agent, make_article, sign_in
from tests.fakes import FakeDesk
from workflow.article import ArticleState, Confidence
from workflow.permissions import Role

SYMPTOM, CAUSE = PatternKind.SYMPTOM, PatternKind.CAUSE
JAM = "The printer jams on duplex paper"
GREY = "Export button stays grey in the dashboard"
DARK = "Camera picture is black during video meetings"
ROLLER = "Replace the worn pickup roller behind the rear tray."
DRIVER = "Install driver package seven and restart the spooler service."
POPUPS = "Allow popups for this address in the browser settings."


@pytest.fixture
def base(app: Flask, desk: FakeDesk) -> Base:
    """A knowledge base with articles that have nothing to do with one another."""
    filler = [
        ("Invoice shows a wrong currency", "Set the billing country of your account."),
        ("Password mail never arrives", "Look into the spam folder and whitelist our sender."),
        ("Calendar loses birthdays", "Switch contact synchronisation on again."),
    ]
    for title, answer in filler:
        article(title, answer)
    return Base(desk)


def article(title: str, answer: str, environment: str = "", issue: str = "", **about: str) -> Article:
    parts = {"issue": issue or title, "environment": environment, "resolution": answer}
    return make_article(title=title, parts={name: text for name, text in parts.items() if text}, **about)  # type: ignore[arg-type]


def several_causes(_base: Base) -> list[Article]:
    return [article(JAM, ROLLER), article(f"{JAM} again", DRIVER)]


def the_same_twice(_base: Base) -> list[Article]:
    return [article(JAM, ROLLER), article(f"{JAM} again", ROLLER)]


def several_symptoms(_base: Base) -> list[Article]:
    return [article(GREY, POPUPS), article(DARK, POPUPS)]


def merged(base: Base) -> list[Article]:
    """What was merged into an article says of what else it is the cause."""
    kept, gone = article(GREY, POPUPS), article(DARK, DRIVER)
    article(f"{DARK} too", ROLLER)  # so that its words are of more than one text
    article(f"{GREY} too", "Ask an administrator for the right to export.")
    gone.confidence, gone.merged_into_id = Confidence.ARCHIVED, kept.id
    return [kept, gone]


def thrown_away(_base: Base) -> list[Article]:
    made = [article(JAM, ROLLER), article(f"{JAM} again", DRIVER)]
    made[1].confidence = Confidence.DELETED
    return made


def without_an_answer(_base: Base) -> list[Article]:
    return [article(JAM, ROLLER), make_article(ArticleState.WIP, title=JAM, parts={"issue": JAM})]


# what there is; the patterns: their kind, and whether all that was made is in it, each thing apart
PATTERNS: list[tuple[Callable[[Base], list[Article]], list[PatternKind]]] = [
    (several_causes, [SYMPTOM]),
    (the_same_twice, []),
    (several_symptoms, [CAUSE]),
    (thrown_away, []),
    (without_an_answer, []),
]


@pytest.mark.parametrize(("make", "kinds"), PATTERNS, ids=[row[0].__name__ for row in PATTERNS])
def test_what_is_alike_in_one_thing_and_unlike_in_another(
    base: Base, make: Callable[[Base], list[Article]], kinds: list[PatternKind]
) -> None:
    made = make(base)
    db.session.flush()
    found = patterns.look().found
    assert [(each.kind, each.parts) for each in found] == [
        (kind, tuple((each.id,) for each in made)) for kind in kinds
    ]


def test_what_was_merged_is_a_symptom_of_the_cause(base: Base) -> None:
    kept, gone = merged(base)
    db.session.flush()
    assert (CAUSE, ((kept.id,), (gone.id,))) in [(each.kind, each.parts) for each in patterns.look().found]


def two_kinds(base: Base, answer: Article) -> list[list[int]]:
    """Tickets about two things that one article answered, three of each."""
    said = [
        [f"{GREY} since {day}" for day in ("Monday", "Tuesday", "Friday")],
        [f"{DARK} {where}" for where in ("upstairs", "at home", "abroad")],
    ]
    return [[link.ticket_id for link in base.uses(answer, subjects)] for subjects in said]


@pytest.mark.parametrize(("back", "told"), [(1, True), (2, False)])
def test_an_article_that_answers_unlike_tickets_is_a_cause_unless_they_come_back(
    base: Base, back: int, told: bool
) -> None:
    answer = article("Browser blocks pages", POPUPS)
    groups = two_kinds(base, answer)
    links = base.uses(answer, ["Something else entirely"])
    for link in db.session.query(Link).filter(Link.ticket_id.in_(groups[0][:back])):
        reopen(link, 1)
    db.session.flush()
    found = [each for each in patterns.look().found if each.article_id == answer.id]
    assert [set(each.parts) for each in found] == ([{tuple(part) for part in groups}] if told else [])
    assert links[0].ticket_id not in [number for each in found for part in each.parts for number in part]


def test_a_look_replaces_what_was_found_before(base: Base) -> None:
    first, second = several_causes(base)
    links = base.uses(first, ["Paper stuck", "Paper torn"])
    db.session.commit()
    assert patterns.work() == 1
    (kept,) = db.session.query(Pattern)
    assert (kept.parts, kept.tickets, len(links)) == ([[first.id], [second.id]], 2, 2)
    assert (look := pattern_queries.last_look()) is not None
    assert look.articles == 5
    second.confidence = Confidence.ARCHIVED
    db.session.commit()
    assert patterns.work() == 0
    assert db.session.query(Pattern).count() == 0


def told(reader: Agent) -> list[pattern_queries.Told]:
    return list(pattern_queries.every_pattern(reader, database.now() - timedelta(365)))


def test_parts_are_told_apart_by_where_they_hold(base: Base) -> None:
    mine = article(JAM, ROLLER, "- Model **X2**\n- Windows 11, office network")
    other = article(f"{JAM} again", DRIVER, "windows 11; Model X9")
    for link in base.uses(mine, ["Paper stuck"]):
        product_of(link.ticket, "Printers")
    db.session.commit()
    patterns.work()
    (found,) = told(base.ana)
    assert (found.kind, found.tickets, found.title) == (SYMPTOM, 1, JAM)
    assert [[each.article for each in part.articles] for part in found.parts] == [[mine], [other]]
    assert [part.where[:2] for part in found.parts] == [
        ("Model X2", "Windows 11"),
        ("windows 11", "Model X9"),
    ]
    assert [part.only for part in found.parts] == [
        ("Model X2", "office network", "Printers"),
        ("Model X9",),
    ]


def test_what_has_been_thrown_away_since_is_left_out(base: Base) -> None:
    _, second = several_causes(base)
    db.session.commit()
    patterns.work()
    second.confidence = Confidence.DELETED
    db.session.commit()
    assert told(base.ana) == []


def test_the_page_the_file_and_the_api_tell_the_same(app: Flask, base: Base) -> None:
    coach = make_agent(None, roles=[Role.COACH])
    token = issue_token(coach, label="test", days=1)
    client = sign_in(app.test_client(), coach)
    assert "Nothing was compared yet" in client.get("/evolve/patterns").text
    patterns.work()
    assert "No symptom has several causes" in client.get("/evolve/patterns").text
    assert "No cause has several symptoms" in client.get("/evolve/patterns?kind=one_cause").text

    article("=" + JAM, ROLLER, "Model X2", key="KB-1")
    article(f"{JAM} again", DRIVER, "Model X9", key="KB-2")
    answer = article("Browser blocks pages", POPUPS, key="KB-3")
    two_kinds(base, answer)
    db.session.commit()
    patterns.work()

    page = client.get("/evolve/patterns").text
    assert ("2 causes" in page, "Model X9" in page, "KB-1" in page, "KB-3" in page) == (
        True,
        True,
        True,
        False,
    )
    page = client.get("/evolve/patterns?kind=one_cause").text
    assert ("2 symptoms" in page, GREY in page, "KB-3" in page, "KB-1" in page) == (True, True, True, False)

    lines = list(csv.DictReader(client.get("/evolve/patterns.csv").text.splitlines()))
    assert [(row["kind"], row["part"], row["article"], row["part_tickets"]) for row in lines] == [
        ("one_symptom", "1", "KB-1", ""),
        ("one_symptom", "2", "KB-2", ""),
        ("one_cause", "1", "KB-3", "3"),
        ("one_cause", "2", "KB-3", "3"),
    ]
    assert lines[0]["title"] == f"'={JAM}"
    assert GREY not in client.get("/evolve/patterns.csv").text

    api = app.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    found = api.get("/api/v1/patterns?kind=one_cause", headers=headers).get_json()
    assert (found["total"], found["patterns"][0]["article"]["key"], found["patterns"][0]["tickets"]) == (
        1,
        "KB-3",
        6,
    )
    assert [len(part["tickets"]) for part in found["patterns"][0]["parts"]] == [3, 3]
    (symptom,) = api.get("/api/v1/patterns", headers=headers).get_json()["patterns"]
    assert [part["only_here"] for part in symptom["parts"]] == [["Model X2"], ["Model X9"]]
    assert api.get("/api/v1/patterns?kind=none", headers=headers).status_code == 422


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# when the chore is due from now on, when a look ended (None: never); how it stands, what the page says
STANDS: list[tuple[timedelta | None, timedelta | None, Stage, str]] = [
    (None, None, Stage.WAITING, "Nothing was compared yet"),
    (-MINUTE, None, Stage.WAITING, "Nothing was compared yet"),
    (-HOUR, None, Stage.OVERDUE, "the worker seems not to run"),
    (-HOUR, -7 * HOUR, Stage.OVERDUE, "the worker seems not to run"),
    (patterns.EVERY - MINUTE, None, Stage.GOING_ON, "The articles are being compared"),
    (patterns.EVERY - MINUTE, -HOUR, Stage.GOING_ON, "The articles are being compared"),
    (patterns.EVERY - HOUR, None, Stage.BROKEN_OFF, "did not end"),
    (patterns.EVERY - HOUR, -2 * HOUR, Stage.BROKEN_OFF, "did not end"),
    (patterns.EVERY - HOUR, -HOUR + MINUTE, Stage.WAITING, "Next time:"),
    (None, -HOUR, Stage.WAITING, "5 articles were compared"),
]


@pytest.mark.parametrize(("due", "ended", "stage", "words"), STANDS)
def test_the_page_tells_how_the_comparison_stands(
    app: Flask, due: timedelta | None, ended: timedelta | None, stage: Stage, words: str
) -> None:
    moment = database.now()
    if due is not None:
        db.session.add(ChoreRow(name=CHORE, due_at=moment + due))
    if ended is not None:
        db.session.add(PatternLook(id=1, finished_at=moment + ended, articles=5))
    db.session.commit()
    coach = sign_in(app.test_client(), make_agent(None, roles=[Role.COACH]))
    page = coach.get("/evolve/patterns").text
    assert (looking().stage, words in page) == (stage, True)
    assert ("5 articles were compared" in page) is (ended is not None)
    assert 'class="empty' in page


def test_the_chore_that_looks_is_the_one_the_page_tells_of(app: Flask) -> None:
    chores = {chore.name: chore.every for chore in app.extensions["kcs.chores"]}
    assert chores[CHORE] == patterns.EVERY
