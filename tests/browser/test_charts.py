"""Every chart in every look: no flaw for axe, nothing wider than a phone, the figures there without drawings.

`make report-pictures` takes a picture of each look: KCS_TEST_SCREENSHOTS names the folder they go to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page

from kcs.app import CONTENT_SECURITY_POLICY
from tests.browser import charts_page

pytestmark = [pytest.mark.browser, pytest.mark.long]

AXE = Axe().axe_script
SCREENSHOTS = os.environ.get("KCS_TEST_SCREENSHOTS")
Theme = Literal["light", "dark"]
LOOKS: tuple[tuple[int, Theme], ...] = ((1280, "light"), (1280, "dark"), (320, "light"), (320, "dark"))
# Both widths and both themes; what else there is to find does not depend on which go together.
LOOKED_AT = ((1280, "light"), (320, "dark"))
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What sticks out of its card: text beside a plot may leave the plot, never the card.
OUTSIDE = """() => [...document.querySelectorAll(".card")].flatMap(card => {
  const room = card.getBoundingClientRect(), name = card.querySelector("figcaption").textContent;
  return [...card.querySelectorAll("svg text, svg line, svg rect, svg circle, td, th, li")]
    .filter(each => !each.closest(".scroll, .visually-hidden, thead, defs"))
    .map(each => [each, each.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.left < room.left || box.right > room.right))
    .map(([each]) => `${each.tagName} ${each.textContent} in ${name}`);
})"""
# Names of periods, and figures of points, that lie upon one another.
MEETING = """() => {
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  const meeting = texts => {
    const boxes = [...texts].map(each => [each.textContent, each.getBoundingClientRect()])
      .filter(([, box]) => box.width);
    return boxes.flatMap(([one, a], place) =>
      boxes.slice(place + 1).filter(([, b]) => !apart(a, b)).map(([two]) => `${one} meets ${two}`));
  };
  return [...document.querySelectorAll("svg.plot")].flatMap(plot => [
    ...meeting(plot.querySelectorAll("text:not(.value, .in-dot)")),
    ...meeting(plot.querySelectorAll(".value")),
  ].map(said => `${said} in ${plot.querySelector("title").textContent}`));
}"""
# Numbers of points that a line goes through, or below the plot. A box has room above and below its letters.
CROSSED = """() => [...document.querySelectorAll("svg.plot")].flatMap(plot => {
  const room = plot.getBoundingClientRect(), name = plot.querySelector("title").textContent;
  const at = (line, end) => [["x", "width"], ["y", "height"]].map(([way, size]) =>
    room[way] + line[way + end].baseVal.valueInSpecifiedUnits / 100 * room[size]);
  const lines = [...plot.querySelectorAll(":scope > g > .line")].map(line => [at(line, 1), at(line, 2)]);
  const parts = Array.from({length: 200}, (_, step) => step / 199);
  const crosses = ([[x1, y1], [x2, y2]], box) => parts.some(part => {
    const x = x1 + (x2 - x1) * part, y = y1 + (y2 - y1) * part;
    return box.left < x && x < box.right && box.top + 3 < y && y < box.bottom - 3;
  });
  return [...plot.querySelectorAll(".value")]
    .map(each => [each.textContent, each.getBoundingClientRect()])
    .filter(([, box]) => box.width)
    .filter(([, box]) => box.bottom - 3 > room.bottom || lines.some(line => crosses(line, box)))
    .map(([text]) => `${text} lies upon a line in ${name}`);
})"""
# What writes and draws in a chart: texts but those on a dot, lines, marks, hatches, the frames of bars.
INK = """() => [
  ...[...document.querySelectorAll("svg.plot text:not(.in-dot), svg.radar text")]
    .map(each => getComputedStyle(each).fill),
  ...[...document.querySelectorAll("svg :is(.line, .hatch, .part, .bar-track, .whisker, .median)")]
    .map(each => getComputedStyle(each).stroke),
]"""
POLICY = "; ".join(f"{name} {value}" for name, value in CONTENT_SECURITY_POLICY.items())


@pytest.fixture
def page(app: Flask, browser: Browser, base: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A browser at the page, in the language that a test asks for; its style sheets come from the server."""
    body = charts_page.html(app, getattr(request, "param", "en"))
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, base_url=base, reduced_motion="reduce"
    )
    context.add_init_script(AXE)
    context.route(f"**{charts_page.ADDRESS}", lambda route: route.fulfill(body=body, headers=headers))
    page = context.new_page()
    page.goto(charts_page.ADDRESS)
    yield page
    context.close()


@pytest.mark.parametrize("page", ["en", "he"], indirect=True)
def test_every_chart_is_accessible_and_fits(page: Page) -> None:
    assert list(_flaws(page, page.evaluate("document.documentElement.lang"))) == []


def _flaws(page: Page, language: str) -> Iterator[str]:
    for width, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        where = f"{language} {width} {theme}"
        _keep(page, where)
        if (width, theme) in LOOKED_AT:
            for violation in page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]:
                yield f"{where}: {violation['id']} {[node['target'] for node in violation['nodes']]}"
        if (wider := page.evaluate(WIDER)) > 0:
            yield f"{where}: {wider} px too wide"
        for found in (OUTSIDE, MEETING, CROSSED):
            yield from (f"{where}: {said}" for said in page.evaluate(found))


def test_where_colours_are_the_readers_own_every_chart_is_drawn_in_them(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    _keep(page, "forced colours")
    assert set(page.evaluate(INK)) == {page.evaluate("getComputedStyle(document.body).color")}


def test_in_print_the_figures_are_open_and_nothing_is_cut(page: Page) -> None:
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
