"""The pages of samples: what a coach is led through, what the person sees, and nobody else."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from kcs.database import db
from kcs.people.models import Agent
from kcs.sampling.questions import SHIPPED, Kind
from tests.sampling.conftest import Desk, form_of

PEOPLE = ("ana", "dan", "cleo", "max", "ben", "ola", "mia", "una", "adam")
# Each page of ana's work, for each person.
PAGES = """
page                ana dan cleo max ben ola mia una adam
/samples/of/<ana>   200 404 200  200 404 404 404 404 404
/samples/<sample>   200 404 200  200 404 404 404 404 404
/samples/<kind>/<n> 403 404 200  403 404 404 404 404 404
POST                403 404 303  403 404 404 404 404 404
/samples/           200 200 200  200 200 200 200 200 200
/samples/mine       200 200 200  200 200 200 200 200 200
"""
HEAD, *LINES = [line.split() for line in PAGES.strip().splitlines()]


@pytest.mark.parametrize("kind", Kind)
def test_who_gets_which_page(support: Desk, kind: Kind) -> None:
    thing_id = support.thing(kind, support.ana)
    sample = support.judge(kind, thing_id, support.cleo, "Well found")
    own = f"/samples/{kind}/{thing_id}"
    addresses = {
        "/samples/of/<ana>": f"/samples/of/{support.ana.id}",
        "/samples/<sample>": f"/samples/{sample.id}",
        "/samples/<kind>/<n>": own,
    }

    def asked(page: str, who: str) -> str:
        browser = support.browser(getattr(support, who))
        if page == "POST":
            return str(browser.post(own, data=form_of(kind)).status_code)
        answer = browser.get(addresses.get(page, page))
        # Whoever may not see it reads nothing of it, wherever they look.
        assert answer.status_code == 200 or "Well found" not in answer.text
        return str(answer.status_code)

    assert [[line[0], *(asked(line[0], who) for who in HEAD[1:])] for line in LINES] == LINES


def test_a_coach_is_led_from_sample_to_sample(support: Desk) -> None:
    support.article(support.ana)
    support.ticket(support.ana)
    browser = support.browser(support.cleo)
    first = led_to(browser, "/samples/")
    assert "The work of Ana." in browser.get(first).text
    answer = browser.post(first, data={**form_of(kind_of(first)), "comment": "Thank you <b>"})
    kept = browser.get(answer.location)
    assert "Kept. Ana sees it under My samples." in kept.text
    assert "Thank you &lt;b&gt;" in kept.text
    second = led_to(browser, answer.location)
    assert second != first
    done = browser.post(second, data=form_of(kind_of(second)), follow_redirects=True)
    assert "Judge the next one" not in done.text
    assert "All that was drawn is judged." in browser.get("/samples/").text


def test_judging_again_begins_with_what_was_answered(support: Desk) -> None:
    thing_id = support.thing(Kind.TICKET, support.ana)
    sample = support.judge(Kind.TICKET, thing_id, support.cleo, "Hm", linked=False, created=None)
    page = support.browser(support.cleo).get(f"/samples/ticket/{thing_id}").text
    chosen = dict(re.findall(r'name="answer-(\w+)" value="(\w+)" required checked', page))
    expected = {question.code: "yes" for question in SHIPPED[Kind.TICKET]}
    assert chosen == {**expected, "linked": "no", "created": "na"}
    assert "Hm</textarea>" in page
    assert "You judged it before" in page
    shown = support.browser(support.ana).get(f"/samples/{sample.id}").text
    assert "Judge it again" not in shown
    assert "Hm" in shown


def test_a_form_with_gaps_comes_back_with_what_was_answered(support: Desk) -> None:
    thing_id = support.thing(Kind.LINK, support.ana)
    sent = {**form_of(Kind.LINK, specific="na", actionable="perhaps"), "comment": "One moment"}
    answer = support.browser(support.cleo).post(f"/samples/link/{thing_id}", data=sent)
    assert answer.status_code == 422
    assert answer.text.count("Answer yes or no.") == 4  # above the form and at each question
    assert 'name="answer-relevant" value="yes" required checked' in answer.text
    assert "One moment</textarea>" in answer.text
    assert support.log() == []


def test_empty_pages_say_what_to_do(support: Desk) -> None:
    assert "You coach nobody" in support.browser(support.una).get("/samples/").text
    assert "When your coach looks at" in support.browser(support.ana).get("/samples/mine").text
    assert (
        "Nothing is left to judge" in support.browser(support.cleo).get(f"/samples/of/{support.ana.id}").text
    )
    assert (
        "What their coach looks at" in support.browser(support.max).get(f"/samples/of/{support.ana.id}").text
    )


def test_a_manager_sees_the_people_but_is_not_asked_to_judge(support: Desk) -> None:
    support.article(support.ana)
    page = support.browser(support.max).get("/samples/").text
    assert "Ana" in page
    assert "Ben" not in page
    assert "Judge the next one" not in page


@pytest.mark.parametrize(
    "address", ["/samples/word/1", "/samples/article/999", "/samples/999", "/samples/of/999"]
)
def test_what_is_not_there_is_not_found(support: Desk, address: str) -> None:
    assert support.browser(support.cleo).get(address).status_code == 404


def test_an_administrator_sets_the_questions(support: Desk) -> None:
    browser = support.browser(support.adam)
    browser.post("/admin/samples/link", data={"text": "It was sent in time"})
    browser.post("/admin/samples/article/formatting", data={"asked": "0"})
    page = browser.get("/admin/samples/").text
    assert "It was sent in time" in page
    assert page.count("not asked") == 1
    assert browser.post("/admin/samples/link", data={"text": ""}).status_code == 422
    assert browser.post("/admin/samples/ticket/kept", data={"asked": "0"}).status_code == 422
    assert browser.post("/admin/samples/ticket/none", data={"asked": "0"}).status_code == 404
    assert browser.post("/admin/samples/word", data={"text": "x"}).status_code == 404
    form = support.browser(support.cleo).get(f"/samples/link/{support.thing(Kind.LINK, support.ana)}").text
    assert "It was sent in time" in form


def led_to(browser: FlaskClient, address: str) -> str:
    """Return where a page's link to the next sample leads."""
    found = re.search(r'href="([^"]+)" data-key="n"', browser.get(address).text)
    assert found is not None
    return found[1]


def kind_of(address: str) -> Kind:
    """Return the kind of thing an address is of."""
    return Kind(address.split("/")[2])


def test_nobody_is_left_out_of_the_table(support: Desk) -> None:
    everybody = {agent.name.lower() for agent in db.session.execute(db.select(Agent)).scalars()}
    assert everybody == set(PEOPLE) == set(HEAD[1:])


# Which report lists the samples of a kind.
REPORTS = {Kind.ARTICLE: "checklist", Kind.TICKET: "par", Kind.LINK: "link-accuracy"}


@pytest.mark.parametrize("kind", Kind)
def test_a_figure_of_a_report_opens_the_sample_for_those_who_may_see_it(support: Desk, kind: Kind) -> None:
    report = REPORTS[kind]
    thing_id = support.thing(kind, support.ana)
    sample = support.judge(kind, thing_id, support.cleo)

    def opened(who: str) -> list[str]:
        page = support.browser(getattr(support, who)).get(
            f"/reports/{report}/samples?cell=samples&agent={support.ana.id}"
        )
        table = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
        return re.findall(r'<a href="([^"]+)"', table)

    own = [f"/samples/{sample.id}"]
    found = {who: opened(who) for who in ("ana", "cleo", "max", "adam", "ben")}
    assert found == {"ana": own, "cleo": own, "max": own, "adam": [], "ben": []}
    support.judge(kind, thing_id, support.cleo, "Once more")
    assert opened("ana") == own
