"""The pages of reports in every look, with charts and without, and on paper.

`make report-pictures` takes a picture of each: KCS_TEST_SCREENSHOTS names the folder they go to.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from kcs.database import db
from kcs.metrics.reports import REPORTS
from kcs.people.models import Agent
from kcs.people.services import hash_password
from tests.browser.person import Person
from tests.factories import PASSWORD
from tests.metrics import golden

pytestmark = [pytest.mark.browser, pytest.mark.long]

AXE = Axe().axe_script
SCREENSHOTS = os.environ.get("KCS_TEST_SCREENSHOTS")
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
Theme = Literal["light", "dark"]
# Both widths and both themes; what else there is to find does not depend on which go together.
# Pictures are taken of all four.
LOOKED_AT: tuple[tuple[int, Theme], ...] = ((1280, "light"), (320, "dark"))
LOOKS = (*LOOKED_AT, (1280, "dark"), (320, "light")) if SCREENSHOTS else LOOKED_AT
SPAN = "from=2025-03-24&to=2025-04-07"
CHOSEN = (
    "/reports",
    f"/reports/link-rate?{SPAN}&by=agent&compare=previous",
    f"/reports/link-rate?{SPAN}&by=day&compare=now&as_of=2025-04-08",
    f"/reports/link-rate/tickets?{SPAN}&cell=linked",
    f"/reports/known?{SPAN}&by=week&agent=1&compare=previous",
    f"/reports/activity?{SPAN}&by=week",
    f"/reports/handling?{SPAN}&by=month",
    f"/reports/reuse?{SPAN}&by=article",
    f"/reports/handling?{SPAN}&by=agent&compare=previous",
    f"/reports/par?{SPAN}&by=agent",
    f"/reports/par?{SPAN}&by=team&compare=now",
    "/reports/link-rate?from=2020-01-01&to=2020-02-01",
    "/reports/link-rate?from=2020-02-01&to=2020-01-01",
)
ALL = (
    *CHOSEN,
    *(f"/reports/{name}?{SPAN}" for name in REPORTS),
    "/reports/roi/inputs",
    "/reports/subscriptions",
    f"/reports/people/{golden.ANA}?month=2025-03",
    "/evolve",
    *(f"/evolve/{tab}" for tab in ("gaps", "archive", "holders", "product", "patterns")),
    "/samples/",
    "/samples/mine",
)


@pytest.fixture
def manager(app: Flask) -> Agent:
    golden.people()
    golden.tickets()
    golden.write(golden.rows())
    mia = db.session.get_one(Agent, golden.MIA)
    mia.email, mia.password_hash = "mia@example.com", hash_password(PASSWORD)
    db.session.commit()
    return mia


@pytest.fixture
def somebody(browser: Browser, manager: Agent, base: str, request: pytest.FixtureRequest) -> Iterator[Person]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        locale=getattr(request, "param", "en"),
        reduced_motion="reduce",
    )
    context.add_init_script(AXE)
    person = Person(context.new_page(), base)
    person.sign_in("mia@example.com")
    yield person
    context.close()


# What the direction alters is the same on every page; pictures are taken of all.
@pytest.mark.parametrize(
    ("somebody", "addresses"), [("en", ALL), ("he", ALL if SCREENSHOTS else CHOSEN)], indirect=["somebody"]
)
def test_every_report_is_accessible_and_fits(somebody: Person, addresses: tuple[str, ...]) -> None:
    assert [flaw for address in addresses for flaw in _flaws(somebody, address)] == []


def _flaws(somebody: Person, address: str) -> Iterator[str]:
    page = somebody.page
    if somebody.open(address) >= 500:
        yield f"{address}: an error of ours"
        return
    language = page.evaluate("document.documentElement.lang")
    for width, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        where = f"{address} {language} {width} {theme}"
        _keep(page, where)
        if (wider := page.evaluate(WIDER)) > 0:
            yield f"{where}: {wider} px too wide"
        for violation in page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]:
            yield f"{where}: {violation['id']} {[node['target'] for node in violation['nodes']]}"
    somebody.problems.clear()  # axe tries inline styles, which the policy refuses


def test_the_figures_are_there_without_charts_and_stay_so(somebody: Person) -> None:
    page = somebody.page
    somebody.open(f"/reports/link-rate?{SPAN}&by=week")
    drawings = page.locator("svg[role=img]")
    expect(drawings.first).to_be_visible()
    page.get_by_role("link", name="Figures without charts").click()
    expect(drawings).to_have_count(0)
    assert "charts=" not in page.url
    expect(page.locator("table.figures")).to_contain_text("45.5 %")
    expect(page.locator(".chart-figures table")).to_be_visible()
    somebody.open(f"/reports/known?{SPAN}&by=week")
    expect(drawings).to_have_count(0)
    page.get_by_role("link", name="Draw the charts").click()
    expect(drawings.first).to_be_visible()


@pytest.mark.parametrize("somebody", ["en", "he"], indirect=True)
def test_the_usual_periods_are_chosen_by_key_and_fit_a_phone(somebody: Person) -> None:
    page = somebody.page
    page.set_viewport_size({"width": 320, "height": 900})
    somebody.open("/reports/link-rate?by=team&compare=year&team=1")
    _keep(page, f"periods {page.evaluate('document.documentElement.lang')}")
    periods = page.locator(".periods a")
    boxes = [box for each in periods.all() if (box := each.bounding_box())]
    assert len({box["y"] for box in boxes}) > 1, "they wrap"
    assert min(box["height"] for box in boxes) >= 24
    assert page.evaluate(WIDER) <= 0
    expect(periods.nth(0)).to_have_attribute("aria-current", "true")
    periods.nth(0).focus()
    somebody.press(*["Tab"] * (periods.count() - 1), "Enter")
    expect(periods.last).to_have_attribute("aria-current", "true")
    expect(page.locator(".periods a[aria-current]")).to_have_count(1)
    for name, value in (("by", "team"), ("compare", "year"), ("team", "1")):
        expect(page.locator(f"select[name={name}]")).to_have_value(value)


def test_a_moment_is_chosen_from_a_control_and_a_link_keeps_its_own(somebody: Person) -> None:
    page = somebody.page
    somebody.open(f"/reports/link-rate?{SPAN}&by=week&as_of=2025-05-01T00:00:00.123456Z")
    moment = page.locator("input[name=as_of]")
    expect(moment).to_have_value("2025-05-01T00:00:00.123")
    _keep(page, "moment")
    before = page.locator("table.figures").inner_text()
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**as_of=2025-05-01T00*123&*")
    assert page.locator("table.figures").inner_text() == before
    moment.fill("2025-04-01T08:30")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**as_of=2025-04-01T08*")
    expect(moment).to_have_value("2025-04-01T08:30")
    somebody.open(f"/reports/link-rate?{SPAN}&as_of=soon")
    expect(moment).to_have_value("soon")
    expect(page.locator("#field-as_of-error")).to_contain_text("is no date")


def test_on_paper_there_is_the_report_and_nothing_to_press(somebody: Person) -> None:
    page = somebody.page
    somebody.open(f"/reports/link-rate?{SPAN}&by=week&compare=previous&team=1")
    expect(page.locator(".narrowed")).not_to_contain_text("North", use_inner_text=True)
    page.set_viewport_size({"width": 720, "height": 1000})
    page.emulate_media(media="print")
    _keep(page, "print report")
    shown = [
        each for each in page.locator("button, .button, nav, form, .skip-link").all() if each.is_visible()
    ]
    assert shown == []
    expect(page.locator(".narrowed")).to_contain_text("North", use_inner_text=True)
    expect(page.locator(".chart-figures table")).to_be_visible()
    expect(page.locator(".definition")).to_contain_text("L ÷ S")
    assert page.evaluate(WIDER) <= 0


# How wide a sheet is inside its margins, in pixels.
UPRIGHT, ACROSS = 717, 1046
BROKEN = """[...document.querySelectorAll('.figures :is(th, td)')].flatMap(cell => {
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), broken = [];
  for (let text; (text = texts.nextNode());)
    for (const word of text.data.matchAll(/\\p{L}+/gu)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) broken.push(word[0]);
    }
  return broken;
})"""


@pytest.mark.parametrize(("report", "width"), [("link-rate", UPRIGHT), ("handling", ACROSS)])
def test_on_paper_no_word_of_the_figures_is_broken(somebody: Person, report: str, width: int) -> None:
    """A table with more columns than an upright sheet has room for is printed across it."""
    page = somebody.page
    somebody.open(f"/reports/{report}?{SPAN}&by=agent&compare=previous")
    page.set_viewport_size({"width": width, "height": 1000})
    page.emulate_media(media="print")
    _keep(page, f"print {report}")
    expect(page.locator(".figures")).to_be_visible()
    assert page.evaluate(BROKEN) == []
    assert page.evaluate(WIDER) <= 0
    sheets = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(format="A4"))
    assert sheets
    assert all((float(wide) > float(high)) is (width == ACROSS) for wide, high in sheets)


def test_on_an_organisation_s_clock_a_browser_elsewhere_changes_nothing(
    browser: Browser, manager: Agent, base: str
) -> None:
    seen = []
    for zone in ("Asia/Tokyo", "America/New_York"):
        context = browser.new_context(timezone_id=zone)
        person = Person(context.new_page(), base)
        person.sign_in("mia@example.com")
        person.open(f"/reports/link-rate?{SPAN}&by=week&as_of=2025-05-01")
        report = person.page.locator("main .facts-line").inner_text()
        person.open(f"/reports/link-rate/tickets?{SPAN}&cell=linked&as_of=2025-05-01")
        seen.append((report, person.page.locator("main table").inner_text()))
        context.close()
    assert seen[0] == seen[1]


def _keep(page: Page, name: str) -> None:
    if SCREENSHOTS:
        folder = Path(SCREENSHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        file = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
        page.screenshot(path=folder / f"{file}.png", full_page=True)
