"""The panel by keyboard alone, every press counted: linking must be the quickest way to finish a ticket."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import ViewportSize, expect

from kcs.database import db
from kcs.people.models import Agent
from kcs.solving.models import PassedOver
from kcs.solving.queries import present_links
from kcs.tickets.models import Ticket
from tests.browser.conftest import PersonMaker
from tests.browser.person import Person
from tests.factories import PASSWORD, make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from workflow.article import ArticleState
from workflow.permissions import Licence

pytestmark = [pytest.mark.browser, pytest.mark.long]

EMAIL = "ana@example.com"
PANEL = ViewportSize(width=320, height=640)


class Counted:
    """Somebody whose presses are counted: more than they may fails the test there and then."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.left = 0

    def within(self, presses: int) -> Counted:
        """Count from here."""
        self.left = presses
        return self

    def press(self, *keys: str) -> Counted:
        """Press keys, one action each."""
        for key in keys:
            assert self.left > 0, f"{key} is one press too many"
            self.left -= 1
            self.person.press(key)
        return self


@pytest.fixture
def ana(base: str) -> Agent:
    """A contributor."""
    return make_agent(Licence.CONTRIBUTOR, email=EMAIL, password=PASSWORD)


@pytest.fixture
def ticket(ana: Agent, desk: FakeDesk) -> Ticket:
    """A ticket that two articles may answer, beside one that has nothing to do with it."""
    make_article(key="KB-1", title="Export button is grey, Reports 4.2")
    make_article(
        ArticleState.PUBLISHED,
        key="KB-2",
        title="Export is grey in the browser",
        parts={"issue": "Export grey", "resolution": "Allow pop-ups.\n\nReload.", "notes": "for us alone"},
    )
    for key, title in (("KB-8", "Calendar shows the wrong week"), ("KB-9", "Calendar shows no week at all")):
        make_article(key=key, title=title, parts={"issue": "Wrong week", "resolution": "Set the region."})
    return make_ticket(desk, subject="Export button is grey", body="I cannot export, the button is grey.")


@pytest.fixture
def agent(person: PersonMaker, ana: Agent, ticket: Ticket) -> Person:
    """Ana, with the panel of the ticket open, as narrow as it gets."""
    somebody = person(ana)
    somebody.page.set_viewport_size(PANEL)
    show(somebody, ticket)
    return somebody


def show(somebody: Person, ticket: Ticket, more: str = "") -> None:
    somebody.open(f"/panel?connection=acme&ticket={ticket.remote_id}{more}")
    expect(somebody.page.locator("#suggestions [data-article]")).not_to_have_count(0)


def fresh(ticket: Ticket) -> Ticket:
    db.session.rollback()
    db.session.expire_all()
    return ticket


def linked(ticket: Ticket) -> list[str]:
    links = [link.article.key for link in present_links(fresh(ticket))]
    db.session.commit()
    return links


def test_the_best_suggestion_is_linked_at_solve_with_one_press_of_two(agent: Person, ticket: Ticket) -> None:
    Counted(agent).within(2).press("1")
    agent.sees_badge("Reuse")
    agent.hears("Linked KB-")
    assert len(linked(ticket)) == 1


def test_a_structured_draft_is_saved_with_one_press_of_two(agent: Person, ticket: Ticket) -> None:
    Counted(agent).within(2).press("d")
    agent.sees_badge("Structure")
    agent.hears("is drafted from this ticket")
    assert "/panel" in agent.page.url
    (link,) = present_links(fresh(ticket))
    assert link.article.current_version.parts["issue"] == "I cannot export, the button is grey."
    db.session.commit()


def test_no_article_needed_takes_two_presses(agent: Person) -> None:
    Counted(agent).within(2).press("x", "Enter")
    agent.sees_badge("No article needed")


@pytest.mark.parametrize(
    ("keys", "key"), [(("Enter", "Enter"), "KB-8"), (("ArrowDown", "ArrowDown", "Enter"), "KB-9")]
)
def test_what_is_not_suggested_is_found_by_typing_and_linked_within_three(
    agent: Person, ticket: Ticket, keys: tuple[str, ...], key: str
) -> None:
    expect(agent.page.locator(f"#suggestions [data-article={key}]")).to_have_count(0)
    agent.press("s")
    agent.write("calendar wrong week")
    expect(agent.page.locator("#found [data-article]")).to_have_count(2)
    Counted(agent).within(3).press(*keys)
    agent.sees_badge("Reuse")
    assert linked(ticket) == [key]


def test_who_presses_enter_before_the_results_are_there_gets_to_the_first(
    agent: Person, ticket: Ticket
) -> None:
    agent.press("s")
    agent.write("calendar wrong week")
    Counted(agent).within(3).press("Enter")
    expect(agent.focused).to_have_attribute("aria-label", "Link Calendar shows the wrong week")
    agent.press("ArrowUp")
    expect(agent.focused).to_have_attribute("id", "ticket-search")
    agent.press("Escape")
    expect(agent.page.locator("#suggestions")).to_be_visible()
    assert linked(ticket) == []


def test_a_misspelt_search_is_mended_by_keys_alone(agent: Person, ticket: Ticket) -> None:
    agent.press("s")
    agent.write("calednar")
    expect(agent.page.locator("[data-meant]")).to_have_text("calendar")
    Counted(agent).within(4).press("Enter", "Enter")
    expect(agent.page.locator("#found [data-article]")).to_have_count(2)
    expect(agent.focused).to_have_attribute("aria-label", re.compile("^Link Calendar"))
    agent.press("Enter")
    agent.sees_badge("Reuse")
    assert len(linked(ticket)) == 1


def test_filters_narrow_what_typing_finds(agent: Person) -> None:
    agent.press("s")
    agent.write("export")
    expect(agent.page.locator("#found [data-article]")).to_have_count(2)
    agent.tab_to("Filters")
    agent.press("Enter")
    agent.tab_to("State")
    agent.press("p")
    expect(agent.page.locator("#found [data-article]")).to_have_count(1)
    expect(agent.page.locator("[data-filters]")).to_have_text("1")


def test_the_preview_opens_with_a_key_and_enter_links_what_it_shows(agent: Person, ticket: Ticket) -> None:
    agent.press("p")
    dialog = agent.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Resolution")
    agent.press("Escape")
    expect(dialog).to_be_hidden()
    agent.press("p")
    expect(agent.focused).to_have_text("Link")
    agent.press("Enter")
    expect(dialog).to_be_hidden()
    agent.sees_badge("Reuse")
    assert len(linked(ticket)) == 1


def test_not_this_one_goes_with_a_key_and_comes_back(agent: Person) -> None:
    first = agent.page.locator("#suggestions [data-article]").first.get_attribute("data-article")
    agent.press("z")
    agent.hears(f"{first} is not suggested")
    expect(agent.page.locator(f"#suggestions [data-article={first}]")).to_have_count(0)
    assert fresh_count() == 1
    agent.tab_to("Undo")
    agent.press("Enter")
    expect(agent.page.locator(f"#suggestions [data-article={first}]")).to_have_count(1)
    assert fresh_count() == 0


def fresh_count() -> int:
    db.session.rollback()
    count = db.session.query(PassedOver).count()
    db.session.commit()
    return count


def test_z_and_p_are_about_the_suggestion_that_has_the_focus(agent: Person) -> None:
    second = agent.page.locator("#suggestions [data-article]").nth(1).get_attribute("data-article")
    agent.press("s", "ArrowDown", "ArrowDown", "z")
    agent.hears(f"{second} is not suggested")


def test_what_was_done_before_is_not_said_of_what_was_done_since(agent: Person) -> None:
    agent.press("1")
    agent.hears("Linked KB-")
    agent.press("u")
    agent.hears("Link removed")
    expect(agent.page.locator("#suggestions [data-article]")).not_to_have_count(0)
    agent.press("z")
    agent.hears("is not suggested")
    expect(agent.page.get_by_text("Done:")).to_have_count(0)


def test_a_link_for_the_reply_is_copied_where_no_desk_holds_the_panel(agent: Person) -> None:
    agent.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    agent.tab_to("More for Export is grey in the browser")
    agent.press("Enter")
    agent.tab_to("Send the link")
    agent.press("Enter")
    expect(agent.page.get_by_text("Copied: paste it into the reply.").first).to_be_visible()
    text = agent.page.evaluate("navigator.clipboard.readText()")
    assert text.endswith("/help/articles/KB-2")


def test_news_from_elsewhere_leave_what_is_being_typed(agent: Person) -> None:
    agent.press("s")
    agent.write("calendar")
    expect(agent.page.locator("#found [data-article]")).to_have_count(2)
    for event in ("kcs:ticket-changed", "kcs:articles-changed"):
        agent.page.evaluate(f"document.body.dispatchEvent(new CustomEvent('{event}'))")
    agent.page.wait_for_load_state("networkidle")
    expect(agent.focused).to_have_attribute("id", "ticket-search")
    expect(agent.focused).to_have_value("calendar")


# ---- Within the desk


HOLDER = """<!doctype html><title>Desk</title><pre id="got"></pre>
<script>
  const got = document.getElementById("got");
  addEventListener("message", ({{ data }}) => (got.textContent += JSON.stringify(data)));
</script>
<iframe id="panel" src="{panel}" width="340" height="700"></iframe>"""


class Desk:
    """A desk's own page, which holds the panel in a frame."""

    def __init__(self) -> None:
        self.page = ""
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Answer every address with the page."""
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(desk.page.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class names it
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def holder() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.server.shutdown()
    desk.server.server_close()


def test_the_desk_sends_what_is_written_and_gets_the_link(
    agent: Person, ticket: Ticket, base: str, holder: Desk
) -> None:
    fresh(ticket).url = f"{holder.origin}/agent/tickets/1"
    db.session.commit()
    panel = f"{base}/panel?connection=acme&ticket={ticket.remote_id}&origin={holder.origin}"
    holder.page = HOLDER.format(panel=panel)
    agent.page.set_viewport_size({"width": 800, "height": 800})
    agent.page.goto(holder.origin)
    frame = agent.page.frame_locator("#panel")
    expect(agent.page.locator("#got")).to_contain_text("kcs:ready")
    expect(frame.locator("#suggestions [data-article=KB-8]")).to_have_count(0)
    agent.page.evaluate(
        """(origin) => document.getElementById("panel").contentWindow.postMessage(
        {type: "kcs:text", subject: "Calendar", body: "The calendar shows the wrong week"}, origin)""",
        base,
    )
    expect(frame.locator("#suggestions [data-article=KB-8]")).to_have_count(1)
    agent.page.evaluate(
        """(origin) => document.getElementById("panel").contentWindow.postMessage(
        {type: "kcs:text", subject: "", body: "Export grey in the browser"}, origin)""",
        base,
    )
    offer = frame.locator("#suggestions [data-article=KB-2]")
    expect(offer).to_have_count(1)
    offer.get_by_label("More for").click()
    offer.get_by_label("Insert the text").click()
    expect(agent.page.locator("#got")).to_contain_text("kcs:insert")
    got = agent.page.locator("#got").inner_text()
    assert "Allow pop-ups." in got
    assert "for us alone" not in got
    expect(frame.locator("[data-said=inserted]")).to_be_visible()
    # The closed dialogs name what gets the focus once they open; Chromium says that it does not in a frame.
    agent.problems[:] = [each for each in agent.problems if "Blocked autofocusing" not in each]
