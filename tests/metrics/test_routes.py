"""Reports over the API and in the browser: every one of them by the same addresses."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kcs.articles.policy import Domain
from kcs.database import db
from kcs.metrics.facts import keeping
from kcs.metrics.labels import EXEMPTION_REASONS
from kcs.metrics.reports import REPORTS
from kcs.people.departments import set_department
from kcs.people.models import Agent, Department, Team
from kcs.solving.models import ExemptionReason
from kcs.tickets.labels import ReportLabel
from tests.factories import sign_in, token_for
from tests.metrics import golden
from tests.metrics.golden import ADA, ANA, BEN, CORA, at
from tests.metrics.slowly import MADRID

API = "/api/v1/reports"
REPORT = f"{API}/link-rate"
TICKETS = f"{REPORT}/tickets"
PAGE = "/reports/link-rate"
LISTED = f"{PAGE}/tickets"
TWO_WEEKS = {"from": "2025-03-24", "to": "2025-04-07"}
IN_MAY = {**TWO_WEEKS, "as_of": "2025-05-01T00:00Z"}
COUNTS = ("solved", "linked", "exempt", "unanswered", "inferred")
Query = dict[str, str]
Given = Mapping[str, str | list[str]]


@pytest.fixture(autouse=True)
def log(app: Flask) -> None:
    golden.people()
    golden.tickets()
    golden.write(golden.rows())


def call(client: FlaskClient, agent: int, path: str, query: Given | None = None, **more: str) -> TestResponse:
    headers = {**token_for(db.session.get_one(Agent, agent)), **more}
    return client.get(path, query_string=query, headers=headers)


def browse(client: FlaskClient, agent: int, path: str, query: Given | None = None) -> TestResponse:
    return sign_in(client, db.session.get_one(Agent, agent)).get(path, query_string=query)


def test_json_holds_the_report_and_how_it_is_defined(client: FlaskClient) -> None:
    answer = call(client, ADA, REPORT, {**IN_MAY, "by": "team"})
    body = answer.get_json()
    assert answer.status_code == 200
    assert {key: body[key] for key in ("name", "by", "from", "to", "timezone", "as_of", "only")} == {
        "name": "link-rate",
        "by": "team",
        "from": "2025-03-24T00:00:00+01:00",
        "to": "2025-04-07T00:00:00+02:00",
        "timezone": "Europe/Madrid",
        "as_of": "2025-05-01T00:00:00Z",
        "only": {},
    }
    definition = body["definition"]
    assert [count["name"] for count in definition["counts"]] == list(COUNTS)
    rate = definition["metrics"][0]
    assert (rate["aliases"], rate["numerator"], rate["denominator"], rate["kind"], rate["paired"]) == (
        ["participation rate"],
        ["linked"],
        ["solved"],
        "activity",
        "link_accuracy",
    )
    assert [(row["key"], row["label"], row["solved"], row["linked"]) for row in body["rows"]] == [
        (1, "North", 9, 4),
        (2, "South", 3, 2),
        ("none", "No team", 7, 3),
    ]
    total = {key: value for key, value in body["total"].items() if key not in ("opens", "from", "to")}
    assert total == {
        "key": "total",
        "label": "Total",
        "partial": False,
        "solved": 19,
        "linked": 9,
        "exempt": 3,
        "unanswered": 7,
        "inferred": 0,
        "link_rate": 9 / 19,
        "link_rate_without_exempt": 9 / 16,
        "missing": {},
    }
    assert set(body["total"]["opens"]) == set(COUNTS)
    assert (body["compared"], body["reasons"]) == (None, {})


def test_the_reports_there_are_are_told_with_their_definitions(client: FlaskClient) -> None:
    told = call(client, ANA, API).get_json()
    assert [report["name"] for report in told] == list(REPORTS)
    assert all(report["segments"] and report["counts"] for report in told)


def test_a_ratio_of_nothing_is_null(client: FlaskClient) -> None:
    total = call(client, ADA, REPORT, {"from": "2020-01-01", "to": "2020-02-01"}).get_json()["total"]
    assert (total["solved"], total["link_rate"], total["link_rate_without_exempt"]) == (0, None, None)


def test_a_report_is_put_beside_what_is_asked(client: FlaskClient) -> None:
    in_april = {**TWO_WEEKS, "as_of": "2025-04-08T00:00Z"}
    body = call(client, ADA, REPORT, {**in_april, "compare": "now"}).get_json()
    assert (body["total"]["solved"], body["compared"]["total"]["solved"]) == (20, 19)
    assert [body["compared"][str(row["key"])]["linked"] for row in body["rows"]] == [4, 2, 2, 1]
    second_week = {"from": "2025-03-31", "to": "2025-04-07", "compare": "previous", "by": "week"}
    body = call(client, ADA, REPORT, second_week).get_json()
    assert body["compared"]["2025-W14"]["solved"] == body["compared"]["total"]["solved"] == 11
    times = {"from": "2025-03-24T00:00:00+01:00", "to": "2025-03-31T00:00:00+02:00"}
    assert times.items() <= body["compared"]["2025-W14"].items()
    year = {"from": "2026-03-24", "to": "2026-04-07", "compare": "year"}
    assert call(client, ADA, REPORT, year).get_json()["compared"]["total"]["solved"] == 19


HOURS = {"from": "2025-03-24T10:30", "to": "2025-04-07"}
PERIOD = "24 Mar 2025 up to 7 Apr 2025 (Europe/Madrid)"
TIMES = [
    (PAGE, {}, {"Period": PERIOD}),
    (PAGE, {"compare": "previous"}, {"Period": PERIOD, "Compared with": "10 Mar 2025 up to 24 Mar 2025"}),
    (PAGE, HOURS, {"Period": "24 Mar 2025, 10:30 up to 7 Apr 2025, 00:00 (Europe/Madrid)"}),
    (LISTED, {"cell": "linked"}, {"Period": PERIOD, "As of": "1 May 2025, 02:00"}),
]


@pytest.mark.parametrize(("path", "query", "facts"), TIMES)
def test_a_page_is_on_the_organisation_s_clock_and_names_its_zone(
    client: FlaskClient, path: str, query: Query, facts: dict[str, str]
) -> None:
    page = browse(client, ADA, path, {**IN_MAY, **query}).text
    assert told_in(page) == facts
    assert "data-local" not in page
    assert "UTC" not in page
    assert "1 May 2025, 02:00" in words_of(page)


def test_a_list_dates_what_it_lists_on_the_organisation_s_clock(client: FlaskClient) -> None:
    query = {**IN_MAY, "cell": "linked", "agent": str(BEN)}
    page = browse(client, ADA, LISTED, query).text
    assert "31 Mar 2025, 17:00" in words_of(page)  # 15:00 in UTC


def test_what_is_compared_with_now_says_when_now_is(client: FlaskClient) -> None:
    page = browse(client, ADA, PAGE, {**IN_MAY, "compare": "now"}).text
    beside = told_in(page)["Compared with"]
    assert re.fullmatch(r"what is known now, as of \d+ \w+ \d{4}, \d\d:\d\d", beside)


@pytest.mark.parametrize("report", ["handling", "states", "publishing", "new-people"])
@pytest.mark.parametrize("compare", ["previous", "year"])
def test_a_report_is_shown_beside_a_time_that_has_nothing(
    client: FlaskClient, report: str, compare: str
) -> None:
    query = {**TWO_WEEKS, "by": "agent", "compare": compare}
    assert browse(client, ADA, f"/reports/{report}", query).status_code == 200


def told_in(page: str) -> dict[str, str]:
    facts = re.findall(r"<dt>(Period|Compared with|As of)</dt><dd>(.*?)</dd>", page, re.S)
    return {name: words_of(said) for name, said in facts}


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", "", page)).split())


def test_only_counts_that_open_something_are_said_to(client: FlaskClient) -> None:
    page = browse(client, ADA, PAGE, IN_MAY).text
    assert "A count that is underlined opens what it counts." in page
    assert "Every count opens" not in page


@pytest.mark.parametrize("path", [PAGE, LISTED])
@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_page_that_is_asked_for_as_a_file_leads_to_the_file(
    client: FlaskClient, path: str, kind: str
) -> None:
    answer = browse(client, ADA, path, {**IN_MAY, "team": "1", "format": kind})
    to = urlsplit(answer.headers["Location"])
    assert (answer.status_code, to.path) == (302, f"{path}.{kind}")
    assert dict(parse_qsl(to.query)) == {**IN_MAY, "team": "1"}
    assert client.get(answer.headers["Location"]).headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("path", [PAGE, LISTED])
@pytest.mark.parametrize("query", [{"format": "pdf"}, {"format": "csv", "team": "north"}])
def test_a_page_leads_to_no_file_that_there_is_not(client: FlaskClient, path: str, query: Query) -> None:
    assert browse(client, ADA, path, {**IN_MAY, **query}).status_code == 422


def test_a_report_is_narrowed_to_what_has_the_keys(client: FlaskClient) -> None:
    body = call(client, ADA, REPORT, {**IN_MAY, "by": "week", "agent": str(BEN), "team": "2"}).get_json()
    assert body["only"] == {"agent": BEN, "team": 2}
    assert [(row["key"], row["solved"]) for row in body["rows"]] == [("2025-W13", 0), ("2025-W14", 3)]
    assert call(client, ADA, body["total"]["opens"]["solved"]).get_json()["total"] == 3


@pytest.mark.parametrize(
    "by", ["week", *(pytest.param(by, marks=pytest.mark.long) for by in ("agent", "team", "desk"))]
)
def test_every_address_in_a_row_lists_what_it_counts_also_later(client: FlaskClient, by: str) -> None:
    body = call(client, ADA, REPORT, {**TWO_WEEKS, "by": by}).get_json()
    reopened = {**golden.rows()[0], "kind": "ticket.reopen", "ticket_id": 1}
    golden.write([{**reopened, "recorded_at": datetime.now(UTC)}])
    assert call(client, ADA, REPORT, TWO_WEEKS).get_json()["total"]["solved"] == body["total"]["solved"] - 1
    for row in [*body["rows"], body["total"]]:
        for cell, url in row["opens"].items():
            answer = call(client, ADA, url)
            assert answer.get_json()["total"] == row[cell], (row["label"], cell)


def test_tickets_come_by_page_with_desk_id_and_subject(client: FlaskClient) -> None:
    query = {**IN_MAY, "cell": "linked", "agent": str(BEN), "per_page": "1", "page": "2"}
    assert call(client, ADA, TICKETS, query).get_json() == {
        "cell": "linked",
        "as_of": "2025-05-01T00:00:00Z",
        "total": 2,
        "page": 2,
        "per_page": 1,
        "pages": 2,
        "items": [
            {
                "id": 6,
                "connection": "acme",
                "ticket": "9006",
                "subject": "Subject 6",
                "agent": "Ben",
                "happened_at": "2025-03-31T15:00:00Z",
                "url": None,
            }
        ],
    }


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ({}, "*/*", "application/json"),
        ({}, "text/csv", "text/csv; charset=utf-8"),
        ({}, "application/json, text/csv;q=0.5", "application/json"),
        ({"format": "csv"}, "application/json", "text/csv; charset=utf-8"),
        ({"format": "json"}, "text/csv", "application/json"),
        (
            {"format": "xlsx"},
            "*/*",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
)
@pytest.mark.parametrize("path", [REPORT, pytest.param(TICKETS, marks=pytest.mark.long)])
def test_the_form_is_the_one_asked_for(
    client: FlaskClient, path: str, query: Query, accept: str, kind: str
) -> None:
    answer = call(client, ADA, path, {**IN_MAY, **query}, Accept=accept)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
    assert answer.data.startswith(b"PK") == (query.get("format") == "xlsx")


def test_csv_is_a_file_with_the_figures_and_no_formula(client: FlaskClient) -> None:
    db.session.get_one(Agent, ANA).name = "=HYPERLINK(1)"
    db.session.commit()
    answer = call(client, ADA, REPORT, {**IN_MAY, "by": "agent", "format": "csv"})
    assert 'filename="link-rate-by-agent-2025-03-24-2025-04-07.csv"' in answer.headers["Content-Disposition"]
    text = answer.data.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(line["by"], line["label"], line["solved"], line["link_rate"]) for line in lines] == [
        ("agent", "'=HYPERLINK(1)", "8", "0.5"),
        ("agent", "Ben", "4", "0.5"),
        ("agent", "Eva", "5", "0.4"),
        ("agent", "Nobody of ours", "2", "0.5"),
        ("total", "Total", "19", str(9 / 19)),
    ]
    assert {line["as_of"] for line in lines} == {"2025-05-01T00:00:00Z"}
    assert call(client, ADA, lines[0]["linked_tickets"]).get_json()["total"] == 4


WRONG = [
    ({"by": "colour"}, "by"),
    ({"by": "outcome"}, "by"),  # another report's
    ({"from": "yesterday"}, "from"),
    ({"from": "2025-02-30"}, "from"),
    ({"from": "0001-01-01"}, "from"),
    ({"to": "9999-12-31"}, "to"),
    ({"from": "2025-04-01", "to": "2025-04-01"}, "to"),
    ({"from": "2020-04-01", "to": "2025-04-01"}, "from"),
    ({"as_of": "2100-01-01"}, "as_of"),
    ({"as_of": "now"}, "as_of"),
    ({"format": "pdf"}, "format"),
    ({"agents": "1"}, "agents"),
    ({"article": "1"}, "article"),  # another report's
    ({"compare": "best"}, "compare"),
    ({"licence": "king"}, "licence"),
    ({"team": ["1", "2"]}, "team"),
    ({"by": ["team", "team"]}, "by"),
]
WRONG_TICKETS = [
    ({"agent": "ana"}, "agent"),
    ({"agent": "0"}, "agent"),
    ({"team": "99999999999999999999999"}, "team"),
    ({"licence": "1; DROP"}, "licence"),
    ({"page": "0"}, "page"),
    ({"page": "99999999999999999999999"}, "page"),
    ({"per_page": "201"}, "per_page"),
    ({"licence": "king"}, "licence"),
    ({"agent": ["1", "2"]}, "agent"),
]


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [*((REPORT, *wrong) for wrong in WRONG), *((TICKETS, *wrong) for wrong in WRONG_TICKETS)],
)
def test_a_wrong_value_is_named_by_its_field(
    client: FlaskClient, path: str, query: Given, field: str
) -> None:
    answer = call(client, ADA, path, query)
    body = answer.get_json()
    assert (answer.status_code, body["code"], list(body["errors"])) == (422, "invalid_input", [field])
    assert body["message"]


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}.csv", LISTED, f"{LISTED}.csv", REPORT, TICKETS])
def test_what_is_given_twice_is_refused_and_blanks_are_not_counted(client: FlaskClient, path: str) -> None:
    ask = call if path.startswith(API) else browse
    twice = ask(client, ADA, path, {**IN_MAY, "team": ["1", "2"]})
    assert twice.status_code == 422
    assert "'team' is given more than once" in unescape(twice.text)
    once = ask(client, ADA, path, {**IN_MAY, "team": ["", "2"]})
    assert (once.status_code, once.data) == (200, ask(client, ADA, path, {**IN_MAY, "team": "2"}).data)


def test_an_unknown_code_stays_in_the_form_beside_those_that_there_are(client: FlaskClient) -> None:
    answer = browse(client, ADA, PAGE, {**IN_MAY, "licence": "king"})
    assert answer.status_code == 422
    assert "Choose one of candidate, contributor, publisher, none." in answer.text
    assert '<option value="king" selected>king</option>' in answer.text


@pytest.mark.parametrize("by", ["foo", "article"])
def test_only_what_this_report_takes_is_offered(client: FlaskClient, by: str) -> None:
    """`article` is told apart by other reports."""
    said = call(client, ADA, REPORT, {"by": by}).get_json()["errors"]["by"]
    assert said == [
        f"'Link rate' is not told apart by {by}. Choose one of {', '.join(REPORTS['link-rate'].segments)}."
    ]


NOT_IN_ENGLISH = [
    (PAGE, {"foo": "1"}, 422, "Un informe no tiene un parámetro así: quítalo."),
    (f"{PAGE}.csv", {"foo": "1"}, 422, "foo: Un informe no tiene un parámetro así: quítalo."),
    (PAGE, {"compare": "best"}, 422, "Elige uno de previous, year, now."),
    (LISTED, {"page": "abc"}, 422, "page: Indica un número entero del 1 al 1000000."),
    (LISTED, {"page": "99999999999"}, 422, "page: Indica un número entero del 1 al 1000000."),
    ("/evolve/nonsense", {}, 404, "No hay ninguna página en esta dirección."),
    ("/reports/people/abc", {}, 404, "No hay ninguna página en esta dirección."),
]


@pytest.mark.parametrize(("path", "query", "status", "said"), NOT_IN_ENGLISH)
def test_what_is_wrong_is_said_in_the_language_somebody_chose(
    client: FlaskClient, path: str, query: Query, status: int, said: str
) -> None:
    db.session.get_one(Agent, ADA).language = "es"
    answer = browse(client, ADA, path, query)
    assert answer.status_code == status
    assert said in unescape(answer.text)
    assert '<html lang="es"' in answer.text


def test_the_api_says_in_english_what_it_does_not_take(client: FlaskClient) -> None:
    wrong = call(client, ADA, TICKETS, {"foo": "1", "page": "abc"}, **{"Accept-Language": "es"}).get_json()
    assert wrong["errors"] == {
        "foo": ["A report has no such parameter: leave it out."],
        "page": ["Give a whole number from 1 to 1000000."],
    }


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"{API}/luck", {}),
        (f"{API}/luck/tickets", {}),
        (f"{REPORT}/articles", {}),  # it counts none
        (TICKETS, {"cell": "open"}),
        (f"{API}/participation/tickets", {"cell": "closers"}),  # people
        ("/reports/luck", {}),
        ("/reports/luck.csv", {}),
        (f"{PAGE}.pdf", {}),
        (f"{PAGE}/articles", {}),
        (LISTED, {"cell": "open"}),
        (f"{PAGE}/articles.csv", {}),
    ],
)
def test_what_there_is_not_is_not_found(client: FlaskClient, path: str, query: Query) -> None:
    ask = call if path.startswith(API) else browse
    assert ask(client, ADA, path, query).status_code == 404


@pytest.mark.parametrize(
    ("reader", "asked", "status"),
    [
        (ANA, ANA, 200),
        (ANA, BEN, 404),
        (ANA, "none", 404),
        (CORA, BEN, 200),
        (CORA, ANA, 404),
        (ADA, 4711, 404),
    ],
)
@pytest.mark.parametrize(
    "path", [TICKETS, LISTED, *(pytest.param(path, marks=pytest.mark.long) for path in (REPORT, PAGE))]
)
def test_figures_beyond_a_persons_reach_are_as_if_missing(
    client: FlaskClient, reader: int, asked: int | str, status: int, path: str
) -> None:
    query = {**IN_MAY, "agent": str(asked)}
    ask = call if path.startswith(API) else browse
    assert ask(client, reader, path, query).status_code == status


NO_SUCH = "4711"
TAG, PRODUCT, DOMAIN = "31", "32", "33"


@pytest.mark.parametrize(
    ("reader", "narrowed", "status"),
    [
        (ANA, {"team": "1"}, 200),  # her own: her own figures
        (ANA, {"team": "2"}, 404),
        (ANA, {"team": "none"}, 200),
        (BEN, {"team": "2"}, 200),
        (BEN, {"team": "1"}, 200),  # where he solved a ticket once
        (CORA, {"team": "2"}, 200),
        (CORA, {"team": "3"}, 404),
        (ADA, {"team": "3"}, 200),
        (ADA, {"team": NO_SUCH}, 404),
        (ADA, {"tag": TAG}, 200),
        (ADA, {"tag": PRODUCT}, 404),
        (ADA, {"product": PRODUCT}, 200),
        (ADA, {"product": NO_SUCH}, 404),
        (ADA, {"domain": DOMAIN}, 200),
        (ADA, {"domain": NO_SUCH}, 404),
        (ADA, {"desk": "1"}, 200),
        (ADA, {"desk": NO_SUCH}, 404),
        (ADA, {"department": NO_SUCH}, 404),
    ],
)
def test_a_report_is_narrowed_to_what_there_is_within_reach(
    client: FlaskClient, reader: int, narrowed: Query, status: int
) -> None:
    db.session.add(Team(id=3, name="East"))
    db.session.add_all(
        [ReportLabel(id=31, kind="tag", name="slow"), ReportLabel(id=32, kind="product", name="App")]
    )
    db.session.add(Domain(id=33, key="mail", name="Mail"))
    db.session.commit()
    in_north = {**golden.rows()[0], "kind": "ticket.solve", "agent_id": BEN, "team_id": 1, "ticket_id": 99}
    golden.write([{**in_north, "role": None, "link_id": None, "after": "unanswered"}])
    assert call(client, reader, REPORT, {**IN_MAY, **narrowed}).status_code == status
    assert browse(client, reader, LISTED, {**IN_MAY, **narrowed}).status_code == status


@pytest.mark.parametrize(
    ("reader", "department", "status"),
    [
        (ANA, "1", 200),  # of North, her team
        (ANA, "2", 404),
        (ANA, "none", 200),
        (CORA, "2", 200),
        (CORA, "3", 200),  # South was once of it
        (CORA, "1", 200),  # of North, where Ben of her team solved a ticket once
        (CORA, "4", 404),  # of no team
        (ADA, "4", 200),
    ],
)
def test_a_report_is_narrowed_to_departments_of_teams_within_reach(
    client: FlaskClient, reader: int, department: str, status: int
) -> None:
    db.session.add_all(Department(id=number, name=f"D{number}") for number in range(1, 5))
    db.session.flush()
    for team, name in (("North", "D1"), ("South", "D3"), ("South", "D2")):
        set_department(team, name)
    db.session.commit()
    narrowed = {**IN_MAY, "department": department}
    assert call(client, reader, REPORT, narrowed).status_code == status
    assert browse(client, reader, LISTED, narrowed).status_code == status


def test_the_figures_of_a_team_that_are_ones_own_alone_say_so(client: FlaskClient) -> None:
    by_team = {**IN_MAY, "by": "team"}
    db.session.get_one(Agent, ANA).language = "es"
    page = browse(client, ANA, PAGE, by_team).text
    assert "North: solo lo tuyo" in unescape(page)
    answer = call(client, ANA, REPORT, {**by_team, "format": "csv"})
    assert "North: yours alone" in answer.data.decode("utf-8-sig")
    assert "North: solo lo tuyo" in unescape(browse(client, ANA, LISTED, {**IN_MAY, "team": "1"}).text)
    assert [row["label"] for row in call(client, CORA, REPORT, by_team).get_json()["rows"]] == [
        "North: within your reach",  # where Ben, of her team, solved a ticket once
        "South",
    ]


def test_a_list_is_downloaded_and_turned_over_as_of_the_moment_it_shows(client: FlaskClient) -> None:
    page = unescape(browse(client, ADA, LISTED, TWO_WEEKS).text)
    files = re.findall(r'href="(/reports/link-rate/tickets\.csv[^"]*)"', page)
    assert files
    late = {**golden.rows()[0], "kind": "ticket.reopen", "ticket_id": 1, "recorded_at": datetime.now(UTC)}
    golden.write([late])
    lines = client.get(files[0]).data.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + page.count('<td data-label="Ticket">')


def test_everybody_else_sees_themselves_alone(client: FlaskClient) -> None:
    body = call(client, ANA, REPORT, {**IN_MAY, "by": "agent"}).get_json()
    assert [row["label"] for row in body["rows"]] == ["Ana"]
    assert body["total"]["solved"] == 8
    page = browse(client, ANA, PAGE, {**IN_MAY, "by": "agent"}).text
    assert "Ana" in page
    for other in ("Ben", "Eva", "Nobody of ours"):
        assert other not in page


@pytest.mark.parametrize("path", [API, REPORT, TICKETS])
def test_the_api_answers_nobody_without_a_token(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 401


@pytest.mark.parametrize("path", ["/reports", PAGE, f"{PAGE}.csv", LISTED, f"{LISTED}.csv"])
def test_the_pages_ask_strangers_to_sign_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.location.split("?")[0]) == (302, "/sign-in")


def test_while_figures_are_made_anew_nobody_sees_half_of_them(client: FlaskClient) -> None:
    """What was there is dropped first: until all is made, a report says so and when to come back."""
    keeping.begin(datetime(2026, 1, 1, tzinfo=UTC), MADRID)
    for answer in (call(client, ADA, REPORT, IN_MAY), browse(client, ADA, PAGE, IN_MAY)):
        assert answer.status_code == 503
        assert "made anew" in answer.text
    keeping.go_on_to_the_end(lambda _tickets: None)
    assert call(client, ADA, REPORT, IN_MAY).get_json()["total"]["solved"] == 19


def test_all_reports_are_found_on_one_page(client: FlaskClient) -> None:
    page = browse(client, ADA, "/reports").text
    for report in REPORTS.values():
        assert f'href="/reports/{report.name}"' in page
    own = browse(client, ANA, "/reports").text
    for report in REPORTS.values():
        assert (f'href="/reports/{report.name}"' in own) is not report.everybody_only


@pytest.mark.parametrize(
    "name", ["known", *(pytest.param(name, marks=pytest.mark.long) for name in REPORTS if name != "known")]
)
def test_every_report_has_its_page(client: FlaskClient, name: str) -> None:
    answer = browse(client, ADA, f"/reports/{name}", IN_MAY)
    assert answer.status_code == 200
    assert f"<h1>{REPORTS[name].title}</h1>" in unescape(answer.text)


def links(page: str) -> dict[str, str]:
    """Return the address behind each figure: its spoken name is figure, count and row."""
    found = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', page)
    return {unescape(name): unescape(url) for url, name in found if " · " in name}


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ("agent", 5),
        *(
            pytest.param(by, rows, marks=pytest.mark.long)
            for by, rows in (("team", 4), ("week", 3), ("month", 3), ("quarter", 3), ("day", 15))
        ),
    ],
)
def test_every_figure_of_the_page_opens_its_tickets(client: FlaskClient, by: str, rows: int) -> None:
    page = browse(client, ADA, PAGE, {**IN_MAY, "by": by})
    assert page.status_code == 200
    found = links(page.text)
    assert len(found) == len(COUNTS) * rows
    for name, url in list(found.items())[-6:]:
        number = name.split(" · ")[0]
        tickets = client.get(url).text
        assert f"{number} in all" in tickets
        assert tickets.count('<td data-label="Ticket">') == int(number)
        assert client.get(f"{url}&page=9").text.count('<td data-label="Ticket">') == int(number), (
            "the last page"
        )


def test_a_listed_ticket_leads_to_its_page(client: FlaskClient) -> None:
    query = {**IN_MAY, "cell": "linked", "team": "none"}
    page = browse(client, ADA, LISTED, query).text
    assert "<bdi>No team</bdi>" in page
    assert '<a href="/tickets/acme/9016"><bdi>9016</bdi></a>' in page
    assert "<bdi>Subject 16</bdi>" in page
    assert page.count("no longer kept here") == 1, "ticket 22"


def test_the_page_shows_totals_moment_definition_and_files_as_of_the_same_moment(
    client: FlaskClient,
) -> None:
    page = browse(client, ADA, PAGE, {**IN_MAY, "by": "agent"}).text
    for shown in ("47.4 %", "56.3 %", "participation rate", "this is no ranking", "linked ÷ solved"):
        assert shown in page
    files = dict(re.findall(r'href="(/reports/link-rate\.(?:csv|xlsx|json)[^"]*)"[^>]*>(\w+)<', page))
    assert sorted(files.values()) == ["CSV", "JSON", "XLSX"]
    for url, kind in files.items():
        query = {**IN_MAY, "by": "agent", "format": kind.lower()}
        file = client.get(unescape(url))
        assert (file.status_code, bool(file.data)) == (200, True)
        same = call(client, ADA, REPORT, query)
        if kind == "CSV":
            assert file.data == same.data
        elif kind == "JSON":
            assert file.get_json() == same.get_json()


@pytest.mark.parametrize(
    ("query", "field"), [({"from": "soon"}, "from"), ({"to": "2020-01-01", "from": "2020-02-01"}, "to")]
)
def test_a_wrong_value_stays_in_the_form_beside_its_error(
    client: FlaskClient, query: Query, field: str
) -> None:
    answer = browse(client, ADA, PAGE, query)
    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text
    assert f'value="{query[field]}"' in answer.text


def shortcuts(page: str) -> dict[str, tuple[Query, bool]]:
    """Return what each period by name asks for, and whether it is the one shown."""
    [nav] = re.findall(r'<nav class="periods".*?</nav>', page, re.S)
    found = re.findall(r'<a href="([^"]+)"( aria-current="true")?>([^<]+)</a>', nav)
    return {
        name: (dict(parse_qsl(urlsplit(unescape(url)).query)), bool(current)) for url, current, name in found
    }


def test_the_usual_periods_keep_all_else_that_was_asked(client: FlaskClient) -> None:
    asked = {**IN_MAY, "by": "agent", "compare": "year", "team": "1"}
    found = shortcuts(browse(client, ADA, PAGE, asked).text)
    assert list(found) == [
        "Last 30 days",
        "Last 13 weeks",
        "This month",
        "Last month",
        "This quarter",
        "Last quarter",
        "This year",
        "Last year",
    ]
    for query, shown in found.values():
        assert not shown
        assert sorted(query) == ["by", "compare", "from", "team", "to"]
        assert {name: query[name] for name in ("by", "compare", "team")} == {
            "by": "agent",
            "compare": "year",
            "team": "1",
        }


def test_the_period_that_is_shown_is_marked_as_such(client: FlaskClient) -> None:
    found = shortcuts(browse(client, ADA, PAGE).text)
    assert [name for name, (_, shown) in found.items() if shown] == ["Last 30 days"]
    for name, (query, _) in found.items():
        again = shortcuts(client.get(PAGE, query_string=query).text)
        marked = [each for each, (_, shown) in again.items() if shown]
        assert len(marked) == 1
        assert again[marked[0]][0] == again[name][0], "on the first of a month two are the same"


@pytest.mark.parametrize(
    "wrong", [{"from": "soon"}, {"name": "x"}, {"_anchor": "x"}, {"_external": "1"}, {"by": "foo"}]
)
def test_the_usual_periods_are_there_beside_what_is_wrong(client: FlaskClient, wrong: Query) -> None:
    answer = browse(client, ADA, PAGE, wrong)
    assert answer.status_code == 422
    assert len(shortcuts(answer.text)) == 8


def control(page: str, name: str) -> Query:
    """Return the attributes of an input."""
    [tag] = [each for each in re.findall(r"<input[^>]*>", page) if f' name="{name}"' in each]
    return {key: unescape(value) for key, value in re.findall(r'([a-z-]+)="([^"]*)"', tag)}


@pytest.mark.parametrize(
    ("as_of", "status", "kind", "value"),
    [
        ("", 200, "datetime-local", ""),
        ("2025-05-01", 200, "datetime-local", "2025-05-01T00:00"),
        ("2025-05-01T00:00Z", 200, "datetime-local", "2025-05-01T02:00"),
        ("2025-10-26T01:30Z", 200, "text", "2025-10-26T01:30Z"),
        ("2100-01-01", 422, "datetime-local", "2100-01-01T00:00"),
        ("soon", 422, "text", "soon"),
    ],
)
def test_a_moment_is_asked_for_on_the_clock_of_the_organisation(
    client: FlaskClient, as_of: str, status: int, kind: str, value: str
) -> None:
    answer = browse(client, ADA, PAGE, {**TWO_WEEKS, "as_of": as_of})
    found = control(answer.text, "as_of")
    assert (answer.status_code, found["type"], found["value"]) == (status, kind, value)
    assert "As of, Europe/Madrid (empty: now)" in answer.text
    assert (found.get("aria-describedby") == "field-as_of-error") == (status == 422)
    if status == 200 and as_of:
        same = call(client, ADA, REPORT, {**TWO_WEEKS, "as_of": found["value"]}).get_json()
        assert same["rows"] == call(client, ADA, REPORT, {**TWO_WEEKS, "as_of": as_of}).get_json()["rows"]


def test_what_a_link_narrowed_to_is_kept_by_the_form(client: FlaskClient) -> None:
    in_north = {**golden.rows()[0], "kind": "ticket.solve", "agent_id": BEN, "team_id": 1, "ticket_id": 99}
    golden.write([{**in_north, "role": None, "link_id": None, "after": "unanswered"}])
    for query, status in ((IN_MAY, 200), ({**IN_MAY, "to": "soon"}, 422)):
        answer = browse(client, BEN, PAGE, {**query, "team": "1"})
        assert answer.status_code == status
        assert '<option value="1" selected>North: yours alone</option>' in answer.text
    assert '<option value="2"' in answer.text, "his own team is offered besides"


def test_what_the_form_has_too_many_of_to_offer_is_kept_and_named(client: FlaskClient) -> None:
    db.session.add(ReportLabel(id=31, kind="tag", name="slow"))
    db.session.commit()
    page = browse(client, ADA, PAGE, {**IN_MAY, "tag": TAG}).text
    assert control(page, "tag") == {"type": "hidden", "name": "tag", "value": TAG}
    assert '<span class="muted">Tag:</span> <bdi>slow</bdi>' in page


def test_an_exempt_ticket_is_listed_with_its_reason_as_of_the_moment(client: FlaskClient) -> None:
    again = {
        **golden.rows()[0],
        "kind": "ticket.exempt",
        "ticket_id": 7,
        "link_id": None,
        "article_id": None,
        "role": None,
        "after": "exempt",
    }
    golden.write(
        [
            {**again, "recorded_at": at(when), "detail": {"reason": reason}}
            for when, reason in (
                ("2025-03-27T09:00", "confidential"),
                ("2025-03-28T09:00", "no_knowledge"),
                ("2025-06-01T09:00", "out_of_scope"),
            )
        ]
    )
    exempt = {**IN_MAY, "cell": "exempt"}
    page = browse(client, ADA, LISTED, exempt).text
    rows = re.findall(r"<tr>(<td.*?)</tr>", page, re.S)
    told = {
        re.findall(r"<bdi>(\d+)</bdi>", row)[0]: re.findall(r"Why no article.*?<bdi>(.*?)</bdi>", row)[0]
        for row in rows
    }
    assert told["9007"] == "No knowledge in it"
    assert {said for ticket, said in told.items() if ticket != "9007"} == {"–"}, (
        "from before reasons were kept"
    )
    now = client.get(LISTED, query_string={**TWO_WEEKS, "cell": "exempt"}).text
    assert "Out of scope" in now
    file = client.get(f"{LISTED}.csv", query_string=exempt).data.decode("utf-8-sig")
    reasons = {line["ticket"]: line["reason"] for line in csv.DictReader(io.StringIO(file))}
    assert reasons == {ticket: "" if said == "–" else said for ticket, said in told.items()}
    items = call(client, ADA, TICKETS, exempt).get_json()["items"]
    assert {item["ticket"]: item["reason"] or "" for item in items} == reasons
    own = browse(client, ANA, LISTED, exempt).text
    assert "No knowledge in it" in own
    assert "Why no article" not in client.get(LISTED, query_string={**IN_MAY, "cell": "solved"}).text


def test_every_reason_why_no_article_is_needed_has_its_words() -> None:
    assert sorted(EXEMPTION_REASONS) == sorted(ExemptionReason)


def test_an_empty_period_says_what_to_do_next(client: FlaskClient) -> None:
    page = browse(client, ADA, PAGE, {"from": "2025-06-01", "to": "2025-06-08", "by": "agent"}).text
    assert "Nothing to count in this period" in page
    found = re.search(r'href="([^"]+)">Look at the last year', page)
    assert found
    assert "47.4 %" not in page
    assert links(client.get(unescape(found[1])).text)


@pytest.mark.parametrize("path", ["/reports", PAGE, LISTED])
def test_pages_carry_no_inline_style_or_script(client: FlaskClient, path: str) -> None:
    page = browse(client, ADA, path, IN_MAY).text
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", page)


def test_names_and_subjects_are_text(client: FlaskClient) -> None:
    evil = "<img src=x onerror=alert(1)>"
    db.session.get_one(Agent, ANA).name = evil
    db.session.commit()
    assert evil not in browse(client, ADA, PAGE, {**IN_MAY, "by": "agent"}).text
    assert evil not in client.get(LISTED, query_string={**IN_MAY, "agent": str(ANA)}).text


def test_the_api_describes_the_reports(client: FlaskClient, app: Flask) -> None:
    spec: dict[str, Any] = app.extensions["kcs.api"].spec.to_dict()
    told = spec["paths"][f"{API}/{{name}}"]["get"]["parameters"]
    asked = {parameter["name"] for parameter in told}
    assert {"from", "to", "as_of", "by", "compare", "agent", "team", "tag", "format"} <= asked
