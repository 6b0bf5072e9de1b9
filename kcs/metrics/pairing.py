"""The chart of a table, with the quality figures that its activities are paired with from other reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kcs.metrics import services
from kcs.metrics.charts import Ages, Bars, Chart
from kcs.metrics.comparing import Compare
from kcs.metrics.drawing.ages import Aged, ages
from kcs.metrics.drawing.chart import chart
from kcs.metrics.drawing.cohort import Started, cohort
from kcs.metrics.drawing.distribution import distribution
from kcs.metrics.drawing.drawn import Figure, Pairs, drawn, figure_of, judged_of
from kcs.metrics.drawing.pareto import pareto
from kcs.metrics.model import PERIODS, Key, Kind, Metric, Number, Report, Row, Segment, Shape
from kcs.metrics.reports import REPORTS
from kcs.metrics.reports.states import States
from kcs.metrics.services import Asked, Table
from kcs.metrics.writing import WRITING
from kcs.sentences import Sentence


def chart_of(table: Table, shown: Sequence[Row], of: str) -> tuple[Sentence, Chart | Bars] | None:
    """Return the chart of a report's table with its title, None without; raises as `services.compute`.

    The title names the figure where it is one alone; of several each is named where it is drawn.
    `shown` are the rows on this page: names are drawn a page at a time, everything else as a whole. `of`
    names what a row stands for.
    """
    report = table.report
    if isinstance(report.reader, States) and table.by is Segment.STATE:
        return None  # how many are in which state is one figure of each row; `also_of` draws their ages
    if report.shape is Shape.PARETO and table.by is Segment.ARTICLE:
        figure = figure_of(report, report.drawn[0])
        ranked = pareto(table.rows, figure.name, of=of, figure=figure.title, writing=WRITING)
        return _headed(figure.title, of), ranked
    if report.shape is Shape.COHORT and table.by in PERIODS:
        started = [_started(table, row) for row in table.rows]
        return _headed(figure_of(report, report.drawn[0]).title, of), cohort(started, of=of, writing=WRITING)
    pairs = pairs_of(table)
    found = chart(
        report,
        shown,
        table.by,
        of=of,
        writing=WRITING,
        compared=table.compared,
        later=table.asked.compare is Compare.NOW,
        pairs=pairs,
    )
    return None if found is None else (_headed(_title(report, pairs), of), found)


def _title(report: Report, pairs: Pairs) -> str:
    figures = [each.title for group in drawn(report, report.drawn, pairs) for each in group]
    return figures[0] if len(figures) == 1 else report.title


def _headed(title: str, of: str) -> Sentence:
    return Sentence("%(title)s: %(by)s", title=title, by=of)


def also_of(table: Table, of: str) -> tuple[Sentence, Chart | Ages] | None:
    """Return a second chart of a report with its title, for what the first leaves unseen; None without."""
    report = table.report
    if report.shape is Shape.PARETO and table.by is Segment.ARTICLE:
        figure = figure_of(report, report.drawn[0])
        # Only some of what has none is there: rows are of what has any figure.
        numbers = [number for row in table.rows if (number := int(row.figures.get(figure.name) or 0))]
        if not numbers:
            return None
        spread = distribution(numbers, of=figure.title, figure=Sentence("Articles"), writing=WRITING)
        return Sentence("Articles with at least one, by how many: %(figure)s", figure=figure.title), spread
    if isinstance(report.reader, States) and table.by not in PERIODS:
        held = report.reader.ages(table.scope, table.by)
        groups = [Aged(row.label, held.get(row.key, [])) for row in table.rows]
        return Sentence("How long articles have been in their state"), ages(groups, of=of, writing=WRITING)
    return None


def _started(table: Table, row: Row) -> Started:
    """Return the people of one period, each by the time that the report's figure has for them."""
    scope = replace(table.scope, window=row.window, latest=False)
    name = table.report.drawn[0]
    figures = [each.figures.get(name) for each in table.report.reader.rows(scope, Segment.AGENT)]
    seconds = [figure for figure in figures if figure is not None]
    return Started(row.label, seconds, waiting=len(figures) - len(seconds))


@dataclass(frozen=True)
class Quality:
    """A quality figure that an activity is paired with, of another report.

    `there` is what that report says of the same rows, None where it does not tell them apart or is not for
    this reader.
    """

    report: Report
    metric: Metric
    there: Table | None


def pairs_of(table: Table) -> Pairs:
    """Return the quality figures from other reports, of the same rows as of the same moment.

    One without values is there all the same: what is not measured is seen to be missing.
    """
    return {each.metric.name: _figure(each) for each in qualities_of(table)}


def qualities_of(table: Table, compare: Compare | None = None) -> list[Quality]:
    """Return what activities of a report are paired with in others, beside other figures if asked."""
    own = {metric.name for metric in table.report.metrics}
    wanted = {metric.paired for metric in table.report.metrics if metric.kind is Kind.ACTIVITY} - own
    return [
        Quality(report, metric, _same_rows(table, report, compare))
        for report in REPORTS.values()
        for metric in report.metrics
        if metric.name in wanted
    ]


def _figure(quality: Quality) -> Figure:
    """Return a quality figure with how many things were judged for it."""
    metric, there = quality.metric, quality.there
    of = judged_of(quality.report, metric)
    if of is not None:
        total = there.total.figures.get(of.name) if there else None
        of = replace(of, values=_values(there, of.name), total=total)
    values = _values(there, metric.name)
    return Figure(metric.name, metric.title, metric.unit, metric.kind, values=values, of=of)


def _values(there: Table | None, name: str) -> Mapping[Key, Number | None]:
    return {row.key: row.figures.get(name) for row in there.rows} if there else {}


def _same_rows(table: Table, report: Report, compare: Compare | None) -> Table | None:
    """Return what another report says of the same rows, None where it does not tell them apart."""
    asked, known = table.asked, set(report.segments)
    if not {table.by, *asked.only.keys} <= known or (report.everybody_only and not asked.reach.everybody):
        return None
    same = Asked(asked.window, table.by, asked.reach, table.as_of, asked.only, compare)
    return services.compute(report, same)
