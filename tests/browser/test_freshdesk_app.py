"""The app within Freshdesk's pages: one sign-in, linked at close by keyboard alone, no close lost to us."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Frame,
    Locator,
    Page,
    ViewportSize,
    expect,
)

from kcs.database import db
from kcs.embedding.models import PassReason
from kcs.people.models import Agent
from kcs.people.services import end_sign_ins
from kcs.tickets.models import ClosePolicy, Connection, Ticket
from kcs.tickets.services import set_closing
from tests.browser.conftest import FLAGS, program
from tests.browser.freshworks.host import Host, standing_in
from tests.browser.outcome import holds, linked, passed_saves, wait_for
from tests.browser.zaf.scene import MEANT, Server
from tests.factories import PASSWORD, make_agent, make_article, make_connection, make_ticket
from tests.fakes import FakeDesk, FakeOwnApp
from workflow.article import ArticleState

pytestmark = [pytest.mark.browser, pytest.mark.long]

EMAIL = "ana@example.com"
WINDOW = ViewportSize(width=1000, height=900)
AXE = Axe().axe_script
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
MOST_TABS = 60


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    """A live server."""
    made = Server(app)
    yield made
    made.stop()


@pytest.fixture
def host(app: Flask, server: Server) -> Iterator[Host]:
    """The desk's pages, at the origins that our server knows."""
    with standing_in() as serving:
        serving.iparams = {"server": server.address, "connection": "acme"}
        app.extensions["kcs.providers"]["zendesk"].embedded = FakeOwnApp(serving.origins)
        yield serving


@pytest.fixture
def ana(app: Flask) -> Agent:
    """A contributor."""
    return make_agent(email=EMAIL, password=PASSWORD)


@pytest.fixture
def connection(ana: Agent, host: Host) -> Connection:
    """The account, and articles that may answer."""
    make_article(key="KB-1", title="Export button is grey, Reports 4.2")
    make_article(ArticleState.PUBLISHED, key="KB-2", title="Export is grey in the browser")
    return make_connection()


@pytest.fixture
def ticket(connection: Connection, desk: FakeDesk, host: Host) -> Ticket:
    """A ticket that is being worked on, open at the desk."""
    made = make_ticket(desk, connection)
    host.show(made.remote_id)
    return made


@dataclass
class AtTheDesk:
    """Somebody at the desk's pages, with a keyboard."""

    page: Page
    host: Host
    problems: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        """Note what the browser complains of; that a frame is not ours yet is said to nobody."""
        meant = MEANT.search(message.text) or "postMessage" in message.text
        if message.type in ("error", "warning") and not meant:
            self.problems.append(message.text)

    @property
    def context(self) -> BrowserContext:
        """The browser."""
        return self.page.context

    def open(self) -> AtTheDesk:
        """Open the ticket at the desk."""
        db.session.commit()
        self.page.goto(self.host.origin)
        return self

    def sign_in(self) -> AtTheDesk:
        """Sign in from the panel, in the window it opens, by keyboard."""
        expect(self.part("#sign-in")).to_be_visible()
        self.tab_to("#sign-in button")
        with self.page.expect_popup() as opened:
            self.page.keyboard.press("Enter")
        window = opened.value
        window.locator("[name=email]").fill(EMAIL)
        window.locator("[name=password]").fill(PASSWORD)
        with window.expect_event("close"):
            window.keyboard.press("Enter")
        return self.is_open()

    def is_open(self) -> AtTheDesk:
        """The panel offers articles."""
        expect(self.part("#suggestions [data-article]")).not_to_have_count(0)
        return self

    def part(self, selector: str) -> Locator:
        """Return a part of our page in the sidebar."""
        return self.page.frame_locator("#sidebar").frame_locator("iframe").locator(selector)

    def frames(self, place: str = "index") -> tuple[Frame, Frame]:
        """Return the app's page at a place, and ours in it."""
        (app_page,) = [each for each in self.page.frames if f"{place}.html" in each.url]
        return app_page, app_page.child_frames[0]

    def told(self, name: str) -> object:
        """Return what the desk noted."""
        return self.page.evaluate(f"kit.{name}")

    def tab_to(self, selector: str, *, back: bool = False) -> None:
        """Press Tab until this has the focus, in any of the pages."""
        script = "selector => document.activeElement?.matches(selector) ?? false"
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            if any(holds(each, script, selector) for each in self.page.frames):
                return
        raise AssertionError(f"{selector} is not reached with Tab")

    def holds_back(self, *, alone: bool = False) -> AtTheDesk:
        """Wait until the app stands behind the ticket, with our page unless it is `alone`, and asks."""
        wait_for(lambda: self.page.evaluate("kit.held.length") == 3, self.page)
        if not alone:
            begun = "document.querySelector('[data-waiting]')?.hidden === true"
            wait_for(lambda: holds(self.frames("background")[1], begun), self.page)
        return self

    def press(self, button: str) -> None:
        """Press one of the desk's own buttons."""
        self.page.locator(f"#{button}").focus()
        self.page.keyboard.press("Enter")

    def says(self, words: str) -> None:
        """The desk has done it."""
        expect(self.page.locator("[role=status]")).to_have_text(words)

    def is_told(self, words: str) -> None:
        """The desk shows the app's words, and has done nothing."""
        expect(self.page.locator("[role=alert]")).to_contain_text(words)
        assert self.told("done") == []


def sit_down(context: BrowserContext, host: Host) -> Iterator[AtTheDesk]:
    made = AtTheDesk(context.new_page(), host)
    context.on("console", made.hear)
    made.page.on("pageerror", lambda error: made.problems.append(str(error)))
    yield made
    context.close()
    assert made.problems == []


@pytest.fixture
def desk_page(browser: Browser, host: Host) -> Iterator[AtTheDesk]:
    """A browser at the desk, whose frames may keep nothing. Errors in a page fail the test."""
    yield from sit_down(browser.new_context(viewport=WINDOW, locale="en-GB"), host)


@pytest.fixture
def usual_page(browser: Browser, host: Host, tmp_path: Path) -> Iterator[AtTheDesk]:
    """A browser at the desk as most people have it: frames keep what is theirs, apart for each site."""
    settings = tmp_path / "profile" / "Default" / "Preferences"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        json.dumps({"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}})
    )
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile", executable_path=program(), args=FLAGS, viewport=WINDOW, locale="en-GB"
    )
    yield from sit_down(context, host)


def test_under_require_a_ticket_is_linked_and_closed_by_keyboard_alone(
    desk_page: AtTheDesk, connection: Connection, ticket: Ticket
) -> None:
    set_closing(connection, ClosePolicy.REQUIRE)
    desk_page.open().sign_in().holds_back().press("close")
    desk_page.is_told("This ticket cannot be solved yet: no article is linked to it.")
    desk_page.tab_to(".panel-subject a")
    desk_page.page.keyboard.press("1")
    expect(desk_page.part("main .badge").first).to_have_text("Reuse")
    desk_page.press("close")
    desk_page.says("Closed")
    assert linked(ticket) == ["KB-1"]
    assert passed_saves() == []
    assert desk_page.told("settled") == ["fail", "done"]


def test_whoever_signed_in_once_is_known_at_the_next_ticket(
    usual_page: AtTheDesk, host: Host, connection: Connection, desk: FakeDesk, ticket: Ticket
) -> None:
    usual_page.open().sign_in()
    other = make_ticket(desk, connection)
    db.session.commit()
    host.show(other.remote_id)
    usual_page.open().is_open()
    expect(usual_page.part("#sign-in")).to_be_hidden()
    _, ours = usual_page.frames()
    assert f"ticket={other.remote_id}" in ours.url
    assert not re.search(r"token|session", ours.url)
    assert ours.evaluate("document.cookie") == ""


def test_under_prompt_the_question_is_put_once(
    desk_page: AtTheDesk, connection: Connection, ticket: Ticket
) -> None:
    set_closing(connection, ClosePolicy.PROMPT)
    desk_page.open().sign_in().holds_back().press("send-resolved")
    desk_page.is_told("save again within a minute")
    desk_page.press("send-resolved")
    desk_page.says("Sent and resolved")
    assert passed_saves() == []


def test_only_what_solves_is_asked_about(
    desk_page: AtTheDesk, connection: Connection, ticket: Ticket, server: Server
) -> None:
    set_closing(connection, ClosePolicy.REQUIRE)
    server.mood = "500"
    desk_page.open().sign_in().holds_back().press("send")
    desk_page.says("Sent")
    for status in ("3", "7"):
        desk_page.page.locator("select").select_option(status)
        desk_page.press("update")
        desk_page.says("Updated")
    desk_page.page.wait_for_timeout(500)
    assert passed_saves() == []


@pytest.mark.parametrize(("mood", "reason"), [("slow", PassReason.TIMEOUT), ("500", PassReason.SERVER_ERROR)])
def test_a_close_passes_when_our_server_does_badly_and_the_reason_is_kept(
    desk_page: AtTheDesk,
    connection: Connection,
    ticket: Ticket,
    server: Server,
    mood: str,
    reason: PassReason,
) -> None:
    set_closing(connection, ClosePolicy.REQUIRE)
    desk_page.open().sign_in().holds_back()
    server.mood = mood
    desk_page.page.locator("select").select_option("4")
    desk_page.press("update")
    desk_page.says("Updated")
    wait_for(lambda: passed_saves() == [(ticket.remote_id, reason)], desk_page.page)


def test_a_close_passes_when_our_server_is_stopped_and_the_reason_is_told_when_it_is_back(
    desk_page: AtTheDesk, connection: Connection, ticket: Ticket, server: Server
) -> None:
    set_closing(connection, ClosePolicy.REQUIRE)
    desk_page.open().sign_in().holds_back()
    server.stop()
    desk_page.press("close")
    desk_page.says("Closed")
    server.start()
    wait_for(lambda: passed_saves() == [(ticket.remote_id, PassReason.UNREACHABLE)], desk_page.page)


def test_a_close_passes_when_our_page_was_never_there(
    desk_page: AtTheDesk, connection: Connection, ticket: Ticket, server: Server
) -> None:
    set_closing(connection, ClosePolicy.REQUIRE)
    db.session.commit()
    server.stop()
    desk_page.open().holds_back(alone=True).press("close")
    desk_page.says("Closed")
    server.start()


def test_a_close_passes_when_the_desk_itself_does_not_answer(
    desk_page: AtTheDesk, connection: Connection, ticket: Ticket
) -> None:
    set_closing(connection, ClosePolicy.REQUIRE)
    desk_page.open().sign_in().holds_back()
    desk_page.page.evaluate("kit.hangs = true")
    desk_page.press("close")
    desk_page.says("Closed")
    wait_for(lambda: passed_saves() == [(ticket.remote_id, PassReason.TIMEOUT)], desk_page.page)
    assert desk_page.told("settled") == ["done"]


def test_a_close_passes_before_anybody_signed_in_and_is_told_once_somebody_has(
    desk_page: AtTheDesk, connection: Connection, ticket: Ticket
) -> None:
    set_closing(connection, ClosePolicy.REQUIRE)
    desk_page.open().holds_back()
    expect(desk_page.part("#sign-in")).to_be_visible()
    desk_page.press("close")
    desk_page.says("Closed")
    assert passed_saves() == []
    desk_page.sign_in()
    wait_for(lambda: passed_saves() == [(ticket.remote_id, PassReason.SIGNED_OUT)], desk_page.page)


@pytest.mark.parametrize(("replying", "calls"), [(True, 1), (False, 2)])
def test_a_link_goes_into_the_reply(
    desk_page: AtTheDesk, host: Host, ticket: Ticket, replying: bool, calls: int
) -> None:
    host.show(ticket.remote_id, replying=replying)
    desk_page.open().sign_in()
    desk_page.tab_to("[data-article=KB-2] summary")
    desk_page.page.keyboard.press("Enter")
    desk_page.tab_to("[data-article=KB-2] form[action$=send] button")
    desk_page.page.keyboard.press("Enter")
    expect(desk_page.part("[data-said=inserted]")).to_be_visible()
    assert "<a href=" in desk_page.page.locator(".editor").inner_html()
    assert desk_page.page.evaluate("kit.calls.length") == calls
    assert linked(ticket) == ["KB-2"]


def test_a_session_that_was_ended_asks_again_and_what_was_typed_stays(
    desk_page: AtTheDesk, ticket: Ticket, ana: Agent
) -> None:
    desk_page.open().sign_in()
    desk_page.part("input[type=search]").first.fill("calendar")
    end_sign_ins(ana)
    db.session.commit()
    desk_page.part(".panel-subject a").focus()
    desk_page.page.keyboard.press("1")
    expect(desk_page.part("#sign-in")).to_be_visible()
    expect(desk_page.part("#messages")).to_contain_text("Sign in above")
    assert linked(ticket) == []
    desk_page.tab_to("#sign-in button", back=True)
    with desk_page.page.expect_popup() as opened:
        desk_page.page.keyboard.press("Enter")
    opened.value.locator("[name=email]").fill(EMAIL)
    opened.value.locator("[name=password]").fill(PASSWORD)
    opened.value.keyboard.press("Enter")
    expect(desk_page.part("#sign-in")).to_be_hidden()
    expect(desk_page.part("input[type=search]").first).to_have_value("calendar")
    desk_page.part(".panel-subject a").focus()
    desk_page.page.keyboard.press("1")
    expect(desk_page.part("main .badge").first).to_have_text("Reuse")


def test_only_the_app_and_our_own_window_are_listened_to(
    desk_page: AtTheDesk, host: Host, ticket: Ticket
) -> None:
    """The desk's page and the app's say things that only ours may say, and things that nobody does."""
    desk_page.open().holds_back()
    expect(desk_page.part("#sign-in")).to_be_visible()
    app_page, ours = desk_page.frames()
    said = (
        "{type: 'token', token: 'forged', kcs: 1}",
        "{type: 'session', home: '/embed/acme', token: 'forged', at: 1, kcs: 1}",
        "{type: 'resize', height: 7, kcs: 1}",
        *("null", "'{'", "[]", "{kcs: 1}", "{kcs: 1, type: 'closing'}", "{kcs: 1, type: 'passed', saves: 7}"),
    )
    for each in said:
        desk_page.page.evaluate(f"window.frames[0].frames[0].postMessage({each}, '*')")
        desk_page.page.evaluate(f"window.frames[0].postMessage({each}, '*')")
        app_page.evaluate(f"window.frames[0].postMessage({each}, '*')")
        ours.evaluate(f"window.postMessage({each}, '*')")
    desk_page.page.wait_for_timeout(300)
    expect(desk_page.part("#sign-in")).to_be_visible()
    assert "7px" not in desk_page.page.evaluate("kit.sizes")
    desk_page.sign_in()


def test_a_window_that_another_page_opened_hands_it_nothing(
    desk_page: AtTheDesk, server: Server, ticket: Ticket
) -> None:
    desk_page.open().sign_in()
    page = desk_page.page
    page.evaluate("addEventListener('message', ({data}) => data?.token && kit.calls.push(data.token))")
    with page.expect_popup() as opened:
        page.evaluate(f"void window.open('{server.address}/embed/acme/sign-in')")
    expect(opened.value.locator("[data-step=alone]")).to_be_visible()
    assert page.evaluate("kit.calls") == []


def test_no_other_page_may_hold_ours(
    desk_page: AtTheDesk, host: Host, ticket: Ticket, server: Server
) -> None:
    with standing_in() as other:
        other.iparams, other.ticket = host.iparams, host.ticket
        db.session.commit()
        desk_page.page.goto(other.origin)
        desk_page.page.wait_for_timeout(1500)
        texts = [frame.evaluate("document.body?.innerText ?? ''") for frame in desk_page.page.frames]
        assert not any("Sign in to see" in text for text in texts)
    desk_page.problems.clear()  # the browser says that it was refused


@pytest.mark.parametrize(("locale", "lang"), [("en", "en-GB"), ("he", "he")])
def test_the_panel_looks_right(
    desk_page: AtTheDesk, host: Host, ticket: Ticket, ana: Agent, locale: str, lang: str
) -> None:
    ana.language = locale
    host.show(ticket.remote_id, locale=locale)
    desk_page.open()
    expect(desk_page.part("#sign-in")).to_be_visible()
    for _ in ("before", "after"):
        _, ours = desk_page.frames()
        assert ours.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        ours.evaluate(AXE)
        found = ours.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
        desk_page.problems.clear()  # axe tries inline styles, which the policy refuses
        assert [each["id"] for each in found] == []
        if desk_page.part("#sign-in").is_visible():
            desk_page.sign_in()
    assert ours.evaluate("document.documentElement.lang") == lang
