"""Every report there is, by name: the one list that pages, API, command and documentation go by."""

from __future__ import annotations

from collections.abc import Mapping

from kcs.metrics.model import Report
from kcs.metrics.reports import activity, experts, handling, known, link_rate, participation

_MODULES = (link_rate, known, handling, participation, activity, experts)
REPORTS: Mapping[str, Report] = {module.REPORT.name: module.REPORT for module in _MODULES}
