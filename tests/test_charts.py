"""The charts as they are drawn: geometry in attributes, a name for every image, the figures in a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string, session
from flask.testing import FlaskClient

from kcs.metrics.drawing.ages import Aged, ages
from kcs.metrics.drawing.bars import bars
from kcs.metrics.drawing.cohort import Started, cohort
from kcs.metrics.drawing.distribution import distribution
from kcs.metrics.drawing.pareto import pareto
from kcs.metrics.drawing.radar import Skill, radar
from kcs.metrics.drawing.stacked import stacked
from kcs.metrics.drawing.trend import trend
from kcs.metrics.figures import DAY
from kcs.metrics.model import Shape, Unit
from kcs.metrics.writing import WRITING
from kcs.views import CHARTS
from tests.browser.charts_page import charts
from tests.conftest import empty_sqlite
from tests.factories import make_agent, sign_in
from tests.metrics.test_drawing import OUTCOME, report, row

DRAWN = '{% from "_charts.html" import draw %}{{ draw(chart, "A title", "it") }}'
PLACES = ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height")


@pytest.fixture
def database_url(sqlite_template: Path, shared_folder: Path) -> str:
    """No chart reads a database: one kind is enough."""
    return empty_sqlite(sqlite_template, shared_folder)


class Tags(HTMLParser):
    """The tags of some HTML with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, Mapping[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def of(self, tag: str, kind: str = "") -> list[Mapping[str, str]]:
        """Return the attributes of such tags, of those with a class."""
        return [had for name, had in self.found if name == tag and kind in ("", *_kinds(had))]


def _kinds(had: Mapping[str, str]) -> list[str]:
    return had.get("class", "").split()


def drawn(app: Flask, chart: Callable[[], Any], **kept: str) -> Tags:
    with app.test_request_context("/"):
        session.update(kept)
        return Tags(render_template_string(DRAWN, chart=chart()))


def test_every_chart_is_named_holds_no_style_and_stays_within_its_drawing(app: Flask) -> None:
    with app.test_request_context("/"):
        every = charts()
    for title, _, chart in every:
        tags = drawn(app, lambda chart=chart: chart)  # type: ignore[misc]  # mypy knows no default of a lambda
        assert _flaws(tags) == [], title


def _flaws(tags: Tags) -> list[tuple[str, Mapping[str, str]]]:
    ids = [had["id"] for _, had in tags.found if "id" in had]
    assert len(ids) == len(set(ids))
    assert tags.of("table")

    def is_sound(tag: str, had: Mapping[str, str]) -> bool:
        named = had.get("role") != "img" or set(had["aria-labelledby"].split()) <= set(ids)
        told = tag != "svg" or "role" in had or "aria-hidden" in had or {"mark", "key"} & set(_kinds(had))
        still = "style" not in had and not any(name.startswith("on") for name in had)
        within = all(0 <= float(had[name][:-1]) <= 100 for name in PLACES if had.get(name, "").endswith("%"))
        return bool(named and told and still and within)

    return [(tag, had) for tag, had in tags.found if not is_sound(tag, had)]


WEEKS = [row("W1", rate=0.5), row("W2", rate=None), row("W3", rate=0.6), row("W4", rate=1)]
PARTS = report(counts="known new", drawn=("known", "new"), shape=Shape.STACKED)
SKILLS = [Skill(name, Unit.SHARE, 1, 0.5) for name in "abcd"]
AGES = [Aged("Draft", [0, 864_000, 1_728_000])]


@pytest.mark.parametrize(
    ("chart", "tag", "kind", "names", "expected"),
    [
        (
            lambda: trend(OUTCOME, WEEKS, ["rate"], of="", writing=WRITING),
            "line",
            "line",
            ("x1", "y1", "x2", "y2"),
            [("62.5%", "40.0%", "87.5%", "0.0%")],
        ),
        (
            lambda: trend(OUTCOME, WEEKS, ["rate"], of="", writing=WRITING),
            "svg",
            "mark",
            ("x", "y"),
            [("12.5%", "50.0%"), ("62.5%", "40.0%"), ("87.5%", "0.0%")],
        ),
        (
            lambda: stacked(PARTS, [row("W1", known=30, new=10)], PARTS.drawn, of="", writing=WRITING),
            "rect",
            "part",
            ("y", "height", "fill"),
            [
                *[("1", "12", None), ("1", "12", "url(#it-fill1)")],  # the legend
                *[("25.0%", "75.0%", None), ("0.0%", "25.0%", "url(#it-fill1)")],
            ],
        ),
        (
            lambda: bars(
                OUTCOME, [row("b", rate=0.9), row("a", rate=0.25)], ["rate"], of="", writing=WRITING
            ),
            "rect",
            "bar-fill",
            ("width",),
            [("25.0%",), ("90.0%",)],
        ),
        (
            lambda: pareto([row("a", n=6), row("b", n=2)], "n", of="", figure="", writing=WRITING),
            "line",
            "line",
            ("x1", "y1", "x2", "y2"),
            [("0", "6", "32", "6"), ("25.0%", "25.0%", "75.0%", "0%")],  # the legend's first
        ),
        (
            lambda: distribution([1, 1, 4], of="", figure="", writing=WRITING),
            "rect",
            "part",
            ("y", "height"),
            [("0.0%", "100.0%"), ("100%", "0%"), ("50.0%", "50.0%"), *[("100%", "0%")] * 3],
        ),
        (
            lambda: radar(SKILLS, of="", who="", other="", writing=WRITING),
            "polygon",
            "area",
            ("points",),
            [("0.0,-100.0 100.0,0.0 0.0,100.0 -100.0,0.0",)],
        ),
        (
            lambda: ages(AGES, of="", writing=WRITING),
            "rect",
            "quarters",
            ("x", "width"),
            [("25.0%", "50.0%")],
        ),
        (
            lambda: cohort([Started("2026-01", [4 * DAY, 4 * DAY, 2 * DAY], 1)], of="", writing=WRITING),
            "circle",
            "dot",
            ("cx", "cy", "r"),
            [
                *[("7", "7", "5"), ("12", "12", "9"), ("12", "12", "9")],  # the legend
                *[("50.0%", "-14", "9"), ("50.0%", "0.0%", "8"), ("50.0%", "50.0%", "4")],
            ],
        ),
    ],
    ids=["line", "marks", "stacked", "bars", "pareto", "distribution", "radar", "ages", "cohort"],
)
def test_geometry(
    app: Flask, chart: Callable[[], Any], tag: str, kind: str, names: tuple[str, ...], expected: list[Any]
) -> None:
    found = [tuple(had.get(name) for name in names) for had in drawn(app, chart).of(tag, kind)]
    assert found == expected


def test_switched_off_the_drawings_go_and_the_figures_are_open(app: Flask) -> None:
    with app.test_request_context("/"):
        every = charts()
    for title, _, chart in every:
        tags = drawn(app, lambda chart=chart: chart, charts="off")  # type: ignore[misc]  # as above
        assert tags.of("svg") == [], title
        assert all("open" in had for had in tags.of("details")), title
        assert tags.of("table"), title


@pytest.mark.parametrize(
    ("asked", "goes_to", "kept"),
    [
        ("/reports?charts=off", "/reports", "off"),
        ("/reports/known?by=week&charts=on", "/reports/known?by=week", "on"),
    ],
)
def test_the_choice_is_kept_and_leaves_the_address(
    client: FlaskClient, asked: str, goes_to: str, kept: str
) -> None:
    answer = sign_in(client, make_agent()).get(asked)
    assert (answer.status_code, answer.location) == (302, goes_to)
    with client.session_transaction() as held:
        assert held[CHARTS] == kept


def test_a_visitor_has_no_choice_to_keep(client: FlaskClient) -> None:
    answer = client.get("/help?charts=off")
    assert answer.status_code != 302 or "charts" not in (answer.location or "")
    assert "Set-Cookie" not in answer.headers
