"""docs/metrics.md, made of the definitions: `python -m kcs.metrics.reference > docs/metrics.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

from kcs.metrics.model import Metric, Report, Unit
from kcs.metrics.reports import SHELVES

HEAD = """# The figures, each with its formula

Made of the definitions in `kcs/metrics/reports/`, which pages, API, command and files show as well;
`make metrics-page` writes it anew, and a test compares the two. [Reports](reporting.md) tells how to read and
narrow them.

Kinds: an **activity** is what people do (watch its trend, beside the quality it is paired with; no target can
be set on one), a **quality** is judged on samples, an **outcome** is what came of it. A figure of nothing is
left empty, never zero.
"""
UNITS = {
    Unit.COUNT: "a number",
    Unit.SHARE: "a share, 0 to 1",
    Unit.RATIO: "a ratio",
    Unit.DURATION: "seconds",
    Unit.MONEY: "money, in the organisation's currency",
}


def as_markdown() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for _, title, reports in SHELVES:
        parts.append(f"## {title}\n")
        parts += [_report(report) for report in reports]
    return "\n".join(parts)


def _report(report: Report) -> str:
    return "\n\n".join(part for part in _parts(report) if part) + "\n"


def _parts(report: Report) -> Iterator[str]:
    yield f"### {report.title}"
    yield f"`{report.name}`: {report.words}"
    yield _table(
        ("count", "title", "is"),
        [(f"`{count.name}`", count.title, _counted(count.words, count.unit)) for count in report.counts],
    )
    for metric in report.metrics:
        yield _metric(metric)
    yield f"Rows by {_listed(segment.value for segment in report.segments)}."
    if report.everybody_only:
        yield "For whoever sees everybody's figures alone."
    if report.left_out:
        yield f"Left out: {'; '.join(report.left_out)}."
    yield _points(report.notes)


def _counted(words: str, unit: Unit) -> str:
    return words if unit is Unit.COUNT else f"{words} ({UNITS[unit]})"


def _metric(metric: Metric) -> str:
    names = f" (also {_quoted(metric.aliases)})" if metric.aliases else ""
    facts = [
        ("formula", f"{metric.formula}"),
        ("in symbols", f"`{metric.symbols}`"),
        ("made of", _made_of(metric)),
        ("kind", f"{metric.kind.value}, {UNITS[metric.unit]}"),
        ("drawn beside", f"`{metric.paired}`" if metric.paired else ""),
        ("left out", "; ".join(metric.left_out)),
        ("source", metric.source),
    ]
    told = _table((f"`{metric.name}`", f"{metric.title}{names}"), [fact for fact in facts if fact[1]])
    notes = _points(metric.notes)
    return f"{told}\n\n{notes}" if notes else told


def _made_of(metric: Metric) -> str:
    if not metric.denominator:
        return ""
    return f"{_sum(metric.numerator)} ÷ {_sum(metric.denominator)}"


def _sum(names: Sequence[str]) -> str:
    said = f"`{names[0]}`"
    for name in names[1:]:
        said += f" \N{MINUS SIGN} `{name[1:]}`" if name.startswith("-") else f" + `{name}`"
    return f"({said})" if len(names) > 1 else said


def _points(notes: Iterable[str]) -> str:
    return "\n".join(f"- {note}" for note in notes)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"*{name}*" for name in names)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
