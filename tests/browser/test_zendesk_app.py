"""The app within Zendesk's pages: linked at solve by keyboard alone, and no save is ever lost to us."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, ViewportSize, expect

from kcs.articles.queries import get_article
from kcs.database import db
from kcs.embedding.models import PassReason
from kcs.people.models import Agent
from kcs.people.services import end_sign_ins
from kcs.ports import DeskAgent
from kcs.solving.services import link_article
from kcs.tickets.models import ClosePolicy, Connection, Ticket
from kcs.tickets.services import set_closing
from tests.browser.outcome import linked, passed_saves, wait_for
from tests.browser.zaf.host import Host, standing_in
from tests.browser.zaf.scene import AtTheDesk, Server
from tests.embedding.visits import Signer
from tests.factories import make_agent, make_article, make_connection, make_ticket, read_again
from tests.fakes import FakeDesk
from workflow.article import ArticleState

pytestmark = [pytest.mark.browser, pytest.mark.long]

EMAIL = "ana@example.com"
WINDOW = ViewportSize(width=1000, height=900)
AXE = Axe().axe_script
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
ODD_THEME = "{key: 'zaf.colorScheme.changed', message: 7}"


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    """A live server."""
    made = Server(app)
    yield made
    made.stop()


@pytest.fixture
def ana(app: Flask) -> Agent:
    """A contributor, known on the desk as number 7."""
    known = app.extensions["kcs.providers"]["zendesk"].embedded
    known.staff["7"] = DeskAgent("7", "Ana", EMAIL, email_verified=True, active=True)
    known.staff["8"] = DeskAgent("8", "Bo", "bo@example.com", email_verified=True, active=True)
    return make_agent(email=EMAIL)


@pytest.fixture
def host(app: Flask, server: Server) -> Iterator[Host]:
    """The desk's pages, at the origin that our server knows as the desk's."""
    with standing_in(Signer()) as serving:
        serving.server = f"{server.address}/embed/acme"
        app.extensions["kcs.providers"]["zendesk"].embedded.origins = (serving.origin,)
        yield serving


@pytest.fixture
def connection(ana: Agent, host: Host) -> Connection:
    """The account with the app set up, and articles that may answer."""
    make_article(key="KB-1", title="Export button is grey, Reports 4.2")
    make_article(ArticleState.PUBLISHED, key="KB-2", title="Export is grey in the browser")
    make_article(key="KB-8", title="Calendar shows the wrong week")
    made = make_connection()
    made.app_installation, made.app_key = host.signer.audience, host.signer.pem
    return made


@pytest.fixture
def ticket(connection: Connection, desk: FakeDesk) -> Ticket:
    """A ticket that is being worked on."""
    return make_ticket(desk, connection)


@pytest.fixture
def desk_page(browser: Browser, host: Host) -> Iterator[AtTheDesk]:
    """A browser at the desk. Errors in a page fail the test."""
    context = browser.new_context(viewport=WINDOW, locale="en-GB")
    made = AtTheDesk(context.new_page(), host)
    made.page.on("console", made.hear)
    made.page.on("pageerror", lambda error: made.problems.append(str(error)))
    yield made
    context.close()
    assert made.problems == []


def test_under_require_a_ticket_is_linked_and_solved_by_keyboard_alone(
    desk_page: AtTheDesk, host: Host, connection: Connection, ticket: Ticket
) -> None:
    set_closing(connection, ClosePolicy.REQUIRE)
    host.show(ticket.remote_id)
    desk_page.open().solve()
    desk_page.is_told("This ticket cannot be solved yet: no article is linked to it.")
    expect(desk_page.part("#save-asked")).to_contain_text("cannot be solved yet")
    desk_page.tab_to(".panel-subject a")
    desk_page.page.keyboard.press("1")
    expect(desk_page.part("main .badge").first).to_have_text("Reuse")
    desk_page.submit(back=True)
    desk_page.is_saved()
    expect(desk_page.part("#save-asked")).to_be_hidden()
    assert linked(ticket) == ["KB-1"]
    assert passed_saves() == []


def test_under_prompt_the_question_is_put_once(
    desk_page: AtTheDesk, host: Host, connection: Connection, ticket: Ticket
) -> None:
    set_closing(connection, ClosePolicy.PROMPT)
    host.show(ticket.remote_id, custom=True)
    desk_page.open().solve()
    desk_page.is_told("save again within a minute")
    desk_page.page.keyboard.press("Enter")
    desk_page.is_saved()
    assert passed_saves() == []


def test_only_a_save_that_solves_is_asked_about(
    desk_page: AtTheDesk, host: Host, connection: Connection, ticket: Ticket, server: Server
) -> None:
    set_closing(connection, ClosePolicy.REQUIRE)
    server.mood = "500"
    host.show(ticket.remote_id)
    desk_page.open().choose("pending")
    desk_page.submit()
    expect(desk_page.page.locator("body > .ticket [role=status]")).to_have_text("Saved as pending")
    desk_page.page.wait_for_timeout(500)
    assert passed_saves() == []


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("slow", PassReason.TIMEOUT),
        ("500", PassReason.SERVER_ERROR),
    ],
)
def test_a_save_passes_when_our_server_does_badly_and_the_reason_is_kept(
    desk_page: AtTheDesk,
    host: Host,
    connection: Connection,
    ticket: Ticket,
    server: Server,
    mood: str,
    reason: PassReason,
) -> None:
    set_closing(connection, ClosePolicy.REQUIRE)
    host.show(ticket.remote_id)
    desk_page.open()
    server.mood = mood
    desk_page.solve()
    desk_page.is_saved()
    wait_for(lambda: passed_saves() == [(ticket.remote_id, reason)], desk_page.page)


def test_a_save_passes_when_our_server_is_stopped_and_the_reason_is_told_when_it_is_back(
    desk_page: AtTheDesk, host: Host, connection: Connection, ticket: Ticket, server: Server
) -> None:
    set_closing(connection, ClosePolicy.REQUIRE)
    host.show(ticket.remote_id)
    desk_page.open()
    server.stop()
    desk_page.solve()
    desk_page.is_saved()
    server.start()
    wait_for(lambda: passed_saves() == [(ticket.remote_id, PassReason.UNREACHABLE)], desk_page.page)


@pytest.mark.parametrize(("rich", "marked"), [(True, "<a href="), (False, "/help/articles/KB-2")])
def test_a_link_goes_into_the_reply(
    desk_page: AtTheDesk, host: Host, ticket: Ticket, rich: bool, marked: str
) -> None:
    host.show(ticket.remote_id, rich=rich)
    desk_page.open()
    desk_page.tab_to("[data-article=KB-2] summary")
    desk_page.page.keyboard.press("Enter")
    desk_page.tab_to("[data-article=KB-2] form[action$=send] button")
    desk_page.page.keyboard.press("Enter")
    expect(desk_page.part("[data-said=inserted]")).to_be_visible()
    written = desk_page.page.locator(".comment").inner_html()
    assert marked in written
    assert ("<a " in written) is rich
    assert linked(ticket) == ["KB-2"]


def test_suggestions_follow_what_the_desk_has_before_us(
    desk_page: AtTheDesk, host: Host, ticket: Ticket
) -> None:
    host.show(ticket.remote_id, comments=["Grey.", "Now the calendar shows the wrong week, every week."])
    desk_page.open(wait=False)
    expect(desk_page.part("#suggestions [data-article]").first).to_have_attribute("data-article", "KB-8")


def test_suggestions_follow_what_is_being_written(desk_page: AtTheDesk, host: Host, ticket: Ticket) -> None:
    host.show(ticket.remote_id, comments=["?"], subject="Calendar week")
    ticket.subject = "Calendar week"
    desk_page.open(wait=False)
    desk_page.tab_to(".comment")
    desk_page.page.keyboard.type("The export button is grey in Reports 4.2, you said. Export grey button.")
    expect(desk_page.part("#suggestions [data-article=KB-1]")).to_be_visible()


def test_two_tickets_open_at_once_keep_to_themselves(
    desk_page: AtTheDesk, host: Host, connection: Connection, desk: FakeDesk, ticket: Ticket
) -> None:
    other = make_ticket(desk, connection)
    host.show(ticket.remote_id)
    host.show(other.remote_id)
    desk_page.open()
    desk_page.part(".panel-subject a", 1).focus()
    desk_page.page.keyboard.press("2")
    expect(desk_page.part("main .badge", 1).first).to_have_text("Reuse")
    expect(desk_page.part("main .badge", 0).first).to_have_text("Capture")
    assert len(linked(other)) == 1
    assert linked(ticket) == []


def test_a_colleagues_link_is_seen_without_a_stream(
    desk_page: AtTheDesk, host: Host, ticket: Ticket, server: Server
) -> None:
    host.show(ticket.remote_id)
    desk_page.open()
    colleague = make_agent()
    link_article(ticket, get_article("KB-1", colleague), by=colleague)
    db.session.commit()
    expect(desk_page.part("main .badge").first).to_have_text("Reuse")


@pytest.mark.parametrize(
    ("theme", "locale", "lang", "direction"),
    [("light", "en-gb", "en-GB", "ltr"), ("dark", "he", "he", "rtl")],
)
def test_the_panel_looks_right(
    desk_page: AtTheDesk, host: Host, ticket: Ticket, theme: str, locale: str, lang: str, direction: str
) -> None:
    host.show(ticket.remote_id, theme=theme, locale=locale)
    desk_page.open()
    page = desk_page.frame()
    looks = page.evaluate("(({lang, dir, dataset}) => [lang, dir, dataset.theme])(document.documentElement)")
    assert looks == [lang, direction, theme]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    desk_page.problems.clear()  # axe tries inline styles, which the policy refuses
    assert [each["id"] for each in found] == []
    assert int(desk_page.told("sizes").pop().removesuffix("px")) > 400


def test_only_the_desk_is_listened_to(desk_page: AtTheDesk, host: Host, ticket: Ticket) -> None:
    host.show(ticket.remote_id)
    desk_page.open()
    theme = "document.documentElement.dataset.theme"
    said = """message => new Promise((done) => {
        window.postMessage(message, "*");
        setTimeout(done, 100);
    })"""
    desk_page.frame().evaluate(said, {"key": "zaf.colorScheme.changed", "message": "dark"})
    assert desk_page.frame().evaluate(theme) == "light"
    for odd in (
        "null",
        "'{'",
        "[]",
        "{id: 1}",
        "{key: 7}",
        "{key: 'zaf.none'}",
        "{key: 'zaf.colorScheme.changed', message: 7}",
    ):
        desk_page.page.evaluate(f"tickets[0].iframe.contentWindow.postMessage({odd}, '*')")
    desk_page.page.evaluate("tickets[0].tell('colorScheme.changed', 'dark')")
    wait_for(lambda: desk_page.frame().evaluate(theme) == "dark", desk_page.page)


def test_whoever_is_not_known_here_is_told_what_to_do(
    desk_page: AtTheDesk, host: Host, ticket: Ticket
) -> None:
    host.show(ticket.remote_id, user="8")
    desk_page.open(wait=False)
    expect(desk_page.part("h1")).to_have_text("You are not known here yet")
    wait_for(lambda: len(desk_page.told("sizes")) > 0, desk_page.page)


def test_a_ticket_that_comes_later_is_waited_for(
    desk_page: AtTheDesk, host: Host, connection: Connection, desk: FakeDesk, ticket: Ticket
) -> None:
    host.show("900")
    desk_page.open(wait=False)
    expect(desk_page.part("[data-problem=ticket]")).to_be_visible()
    desk.open_ticket("900")
    read_again(desk, connection, "900")
    db.session.commit()
    expect(desk_page.part("#suggestions [data-article]")).not_to_have_count(0)


def test_a_session_that_was_ended_says_so(
    desk_page: AtTheDesk, host: Host, ticket: Ticket, ana: Agent
) -> None:
    host.show(ticket.remote_id)
    desk_page.open()
    end_sign_ins(ana)
    db.session.commit()
    desk_page.tab_to(".panel-subject a")
    desk_page.page.keyboard.press("1")
    expect(desk_page.part("#messages")).to_contain_text("This session is over.")
    assert linked(ticket) == []
