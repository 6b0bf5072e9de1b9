"""`/healthz`, `/readyz`, `/metrics`: is it alive, may it serve, how is it doing."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_flask_exporter import PrometheusMetrics
from sqlalchemy import func, select, text

from kcs.database import db
from kcs.people.access import Permission, requires
from kcs.worklist import Worklist, WorkState, due_count

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@requires(Permission.PUBLIC)
def alive() -> ResponseReturnValue:
    """Answer: the process is alive."""
    return jsonify(status="alive")


@bp.get("/readyz")
@requires(Permission.PUBLIC)
def ready() -> ResponseReturnValue:
    """Answer whether requests can be served: 503 when the database is away or not migrated."""
    db.session.execute(text("SELECT 1 FROM deliveries LIMIT 1"))
    return jsonify(status="ready")


@bp.get("/metrics")
@requires(Permission.OPERATE)
def metrics() -> ResponseReturnValue:
    """Give Prometheus its figures; needs an administrator's bearer token."""
    registry: CollectorRegistry = current_app.extensions["kcs.registry"]
    return generate_latest(registry), 200, {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}


def wire(app: Flask) -> None:
    """Count requests, and look at the worklists whenever somebody asks."""
    registry = CollectorRegistry()
    registry.register(_Worklists(app))
    app.extensions["kcs.registry"] = registry
    PrometheusMetrics(app, path=None, registry=registry, group_by="endpoint", default_labels={})


class _Worklists(Collector):
    def __init__(self, app: Flask) -> None:
        self._app = app

    def collect(self) -> Iterator[Metric]:
        """Yield the rows by state, and those that are due."""
        rows = GaugeMetricFamily("kcs_work_rows", "Rows of a worklist by state", labels=["worklist", "state"])
        due = GaugeMetricFamily("kcs_work_due", "Rows that could be worked on now", labels=["worklist"])
        lists: dict[str, Worklist] = self._app.extensions["kcs.worklists"]
        for name, work in lists.items():
            for state, count in counts(work).items():
                rows.add_metric([name, state.value], count)
            due.add_metric([name], due_count(work.model))
        yield rows
        yield due

    def describe(self) -> list[Metric]:
        """Describe nothing beforehand: the figures come from the database."""
        return []


def counts(work: Worklist) -> dict[WorkState, int]:
    """Return how many rows of a worklist are in each state."""
    query = select(work.model.state, func.count().label("rows")).group_by(work.model.state)
    found = {row.state: row.rows for row in db.session.execute(query)}
    return {state: found.get(state, 0) for state in WorkState}
