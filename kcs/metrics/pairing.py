"""The chart of a table, with the quality figures that its activities are paired with from other reports."""

from __future__ import annotations

from collections.abc import Mapping

from kcs.metrics import drawing, services
from kcs.metrics.charts import Bars, Stacked, Trend
from kcs.metrics.drawing import Figure, Pairs
from kcs.metrics.model import Key, Kind, Metric, Number, Report
from kcs.metrics.reports import REPORTS
from kcs.metrics.services import Asked, Table
from kcs.metrics.writing import WRITING


def chart_of(table: Table, of: str) -> Trend | Bars | Stacked | None:
    """Return how a table is drawn; `of` names what its rows stand for. Raises as `services.compute`."""
    return drawing.chart(
        table.report,
        table.rows,
        table.by,
        of=of,
        writing=WRITING,
        compared=table.compared,
        pairs=pairs_of(table),
    )


def pairs_of(table: Table) -> Pairs:
    """Return the quality figures from other reports, of the same rows as of the same moment.

    Where the other report does not tell such rows apart, or is not for this reader, the figure is there
    without values: what is not measured is seen to be missing.
    """
    own = {metric.name for metric in table.report.metrics}
    wanted = {metric.paired for metric in table.report.metrics if metric.kind is Kind.ACTIVITY} - own
    found = {
        metric.name: (report, metric)
        for report in REPORTS.values()
        for metric in report.metrics
        if metric.name in wanted
    }
    return {
        name: Figure(name, metric.title, metric.unit, metric.kind, values=_values(table, report, metric))
        for name, (report, metric) in found.items()
    }


def _values(table: Table, report: Report, metric: Metric) -> Mapping[Key, Number | None]:
    asked, known = table.asked, set(report.segments)
    if not {table.by, *asked.only.keys} <= known or (report.everybody_only and not asked.reach.everybody):
        return {}
    same = Asked(asked.window, table.by, asked.reach, table.as_of, asked.only)
    return {row.key: row.figures.get(metric.name) for row in services.compute(report, same).rows}
