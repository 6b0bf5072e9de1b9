"""What holds on every page: accessible in both themes, fit for a phone, focus seen, no foreign code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask

from kcs.articles.flags import flag_article
from kcs.improving.services import give_feedback
from kcs.people.models import Agent
from kcs.search.duplicate_acts import keep_duplicates, look_for_duplicates
from kcs.search.log import Searched, keep_search
from kcs.search.models import MeaningKind, Place
from kcs.search.vocabulary_acts import save_bet, save_meaning
from kcs.solving import services as solving
from kcs.solving.models import ExemptionReason
from kcs.tickets.models import Ticket
from tests.browser.conftest import PersonMaker
from tests.browser.person import Person
from tests.factories import PASSWORD, make_agent, make_article, make_ticket
from tests.fakes import FakeDesk, desk_agent
from workflow.article import ArticleState
from workflow.permissions import Licence, Role

pytestmark = [pytest.mark.browser, pytest.mark.long]

AXE = Axe().axe_script
EVIL = (
    "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
    "[link](javascript:window.hacked=1) <a href='javascript:window.hacked=1'>link</a>"
)
PICTURE = "![picture](x' onerror='window.hacked=1)\n\n<svg onload=window.hacked=1>\n\n" + EVIL
View = tuple[tuple[int, int], Literal["light", "dark"], dict[str, object]]
REPORT = "/reports/link-rate"
OUTLINE = """(() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  const inView = box.bottom > 0 && box.top < innerHeight;
  return [e.outerHTML, style.outlineStyle, parseFloat(style.outlineWidth), inView];
})()"""

SECRET = "s" * 22
VISITOR = (
    "/sign-in",
    "/help/",
    "/help/?q=export",
    "/help/?q=zzz",
    "/help/?q=exprot+state:odd",
    "/help/articles/published",
    "/help/articles/no",
    f"/help/feedback/{SECRET}",
    "/answer/none",
    "/api/docs",
)
AGENT = (
    "/my-work",
    "/my-work/drafts",
    "/tickets?list=unfinished",
    "/tickets?list=mine",
    "/articles",
    "/articles/wip",
    "/articles/validated",
    "/articles/published",
    "/articles/published/edit",
    "/articles/new",
    "/articles?due=1",
    "/articles/merge?left=validated",
    "/articles/merge?left=validated&right=published",
    "/articles/duplicates",
    "/articles/duplicates?state=dismissed",
    "/gaps",
    "/flags?list=open",
    "/flags?list=mine",
    "/feedback?list=open",
    "/feedback?list=raised",
    "/search",
    "/search?q=export",
    "/search?q=exprot+state:odd+tag:none",
    "/articles/nowhere",
)
MANAGER = (
    "/my-work",
    REPORT,
    "/questions",
    "/reports/experts",
    f"{REPORT}?by=day",
    f"{REPORT}?from=2020-01-01&to=2020-02-01",
    f"{REPORT}?as_of=never",
    f"{REPORT}/tickets?cell=solved",
    "/gaps?days=365",
    "/evolve",
    "/evolve/archive",
    "/evolve/product",
    "/evolve/patterns",
    "/articles/new",
)
ADMINISTRATOR = (
    "/admin/",
    "/admin/connections/",
    "/admin/connections/new",
    "/admin/connections/acme",
    "/admin/templates/new",
    "/admin/templates/feature-card",
    "/admin/domains/new",
    "/admin/domains/general",
    "/admin/rights",
    "/admin/search/?q=export+login",
    "/admin/search/meanings/new",
    "/admin/search/best-bets/1",
    "/admin/search/sample/",
    "/articles/validated/versions",
    "/articles/validated/versions/1",
)
# Both widths and both themes are checked for everything; their other combinations for what depends on both.
ALL: dict[str, object] = {"resultTypes": ["violations"]}
LOOKS: dict[str, object] = {**ALL, "runOnly": ["color-contrast"]}
WIDE, PHONE = (1280, 800), (320, 640)
VIEWS: tuple[View, ...] = (
    (WIDE, "light", ALL),
    (WIDE, "dark", LOOKS),
    (PHONE, "dark", ALL),
    (PHONE, "light", LOOKS),
)


@pytest.fixture
def publisher(base: str) -> Agent:
    """Somebody who may do nearly everything."""
    return make_agent(
        Licence.PUBLISHER, [Role.COACH], email="pia@example.com", team="Support", password=PASSWORD
    )


@pytest.fixture
def manager(base: str) -> Agent:
    """Somebody who reads reports."""
    return make_agent(None, [Role.MANAGER], email="max@example.com", password=PASSWORD)


@pytest.fixture
def tickets(publisher: Agent, desk: FakeDesk) -> list[Ticket]:
    """A ticket of each look, and an article in each state, named after it."""
    for state in ArticleState:
        if state is not ArticleState.DELETED:
            make_article(state, key=state.value, author=publisher)
    article = make_article(key="linked")
    read = make_article(ArticleState.PUBLISHED, key="read", author=publisher)
    give_feedback(read, read.current_version, helpful=False, comment="Which menu?", secret=SECRET)
    structure, improve, exempt = (make_ticket(desk) for _ in range(3))
    answered, unanswered, _ = (make_ticket(desk, solved_by=publisher.email) for _ in range(3))
    keep_duplicates(look_for_duplicates())
    for ticket in (improve, answered):
        solving.link_article(ticket, article, by=publisher)
    solving.draft_article(structure, by=publisher)
    solving.flag_in_ticket(improve, article, "Step 2 is gone", by=publisher)
    solving.exempt(exempt, ExemptionReason.OTHER, by=publisher, note="They found it themselves")
    return [unanswered, structure, improve, exempt, answered]


def test_every_page_is_accessible_in_both_themes_and_fits_a_phone(
    person: PersonMaker, publisher: Agent, manager: Agent, tickets: list[Ticket]
) -> None:
    shown = tuple(_address(ticket) for ticket in tickets)
    walks = ((None, VISITOR), (publisher, (*shown, *AGENT)), (manager, (*MANAGER, shown[0])))
    found = [problem for agent, paths in walks for problem in _walk(person(agent), paths)]
    assert found == []


def test_the_pages_of_administrators_are_accessible_and_fit_a_phone(
    person: PersonMaker, base: str, tickets: list[Ticket]
) -> None:
    admin = make_agent(
        Licence.PUBLISHER,
        [Role.ADMIN],
        email="a-rather-long-address-of-an-administrator@support.example.com",
        password=PASSWORD,
    )
    save_meaning(None, MeaningKind.SAME, ["login", "sign in"], by=admin)
    save_bet(None, ["export"], "validated", None, None, by=admin)
    keep_search(Searched("n", Place.PAGE, admin.id, "export", 1, ("validated",)), str)
    assert list(_walk(person(admin), ADMINISTRATOR)) == []


def _address(ticket: Ticket) -> str:
    return f"/tickets/{ticket.connection.name}/{ticket.remote_id}"


def _walk(somebody: Person, paths: tuple[str, ...]) -> Iterator[str]:
    somebody.page.add_init_script(AXE)
    for path in paths:
        if somebody.open(path) >= 500:
            yield f"{path}: an error of ours"
        yield from somebody.problems
        for (width, height), theme, checks in VIEWS:
            somebody.page.set_viewport_size({"width": width, "height": height})
            somebody.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            yield from (f"{path} at {width} px, {theme}: {problem}" for problem in _flaws(somebody, checks))
        somebody.problems.clear()  # axe tries inline styles, which the policy refuses


def _flaws(somebody: Person, checks: dict[str, object]) -> Iterator[str]:
    root = "document.documentElement"
    wider = somebody.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
    if wider > 0:
        yield f"{wider} px too wide"
    for violation in somebody.page.evaluate("checks => axe.run(document, checks)", checks)["violations"]:
        yield f"{violation['id']}: {[node['target'] for node in violation['nodes']]}"


def test_the_focus_is_always_seen(person: PersonMaker, publisher: Agent, tickets: list[Ticket]) -> None:
    somebody = person(publisher)
    somebody.open(_address(tickets[0]))
    for _ in range(20):
        somebody.press("Tab")
        outline = somebody.page.evaluate(OUTLINE)
        assert outline[1] == "solid", outline
        assert outline[2] >= 2, outline
        assert outline[3], outline


def test_foreign_code_in_texts_never_runs(
    app: Flask, person: PersonMaker, publisher: Agent, manager: Agent, desk: FakeDesk
) -> None:
    parts = dict.fromkeys(("issue", "environment", "resolution", "cause"), PICTURE)
    article = make_article(
        ArticleState.PUBLISHED, title=f"Export {EVIL}", parts=parts, key="KB-1", author=publisher
    )
    flag_article(article, EVIL, by=publisher)
    give_feedback(article, article.current_version, comment=EVIL, secret=SECRET)
    ticket = make_ticket(desk, solved_by=publisher.email, subject=f"Export {EVIL}", body=PICTURE)
    desk.reply(ticket.remote_id, desk_agent("a-2", "Eve@example.com"), PICTURE, public=False)
    solving.link_article(ticket, article, by=publisher)
    address = _address(ticket)
    solved = f"{REPORT}/tickets?cell=solved"
    walks = (
        (None, ("/help/articles/KB-1", "/help/", f"/help/?q=export {EVIL}", f"/help/feedback/{SECRET}")),
        (
            publisher,
            (
                address,
                "/my-work",
                "/tickets?list=all",
                "/articles/KB-1",
                "/articles/KB-1/edit",
                "/articles",
                "/flags?list=open",
                "/feedback?list=open",
                f"/search?q=export {EVIL}",
            ),
        ),
        (manager, (solved,)),
    )
    for agent, paths in walks:
        somebody = person(agent)
        for path in paths:
            assert somebody.open(path) == 200
            _holds_no_foreign_code(somebody)
    somebody = person(publisher)
    somebody.open(address)
    somebody.press("u")
    somebody.hears("Link removed")
    somebody.press("s")
    somebody.write("export script")
    somebody.hears("1 found")
    _holds_no_foreign_code(somebody)


def _holds_no_foreign_code(somebody: Person) -> None:
    assert somebody.page.evaluate("window.hacked") is None, somebody.page.url
    code = "script:not([src]), [onerror], [onload], main img, main svg[onload], [href^='javascript:' i]"
    assert somebody.page.locator(code).count() == 0, somebody.page.url
    assert "Export" in somebody.page.content()
