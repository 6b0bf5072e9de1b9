"""What charts are made of: places, gaps, pairs and order. No Flask is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from kcs.metrics.axes import Writing
from kcs.metrics.charts import Bars
from kcs.metrics.drawing.ages import Aged, ages
from kcs.metrics.drawing.bars import bars
from kcs.metrics.drawing.chart import chart
from kcs.metrics.drawing.cohort import Started, cohort
from kcs.metrics.drawing.distribution import distribution
from kcs.metrics.drawing.drawn import Figure, drawn, figure_of
from kcs.metrics.drawing.gaps import Gap, gaps
from kcs.metrics.drawing.pareto import pareto
from kcs.metrics.drawing.radar import Skill, radar
from kcs.metrics.drawing.stacked import stacked
from kcs.metrics.drawing.trend import trend
from kcs.metrics.figures import DAY, plain
from kcs.metrics.model import (
    EVERYTHING,
    Count,
    Kind,
    Metric,
    Number,
    Report,
    Row,
    Segment,
    Shape,
    Unit,
)
from kcs.metrics.periods import Window
from kcs.sentences import Sentence

WRITING = Writing(plain, plain)
WINDOW = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC), ZoneInfo("UTC"))
SAID = Sentence("said")


def metric(name: str, kind: Kind, paired: str | None = None, unit: Unit = Unit.SHARE, **made: Any) -> Metric:
    return Metric(name, Sentence(name), kind, unit, SAID, "", SAID, paired=paired, **made)


def report(*metrics: Metric, drawn: tuple[str, ...], shape: Shape = Shape.TREND, counts: str = "") -> Report:
    named = tuple(Count(name, Sentence(name), SAID) for name in counts.split())
    return Report("r", SAID, SAID, named, metrics, (Segment.WEEK,), cast(Any, None), shape, drawn)


def row(label: str, **figures: Number | None) -> Row:
    return Row(label, label, figures, EVERYTHING, WINDOW)


OUTCOME = report(metric("rate", Kind.OUTCOME), drawn=("rate",))
WEEKS = [row("W1", rate=0.5), row("W2", rate=None), row("W3", rate=0.6), row("W4", rate=1)]


def test_a_line_has_a_gap_where_there_is_no_figure() -> None:
    chart = trend(OUTCOME, WEEKS, ["rate"], of="Week", writing=WRITING)
    [line] = chart["panels"][0]["lines"]
    assert [(point["x"], point["y"]) for point in line["points"]] == [
        (12.5, 50),
        (37.5, None),
        (62.5, 40),
        (87.5, 0),
    ]
    assert line["segments"] == [(62.5, 40, 87.5, 0)]
    assert [row["texts"] for row in chart["table"]["rows"]] == [
        ["50.0 %"],
        ["\u2013"],
        ["60.0 %"],
        ["100.0 %"],
    ]
    assert (
        chart["panels"][0]["said"]
        == "rate: 50.0 % in W1, 100.0 % in W4; lowest 50.0 % in W1, highest 100.0 % in W4."
    )


def test_what_is_compared_with_is_a_line_of_the_same_number() -> None:
    before: dict[int | str, Row] = {"W1": row("W9", rate=0.25), "W4": row("W8", rate=0.75)}
    chart = trend(OUTCOME, WEEKS, ["rate"], of="Week", writing=WRITING, compared=before)
    lines = chart["panels"][0]["lines"]
    assert [(line["name"], line["number"], line["compared"]) for line in lines] == [
        ("rate", 0, False),
        ("rate, before", 0, True),
    ]
    assert [point["y"] for point in lines[1]["points"]] == [75, None, None, 25]
    assert [point["numbers"] for point in lines[1]["points"]] == [[]] * 4
    since = trend(OUTCOME, WEEKS, ["rate"], of="", writing=WRITING, compared=before, later=True)
    assert since["panels"][0]["lines"][1]["name"] == "rate, now"


@pytest.mark.parametrize("draw", [trend, stacked])
def test_a_period_that_is_cut_short_is_said_to_be(draw: Any) -> None:
    rows = [*(row(each, rate=1) for each in ("W1", "W2")), replace(row("W3", rate=1), partial=True)]
    chart = draw(OUTCOME, rows, ["rate"], of="Week", writing=WRITING)
    assert [each["label"] for each in chart["table"]["rows"]] == ["W1", "W2", "W3 (in part)"]
    assert [each["text"] for each in chart["labels"]] == ["W1", "W2", "W3 (in part)"]
    assert [each["short"] for each in chart["labels"]] == ["W1", "W2", "W3"]
    assert [each["partial"] for each in chart["labels"]] == [False, False, True]
    assert "W3 (in part)" in (chart["said"] if draw is stacked else chart["panels"][0]["said"])


@pytest.mark.parametrize(("rates", "empty"), [([None, None], True), ([None, 0], False)])
def test_a_panel_without_a_figure_says_so(rates: list[Number | None], empty: bool) -> None:
    rows = [row(f"W{place}", rate=rate) for place, rate in enumerate(rates)]
    [panel] = trend(OUTCOME, rows, ["rate"], of="", writing=WRITING)["panels"]
    assert panel["empty"] is empty


ACTIVITY = metric("links", Kind.ACTIVITY, "accuracy")
SHARE = metric("share", Kind.OUTCOME)
QUALITY = metric("accuracy", Kind.QUALITY)
ELSEWHERE = {"accuracy": Figure("accuracy", "accuracy", Unit.SHARE, Kind.QUALITY, values={"W1": 0.9})}


@pytest.mark.parametrize(
    ("shown", "pairs", "panels"),
    [
        (report(ACTIVITY, QUALITY, drawn=("links",)), {}, [["links"], ["accuracy"]]),
        (report(ACTIVITY, drawn=("links",)), ELSEWHERE, [["links"], ["accuracy"]]),
        (report(ACTIVITY, drawn=("links",)), {}, []),
        (report(ACTIVITY, SHARE, drawn=("links", "share")), {}, [["share"]]),
        (
            report(
                metric("all", Kind.ACTIVITY, "accuracy", Unit.COUNT, numerator=("made", "linked")),
                counts="made linked solved",
                drawn=("made", "linked"),
            ),
            ELSEWHERE,
            [["made", "linked"], ["accuracy"]],
        ),
        (
            report(SHARE, metric("time", Kind.OUTCOME, unit=Unit.DURATION), drawn=("share", "time")),
            {},
            [["share"], ["time"]],
        ),
        (report(counts="a b c d e", drawn=tuple("abcde")), {}, [["a", "b", "c", "d"], ["e"]]),
    ],
    ids=[
        "own pair",
        "pair from elsewhere",
        "no pair",
        "only what has one",
        "counts of an activity",
        "units",
        "many",
    ],
)
def test_no_activity_is_drawn_without_its_quality(
    shown: Report, pairs: Mapping[str, Figure], panels: list[list[str]]
) -> None:
    assert [[each.name for each in group] for group in drawn(shown, shown.drawn, pairs)] == panels


def test_a_pair_brings_its_own_figures() -> None:
    shown = report(ACTIVITY, drawn=("links",))
    rows = [row("W1", links=0.4), row("W2", links=0.6)]
    chart = trend(shown, rows, shown.drawn, of="Week", writing=WRITING, pairs=ELSEWHERE)
    assert [panel["kind"] for panel in chart["panels"]] == ["activity", "quality"]
    assert [point["text"] for point in chart["panels"][1]["lines"][0]["points"]] == ["90.0 %", "\u2013"]


JUDGED = Figure("judged", "Judged", Unit.COUNT, values={"W1": 12, "W2": 0}, total=12)
FEW = {"accuracy": replace(ELSEWHERE["accuracy"], of=JUDGED)}


def test_beside_a_quality_figure_stands_how_many_were_judged() -> None:
    shown = report(ACTIVITY, drawn=("links",))
    rows = [row("W1", links=0.4), row("W2", links=0.6)]
    over_time = trend(shown, rows, shown.drawn, of="Week", writing=WRITING, pairs=FEW)
    assert [panel["of"] for panel in over_time["panels"]] == ["", "Judged: 12"]
    assert over_time["table"]["heads"] == ["links", "accuracy", "Judged"]
    assert [each["texts"] for each in over_time["table"]["rows"]] == [
        ["40.0 %", "90.0 %", "12"],
        ["60.0 %", "\u2013", "0"],
    ]
    by_name = bars(shown, rows, shown.drawn, of="Agent", writing=WRITING, pairs=FEW)
    assert [column["of"] for column in by_name["columns"]] == ["", "Judged: 12"]
    assert [[cell["of"] for cell in each["cells"]] for each in by_name["rows"]] == [
        ["", "Judged: 12"],
        ["", "Judged: 0"],
    ]


@pytest.mark.parametrize(
    ("kind", "denominator", "of"),
    [
        (Kind.QUALITY, ("judged",), "judged"),
        (Kind.QUALITY, ("judged", "other"), None),
        (Kind.ACTIVITY, ("judged",), None),
    ],
)
def test_how_many_is_told_of_quality_out_of_one_count(
    kind: Kind, denominator: tuple[str, ...], of: str | None
) -> None:
    shown = report(
        metric("m", kind, numerator=("judged",), denominator=denominator), drawn=("m",), counts="judged other"
    )
    told = figure_of(shown, "m").of
    assert (told.name if told else None) == of


def test_bars_stand_in_the_order_of_names_never_of_figures() -> None:
    people = [row("zoe", rate=0.9), row("Ana", rate=0.1), row("Ben", rate=None)]
    chart = bars(
        OUTCOME, people, ["rate"], of="Agent", writing=WRITING, compared={"zoe": row("zoe", rate=0.4)}
    )
    assert [
        (each["label"], each["cells"][0]["at"], each["cells"][0]["before"]) for each in chart["rows"]
    ] == [
        ("Ana", 10, None),
        ("Ben", None, None),
        ("zoe", 90, 40),
    ]
    # Who was not there before has nothing beside, not even a dash.
    assert [each["cells"][0]["before_text"] for each in chart["rows"]] == ["", "", "40.0 %"]


@pytest.mark.parametrize(("by", "labels"), [(Segment.AGENT, ["Ana", "zoe"]), (Segment.WORDS, ["zoe", "Ana"])])
def test_words_stand_as_their_report_lists_them_people_by_name(by: Segment, labels: list[str]) -> None:
    shown = report(counts="a", drawn=("a",))
    made = chart(shown, [row("zoe", a=2), row("Ana", a=1)], by, of="", writing=WRITING)
    assert [each["label"] for each in cast(Bars, made)["rows"]] == labels


def test_parts_stand_upon_one_another() -> None:
    shown = report(counts="known new", drawn=("known", "new"), shape=Shape.STACKED)
    rows = [row("W1", known=30, new=10), row("W2", known=0, new=0)]
    chart = stacked(shown, rows, shown.drawn, of="Week", writing=WRITING)
    first, empty = chart["columns"]
    assert first["parts"] == [{"y": 25, "height": 75}, {"y": 0, "height": 25}]
    assert [part["height"] for part in empty["parts"]] == [0, 0]
    assert [each["texts"] for each in chart["table"]["rows"]] == [
        ["30 (75.0 %)", "10 (25.0 %)", "40"],
        ["0", "0", "0"],
    ]


@pytest.mark.parametrize(
    ("shape", "by", "rows", "expected"),
    [
        (Shape.TREND, Segment.WEEK, 2, "trend"),
        (Shape.TREND, Segment.AGENT, 2, "bars"),
        (Shape.STACKED, Segment.WEEK, 2, "stacked"),
        (Shape.STACKED, Segment.TEAM, 2, "bars"),
        (Shape.NONE, Segment.WEEK, 2, None),
        (Shape.TREND, Segment.WEEK, 0, None),
    ],
)
def test_periods_are_drawn_over_time_and_names_as_bars(
    shape: Shape, by: Segment, rows: int, expected: str | None
) -> None:
    shown = report(counts="a b", drawn=("a", "b"), shape=shape)
    made = chart(shown, [row(f"r{n}", a=n, b=1) for n in range(rows)], by, of="", writing=WRITING)
    assert (made and made["shape"]) == expected


def test_a_pareto_goes_from_the_most_to_the_least_with_the_share_together() -> None:
    rows = [row("b", n=1), row("a", n=6), row("c", n=3), row("never", n=0)]
    chart = pareto(
        rows, "n", of="Article", figure="Reused", writing=WRITING, marked={"c"}, mark="not an answer"
    )
    assert [each["texts"] for each in chart["table"]["rows"]] == [
        ["1", "6", "60.0 %", ""],
        ["2", "3", "90.0 %", "yes"],
        ["3", "1", "100.0 %", ""],
    ]
    assert [(each["height"], each["together"], each["marked"]) for each in chart["columns"]] == [
        (100, 40, False),
        (50, 10, True),
        (16.67, 0, False),
    ]


def test_of_equals_in_a_pareto_those_without_a_name_come_last() -> None:
    rows = [row("", n=2), row("b", n=2), row("a", n=2), row("", n=3)]
    chart = pareto(rows, "n", of="Article", figure="Reused", writing=WRITING)
    assert [each["label"] for each in chart["table"]["rows"]] == ["", "a", "b", ""]


def test_a_pareto_of_nothing_says_so() -> None:
    chart = pareto([row("a", n=0)], "n", of="Article", figure="Reused", writing=WRITING)
    assert (chart["columns"], chart["said"]) == ([], "Nothing to draw.")


def test_a_distribution_has_a_column_for_each_group() -> None:
    chart = distribution(
        [1, 1, 2, 3, 5, 6, 10, 11, 20, 21, 400], of="Reused", figure="Articles", writing=WRITING
    )
    assert {row["label"]: row["texts"][0] for row in chart["table"]["rows"]} == {
        "1": "2",
        "2": "1",
        "3\u20135": "2",
        "6\u201310": "2",
        "11\u201320": "2",
        "21+": "2",
    }


def test_a_radar_lays_axes_clockwise_from_above_and_leaves_a_gap_for_no_figure() -> None:
    skills = [
        Skill("a", Unit.SHARE, 1, 0.5),
        Skill("b", Unit.COUNT, 5, 10, full=10),
        Skill("c", Unit.SHARE, None, 0),
        Skill("d", Unit.COUNT, 99, 1, full=10),
    ]
    chart = radar(skills, of="Skill", who="Ana", other="team", writing=WRITING)
    assert [spoke["point"] for spoke in chart["spokes"]] == [(0, -100), (50, 0), None, (-100, 0)]
    assert [spoke["other"] for spoke in chart["spokes"]] == [(0, -50), (100, 0), (0, 0), (-10, 0)]
    assert chart["segments"] == [(0, -100, 50, 0), (-100, 0, 0, -100)]
    assert chart["outline"] == ""
    assert [row["texts"] for row in chart["table"]["rows"]][:2] == [["100.0 %", "50.0 %"], ["5", "10"]]


def test_a_radar_of_one_who_has_nobody_beside_them_names_nobody_else() -> None:
    skills = [Skill(name, Unit.COUNT, 2, None, 2) for name in "abc"]
    chart = radar(skills, of="Skill", who="Ana", other="team", writing=WRITING)
    assert (chart["other"], chart["table"]["heads"], chart["said"]) == ("", ["Ana"], "a: 2. b: 2. c: 2.")
    assert [row["texts"] for row in chart["table"]["rows"]] == [["2"]] * 3


@pytest.mark.parametrize("number", [2, 9])
def test_a_radar_has_three_to_eight_axes(number: int) -> None:
    with pytest.raises(ValueError, match=f"not {number}"):
        radar([Skill("a", Unit.SHARE, 1, 1)] * number, of="", who="", other="", writing=WRITING)


@pytest.mark.parametrize(
    ("days", "at"),
    [
        ([], None),
        ([10], (50, 50, 50, 50, 50)),
        ([0, 10, 20], (0, 25, 50, 75, 100)),
    ],
)
def test_a_box_reaches_from_the_least_to_the_greatest(days: list[int], at: tuple[float, ...] | None) -> None:
    both = [Aged("this", [86400 * day for day in days]), Aged("other", [86400 * 20])]
    chart = ages(both, of="State", writing=WRITING)
    assert chart["rows"][0]["at"] == at
    assert len(chart["table"]["rows"][0]["texts"]) == len(chart["table"]["heads"])


def test_a_cohort_has_a_dot_for_each_person_and_tells_who_has_not_come_so_far() -> None:
    months = [Started("2026-01", [3.9 * DAY, 2 * DAY, 4 * DAY], 1), Started("2026-02", [], 2)]
    chart = cohort(months, of="Began in", writing=WRITING)
    first, second = chart["months"]
    # On an axis of four days those of 3.9 and 4 would touch.
    assert [(dot["y"], dot["number"]) for dot in first["dots"]] == [(1.25, 2), (50, 1)]
    assert (first["median"], second["median"], second["waiting"]) == (2.5, None, 2)
    assert [tick["text"] for tick in chart["ticks"]] == ["0 min", "24.0 h", "2.0 d", "3.0 d", "4.0 d"]
    assert [row["texts"] for row in chart["table"]["rows"]] == [
        ["3", "3.9 d", "2.0 d, 3.9 d, 4.0 d", "1"],
        ["0", "\u2013", "", "2"],
    ]


def test_gaps_stand_by_how_many_ask_for_them() -> None:
    found = [Gap("b", 2), Gap("a", 2), Gap("c", 4, "/gaps/c")]
    chart = gaps(found, of="Asked", figure="Tickets", writing=WRITING)
    assert [(each["label"], each["cells"][0]["at"], each["url"]) for each in chart["rows"]] == [
        ("c", 100, "/gaps/c"),
        ("a", 50, None),
        ("b", 50, None),
    ]
