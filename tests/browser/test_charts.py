"""Every chart in every look: no flaw for axe, nothing wider than a phone, the figures there without drawings.

KCS_TEST_SCREENSHOTS names a folder that gets a picture of each look.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser.charts_page import ADDRESS, add_page

pytestmark = [pytest.mark.browser, pytest.mark.long]

AXE = Axe().axe_script
SCREENSHOTS = os.environ.get("KCS_TEST_SCREENSHOTS")
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What sticks out of its card: text beside a plot may leave the plot, never the card.
OUTSIDE = """() => [...document.querySelectorAll(".card")].flatMap(card => {
  const room = card.getBoundingClientRect();
  return [...card.querySelectorAll("svg text, svg line, svg rect, svg circle, td, th, li")]
    .filter(each => !each.closest(".scroll, .visually-hidden, thead, defs"))
    .map(each => [each, each.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.left < room.left || box.right > room.right))
    .map(([each]) => `${each.tagName} ${each.textContent} in ${card.querySelector("figcaption").textContent}`);
})"""
# Names of periods and figures of points that lie upon one another.
MEETING = """() => [...document.querySelectorAll("svg.plot")].flatMap(plot =>
  [[...plot.querySelectorAll("text:not(.value, .in-dot)")], [...plot.querySelectorAll(".value")]].flatMap(texts => {
    const boxes = texts.map(each => [each.textContent, each.getBoundingClientRect()]).filter(([, box]) => box.width);
    return boxes.flatMap(([one, a], place) => boxes.slice(place + 1)
      .filter(([, b]) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map(([two]) => `${one} meets ${two} in ${plot.querySelector("title").textContent}`));
  }))"""


@pytest.fixture
def page(app: Flask, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    add_page(app)
    base: str = request.getfixturevalue("base")
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=base)
    context.add_init_script(AXE)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", ["en", "he"])
def test_every_chart_is_accessible_and_fits(page: Page, language: str) -> None:
    page.set_extra_http_headers({"Accept-Language": language})
    page.goto(ADDRESS)
    assert list(_flaws(page, language)) == []


def _flaws(page: Page, language: str) -> Iterator[str]:
    for width in (1280, 320):
        for theme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            where = f"{language} {width} {theme}"
            _keep(page, where)
            for violation in page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]:
                yield f"{where}: {violation['id']} {[node['target'] for node in violation['nodes']]}"
        if (wider := page.evaluate(WIDER)) > 0:
            yield f"{language} {width}: {wider} px too wide"
        yield from (f"{language} {width}: {said}" for said in (*page.evaluate(OUTSIDE), *page.evaluate(MEETING)))


def test_in_print_the_figures_are_open_and_nothing_is_cut(page: Page) -> None:
    page.goto(ADDRESS)
    page.set_viewport_size({"width": 720, "height": 1000})
    page.emulate_media(media="print")
    _keep(page, "print")
    assert not page.locator(".topbar").is_visible()
    tables = page.locator(".chart-figures table")
    assert [each for each in range(tables.count()) if not tables.nth(each).is_visible()] == []
    assert page.evaluate(WIDER) <= 0


def _keep(page: Page, name: str) -> None:
    if SCREENSHOTS:
        folder = Path(SCREENSHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"charts-{name.replace(' ', '-')}.png", full_page=True)
