"""The panel: what is offered and why, what goes into a reply, what stays as evidence, what never appears."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs import database
from kcs.articles.importing import import_article
from kcs.articles.policy import TemplateRow
from kcs.articles.services import move_article
from kcs.articles.structure import SHIPPED, Field, fields_to_json
from kcs.database import db
from kcs.errors import WorkflowError
from kcs.people.models import Agent
from kcs.search.index import SearchIndex
from kcs.search.log import forget_old
from kcs.search.models import Place, SearchLog
from kcs.search.standing import unlinked_shares
from kcs.solving import handing_over, queries, services
from kcs.solving.models import ExemptionReason, PassedOver
from kcs.solving.offers import answer_in_one_line, marked, shortened
from kcs.solving.passing_over import pass_over, take_back
from kcs.solving.suggestions import suggest_for_words
from kcs.tickets.models import Ticket
from tests.factories import make_agent, make_article, make_ticket, sign_in
from tests.fakes import FakeDesk
from workflow.article import ArticleState, Confidence, Move

HTMX = {"HX-Request": "true"}
ISSUE = "The export button stays grey, error E-4042 in Reports 4.2"
ANSWER = "1. Allow pop-ups for the page of E-4042.\n2. Reload it."
SECRET = "the-vault-code-is-8871"


@dataclass
class Beside:
    """An agent at a ticket."""

    client: FlaskClient
    agent: Agent
    ticket: Ticket

    @property
    def address(self) -> str:
        return f"/tickets/acme/{self.ticket.remote_id}"

    def get(self, path: str, *, part: bool = True, status: int = 200) -> str:
        """Ask for a page or a part of one to its end: evidence is written when the answer is sent."""
        return self._sent("GET", path, {}, part=part, status=status)

    def post(self, path: str, *, status: int = 200, token: str = "", how: str = "", **form: str) -> str:
        """Send a form; `token` is the search it comes from, `how` what the reply is given."""
        return self._sent("POST", path, {**form, "from": token, "as": how}, part=True, status=status)

    def _sent(self, method: str, path: str, form: dict[str, str], *, part: bool, status: int) -> str:
        address = path if path.startswith("/panel") else self.address + path
        db.session.commit()  # what the test began must not stand in the way of what is written afterwards
        headers = HTMX if part else {}
        answer = self.client.open(address, method=method, data=form or None, headers=headers, buffered=True)
        db.session.rollback()
        db.session.expire_all()
        assert answer.status_code == status, answer.text
        return answer.text

    def token(self, page: str) -> str:
        """Return what the links and forms of a page name their search by."""
        found = re.search(r'name="from" value="([^"]+)"', page)
        assert found, page
        return html.unescape(found[1])


@pytest.fixture
def beside(app: Flask, desk: FakeDesk) -> Beside:
    """Ana at a ticket, with one article for colleagues and one for everybody that may answer it."""
    ana = make_agent(email="ana@example.com")
    make_article(
        key="KB-1", title="Export button grey", parts={"issue": ISSUE, "resolution": "Ask the admin."}
    )
    make_article(
        ArticleState.PUBLISHED,
        key="KB-2",
        title="Export grey with E-4042",
        parts={"issue": ISSUE, "resolution": ANSWER, "notes": SECRET},
    )
    ticket = make_ticket(desk, subject="Export button grey", body=f"{ISSUE}. It worked last week.")
    return Beside(sign_in(app.test_client(), ana), ana, ticket)


@pytest.fixture
def index(app: Flask) -> SearchIndex:
    found: SearchIndex = app.extensions["kcs.search"]
    return found


def offered(page: str) -> list[str]:
    return re.findall(r'data-article="([^"]+)"', page)


def searches(ticket: Ticket) -> list[SearchLog]:
    query = select(SearchLog).where(SearchLog.ticket_id == ticket.id).order_by(SearchLog.id)
    return list(db.session.execute(query).scalars())


# ---- What is offered


def test_an_offer_says_what_it_answers_and_why_with_exact_names_marked(beside: Beside) -> None:
    page = beside.get("/suggestions")
    assert set(offered(page)) == {"KB-1", "KB-2"}
    assert "Export grey with <mark>E-4042</mark>" in page
    assert "Allow pop-ups for the page of <mark>E-4042</mark>." in page
    assert "same e-4042" in page.lower()
    assert "2. Reload" not in page


def test_the_page_comes_without_suggestions_and_with_them_where_there_are_no_scripts(beside: Beside) -> None:
    assert offered(beside.get("", part=False)) == []
    assert 'hx-trigger="load' in beside.get("", part=False)
    assert set(offered(beside.get("/suggestions", part=False))) == {"KB-1", "KB-2"}


def test_the_text_being_written_finds_what_it_is_about_and_nothing_is_kept_of_it(beside: Beside) -> None:
    make_article(
        key="KB-9",
        title="Calendar shows the wrong week",
        parts={"issue": "Wrong week", "resolution": "Set it."},
    )
    page = beside.post("/suggestions", subject="Calendar", body="My calendar shows the wrong week")
    assert offered(page)[0] == "KB-9"
    assert searches(beside.ticket) == []


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ({"resolution": "Allow pop-ups. Then reload."}, "Allow pop-ups."),
        ({"resolution": "## Steps\n\n1. **Open** the menu\n2. Save"}, "Open the menu Save"),
        ({"body": "Just text. More."}, "Just text."),
        ({"issue": "It is broken"}, ""),
        ({"cause": "A bug.", "issue": "Broken"}, "A bug."),
    ],
)
def test_the_answer_in_one_line_is_its_first_sentence(app: Flask, parts: dict[str, str], line: str) -> None:
    article = make_article(ArticleState.WIP, parts=parts)
    assert answer_in_one_line(article.current_version, make_agent()) == line


def test_long_lines_are_cut_at_a_word_and_marks_escape_what_is_around_them() -> None:
    assert shortened("one two three four", 9) == "one two …"
    assert marked("<b> E-1 & e-1", ["E-1"]) == "&lt;b&gt; <mark>E-1</mark> &amp; <mark>e-1</mark>"


# ---- What is typed


def test_typing_finds_by_words_begun_and_filters_narrow(beside: Beside) -> None:
    assert set(offered(beside.get("/search?q=export+gre"))) == {"KB-1", "KB-2"}
    assert offered(beside.get("/search?q=export+gre&state=published")) == ["KB-2"]
    assert offered(beside.get("/search?state=published")) == ["KB-2"]
    assert offered(beside.get("/search?q=export&tag=nowhere")) == []
    assert beside.get("/search?q=").strip() == ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("q=exprot", "export"),
        ("q=exprot+button&state=published", "export button"),
        ("q=expo", None),  # begun
        ("q=export+grey", None),
    ],
)
def test_a_misspelt_search_is_asked_about_its_filters_stay(
    beside: Beside, typed: str, meant: str | None
) -> None:
    page = beside.get(f"/search?{typed}")
    assert re.findall(r'data-meant="([^"]+)"', page) == ([meant] if meant else [])
    assert ("Did you mean" in page) == bool(meant)


@pytest.mark.parametrize(("articles", "said"), [(8, "8 found"), (9, "The first 8 articles, best first")])
def test_more_than_are_shown_are_not_counted(beside: Beside, articles: int, said: str) -> None:
    for number in range(articles):
        make_article(key=f"KB-{100 + number}", title=f"Zebra stripes {number}")
    page = beside.get("/search?q=zebra+stripes")
    assert len(offered(page)) == 8
    assert said in page
    beside.post("/searches", status=204, token=beside.token(page))
    assert [row.results for row in searches(beside.ticket)] == [8]
    assert "“<bdi>zebra stripes</bdi>”: 8 or more found" in beside.get("", part=False)


def test_without_scripts_the_search_is_sent_with_its_filters_and_nobody_is_said_to_look(
    beside: Beside,
) -> None:
    page = beside.get("", part=False)
    assert re.search(r'<form id="finding".*?<noscript><button type="submit"', page, re.DOTALL)
    assert re.search(r"data-looking hidden>Looking for articles", page)
    assert 'aria-busy="true"' not in page
    assert '<option value="en">English</option>' in page
    sent = beside.client.get("/search?q=export&product=&tag=&state=published&language=")
    assert sent.headers["Location"] == "/search?q=export+state:published"


def test_what_is_linked_already_is_neither_suggested_nor_found(beside: Beside) -> None:
    beside.post("/links", article="KB-1")
    assert offered(beside.get("/suggestions")) == ["KB-2"]
    assert offered(beside.get("/search?q=export")) == ["KB-2"]


# ---- Not this one


def test_not_this_one_is_one_row_offered_no_more_and_can_be_taken_back(
    beside: Beside, index: SearchIndex
) -> None:
    page = beside.get("/suggestions")
    rank = offered(page).index("KB-1") + 1
    for _again in range(2):
        assert "not suggested" in beside.post("/passed-over", article="KB-1", token=beside.token(page))
    (row,) = db.session.query(PassedOver)
    assert (row.agent_id, row.words, row.rank) == (beside.agent.id, "", rank)
    assert f"not this one · no. {rank}" in beside.get("", part=False)
    assert offered(beside.get("/suggestions")) == ["KB-2"]
    assert [
        each.article.key
        for each in suggest_for_words(index, beside.ticket, "", ISSUE, reader=beside.agent).found
    ] == ["KB-2"]
    beside.post("/passed-over/undo", article="KB-1")
    beside.post("/passed-over/undo", article="KB-1")
    assert set(offered(beside.get("/suggestions"))) == {"KB-1", "KB-2"}


def test_what_was_typed_stays_with_what_was_passed_over_without_names(beside: Beside) -> None:
    page = beside.get("/search?q=export+maria%40example.com")
    assert offered(page)
    key = offered(page)[0]
    beside.post("/passed-over", article=key, token=beside.token(page))
    (row,) = db.session.query(PassedOver)
    assert (row.words.partition(" ")[0], "maria" in row.words, row.rank) == ("export", False, 1)


def test_what_is_linked_was_the_one_after_all(beside: Beside) -> None:
    beside.post("/passed-over", article="KB-1")
    beside.post("/links", article="KB-1")
    assert db.session.query(PassedOver).count() == 0


def test_passing_over_counts_against_an_article_less_than_a_link_taken_back(
    app: Flask, desk: FakeDesk
) -> None:
    agent, tickets = make_agent(), [make_ticket(desk) for _ in range(3)]
    passed, unlinked, both, neither = (make_article() for _ in range(4))
    for ticket in tickets:
        pass_over(ticket, passed, by=agent)
        services.unlink(services.link_article(ticket, unlinked, by=agent), by=agent)
    pass_over(tickets[0], both, by=agent)
    services.link_article(tickets[1], both, by=agent)
    shares = unlinked_shares([each.id for each in (passed, unlinked, both, neither)])
    assert 0 < shares[both.id] < shares[passed.id] < shares[unlinked.id] < 1
    assert neither.id not in shares
    take_back(tickets[0], both, by=agent)
    assert unlinked_shares([both.id]) == {both.id: 0.0}


# ---- Into the reply


def test_sending_links_as_the_answer_and_hands_over_the_public_address(beside: Beside) -> None:
    page = beside.post("/send", article="KB-2")
    assert "http://127.0.0.1:8080/help/articles/KB-2" in page
    (link,) = queries.present_links(beside.ticket)
    assert (link.article.key, link.role.value) == ("KB-2", "resolution")


def test_inserting_hands_over_the_public_text_alone(beside: Beside) -> None:
    page = beside.post("/send", article="KB-2", how="text")
    text = re.search(r'data-text="([^"]*)"', page)
    assert text is not None
    assert "- Allow pop-ups for the page of E-4042.\n- Reload it." in html.unescape(text[1])
    assert SECRET not in page


@pytest.mark.parametrize(
    "state",
    [
        state
        for state in ArticleState
        if state not in (ArticleState.PUBLISHED, ArticleState.DELETED, ArticleState.ARCHIVED)
    ],
)
def test_what_customers_may_not_read_is_not_sent_and_not_linked(beside: Beside, state: ArticleState) -> None:
    article = make_article(state)
    for how in ("", "text"):
        page = beside.post("/send", article=article.key, how=how)
        assert "has no public address" in page
        assert "data-handed" not in page
    assert queries.present_links(beside.ticket) == []
    with pytest.raises(WorkflowError):
        handing_over.text_for_reply(article, "")


def test_the_desks_own_help_centre_goes_before_the_built_in_one(beside: Beside) -> None:
    article, connection = make_article(ArticleState.PUBLISHED), beside.ticket.connection
    built_in = f"http://here/help/articles/{article.key}"
    assert handing_over.address_for(article, connection, "http://here") == built_in


# ---- Within the desk


@pytest.mark.parametrize(
    ("origin", "held"),
    [
        ("https://desk.example.com", True),
        ("https://desk.example.com.evil.example", False),
        ("http://desk.example.com", False),
        ("*", False),
        ("https://desk.example.com;script-src *", False),
        ("", False),
    ],
)
def test_only_the_desks_own_pages_may_hold_the_panel(beside: Beside, origin: str, held: bool) -> None:
    query = {"connection": "acme", "ticket": beside.ticket.remote_id, "origin": origin}
    db.session.commit()
    answer = beside.client.get("/panel", query_string=query)
    policy = answer.headers["Content-Security-Policy"]
    assert ("frame-ancestors https://desk.example.com" in policy) is held
    assert ("frame-ancestors 'none'" in policy) is not held
    assert ("X-Frame-Options" in answer.headers) is not held
    assert ('data-desk="https://desk.example.com"' in answer.text) is held


@pytest.mark.parametrize(
    ("query", "leads_on"),
    [("", True), ("&origin=https://desk.example.com", False), ("&origin=https://evil.example", True)],
)
def test_the_panel_leads_on_to_the_next_ones_panel_but_stays_within_the_desk(
    beside: Beside, query: str, leads_on: bool
) -> None:
    services.exempt(beside.ticket, ExemptionReason.NO_KNOWLEDGE, by=beside.agent)
    number = beside.ticket.remote_id
    panel = f"/panel?connection=acme&ticket={number}{query}"
    db.session.commit()
    current = {**HTMX, "HX-Current-URL": f"http://localhost{panel}"}
    for part in ("/knowledge", "/suggestions", None):
        address, headers = (beside.address + part, current) if part else (panel, {})
        page = beside.client.get(address, headers=headers, buffered=True).text
        found = re.findall(r'href="(/tickets/next[^"]*)" data-here data-key="n"', page)
        assert found == ([f"/tickets/next?after=acme/{number}&amp;panel=1"] if leads_on else []), part


def test_without_a_ticket_the_panel_asks_which(beside: Beside) -> None:
    assert 'name="ticket"' in beside.get("/panel")
    unknown = beside.get("/panel?connection=acme&ticket=nowhere", status=404)
    assert "There is no ticket nowhere" in unknown
    assert 'value="nowhere"' in unknown


# ---- Evidence


def test_what_was_suggested_opened_and_linked_stays_with_the_ticket(beside: Beside) -> None:
    page = beside.get("/suggestions")
    keys = offered(page)
    beside.get("/suggestions")
    (row,) = searches(beside.ticket)
    assert (row.place, row.shown, row.agent_id) == (Place.SUGGESTED, keys, beside.agent.id)
    beside.get(f"/preview/{keys[1]}?from={beside.token(page)}")
    beside.post("/links", article=keys[0], token=beside.token(page))
    (row,) = searches(beside.ticket)
    assert (row.opened_key, row.opened_rank) == (keys[1], 2)
    assert (row.linked_key, row.linked_rank) == (keys[0], 1)


def test_typing_is_kept_once_it_was_meant(beside: Beside) -> None:
    page = beside.get("/search?q=grey+export")
    assert searches(beside.ticket) == []
    for _again in range(2):
        beside.post("/searches", status=204, token=beside.token(page))
    (row,) = searches(beside.ticket)
    assert (row.place, row.words, row.results) == (Place.PANEL, "grey export", 2)
    assert "“<bdi>grey export</bdi>”: 2 found" in beside.get("", part=False)
    forget_old(0, ZoneInfo("UTC"))
    assert len(searches(beside.ticket)) == 1


def test_a_search_of_another_ticket_is_no_evidence_of_this_one(beside: Beside, desk: FakeDesk) -> None:
    page = beside.get("/search?q=grey+export")
    here, beside.ticket = beside.ticket, make_ticket(desk)
    beside.post("/searches", status=204, token=beside.token(page))
    assert searches(beside.ticket) == searches(here) == []


# ---- Nothing unreadable


def test_a_secret_appears_nowhere_in_the_panel(app: Flask, beside: Beside) -> None:
    """One article was thrown away, one has a field this agent may not read: nothing of either is shown."""
    closed = Field("vault", "Vault", readers=("admin",))
    fields = fields_to_json((*SHIPPED["issue-resolution"].fields, closed))
    moment = database.now()
    db.session.add(TemplateRow(key="closed", name="Closed", description="", fields=fields, changed_at=moment))
    db.session.flush()
    parts = {"issue": ISSUE, "resolution": "Ask.", "vault": SECRET}
    thrown = make_article(
        ArticleState.WIP, title=f"Export grey {SECRET}", parts={"issue": f"{ISSUE} {SECRET}"}, key="KB-GONE"
    )
    import_article("Export grey", parts, key="KB-NARROW", template="closed", confidence=Confidence.VALIDATED)
    shown = beside.get("/search?q=export+grey")
    assert "KB-GONE" in offered(shown)
    old = beside.token(shown)
    beside.get(f"/preview/KB-GONE?from={old}")
    move_article(thrown, Move.DELETE, by=make_agent())
    walked = [
        beside.get("", part=False),
        beside.get("/knowledge"),
        beside.get("/suggestions"),
        beside.get("/suggestions", part=False),
        beside.post("/suggestions", subject="", body=f"{ISSUE} {SECRET}"),
        beside.get("/search?q=export"),
        beside.get(f"/panel?connection=acme&ticket={beside.ticket.remote_id}"),
        beside.get("/preview/KB-GONE", status=404),
        beside.get("/preview/KB-NARROW"),
        beside.post("/passed-over", article="KB-GONE", status=404),
        beside.post("/passed-over/undo", article="KB-GONE", status=404),
        beside.post("/searches", status=204, token=old),
        beside.post("/send", article="KB-GONE"),
        beside.post("/send", article="KB-NARROW", how="text"),
        beside.post("/send", article="KB-2", how="text"),
        beside.post("/links", article="KB-GONE"),
        beside.post("/links", article="KB-NARROW"),
        beside.post("/flags", article="KB-GONE", reason="wrong"),
        beside.get("/search?q=vault"),
    ]
    for number, page in enumerate(walked):
        assert SECRET not in page, number
    assert offered(beside.get(f"/search?q={SECRET}")) == []


def test_an_article_is_flagged_from_the_ticket_linked_or_not(beside: Beside) -> None:
    assert "Flagged KB-1" in beside.post("/flags", article="KB-1", reason="step 2 is gone")
    assert queries.present_links(beside.ticket) == []
