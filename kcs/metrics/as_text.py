"""A report as a terminal shows it: its figures, why some are missing, and the whole definition of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kcs.metrics.figures import plain
from kcs.metrics.hints import Hint, hints_of
from kcs.metrics.model import Count, Metric, Report, Row, Scope, Unit
from kcs.metrics.naming import SEGMENT_WORDS, paired_with, said_narrowed, summed
from kcs.metrics.periods import Window
from kcs.metrics.services import Table
from kcs.metrics.stated import stated_lines
from kcs.text import clean_line


def table(found: Table) -> str:
    """Return a report as an aligned table, and how its figures were made.

    Under it stands why some are missing, what they were worked out with, and how they are defined.
    """
    report = found.report
    figures: list[Count | Metric] = [*(count for count in report.counts if count.listed), *report.metrics]
    lines: list[list[str]] = [
        [SEGMENT_WORDS[found.by], *(figure.title for figure in figures)],
        *(
            [_label(row), *(_cell(found, row, each.name, each.unit) for each in figures)]
            for row in (*found.rows, found.total)
        ),
    ]
    missing = [_why(hint) for hint in hints_of(found) if hint.missing]
    stated = [(each.name, clean_line(f"{each.value}: {each.source}")) for each in stated_lines(found)]
    worked_out = list(_block("Worked out with", stated)) if stated else []
    parts = [_heading(found), _aligned_all(lines), missing, worked_out, [definition(report)]]
    return "\n\n".join("\n".join(part) for part in parts if part)


def definition(report: Report) -> str:
    """Return the definition of a report: a block for each metric, then what is counted and left out."""
    blocks: list[tuple[str, list[tuple[str, str]]]] = [
        *((metric.title, _facts(report, metric)) for metric in report.metrics),
        ("What is counted", [(count.title, count.words) for count in report.counts]),
        ("Left out", [("", what) for what in report.left_out]),
        ("Notes", [("", note) for note in report.notes]),
    ]
    return "\n\n".join("\n".join(_block(title, facts)) for title, facts in blocks if facts)


def _facts(report: Report, metric: Metric) -> list[tuple[str, str]]:
    facts = [
        ("Also known as", ", ".join(metric.aliases)),
        ("Kind", metric.kind.value.capitalize()),
        ("Formula", metric.formula),
        ("Symbols", metric.symbols),
        ("Numerator" if metric.denominator else "Sum of", summed(report, metric.numerator)),
        ("Denominator", summed(report, metric.denominator)),
        ("Paired with", paired_with(metric) or ""),
        ("Left out", "; ".join(metric.left_out)),
        ("Notes", " ".join(metric.notes)),
        ("Source", metric.source),
    ]
    return [(name, said) for name, said in facts if said]


def _block(title: str, facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    told = list(facts)
    width = max(len(name) for name, _ in told)
    yield title
    for name, said in told:
        yield f"  {name.ljust(width)}  {said}" if name else f"  {said}"


def _why(hint: Hint) -> str:
    return f"{hint.words} ({hint.url})" if hint.url else hint.words


def _label(row: Row) -> str:
    label = clean_line(row.label)
    return f"{label} (in part)" if row.partial else label


def _cell(found: Table, row: Row, name: str, unit: Unit) -> str:
    said = plain(row.figures.get(name), unit)
    if found.compared is None:
        return said
    beside = found.compared.get(row.key)
    return f"{said} ({plain(beside.figures.get(name) if beside else None, unit)})"


def _aligned_all(lines: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [_aligned(line, widths) for line in lines]


def _heading(found: Table) -> list[str]:
    """Return what is shown and, on a line of its own, what that is narrowed to."""
    zone = found.scope.window.zone
    said = f"{found.report.title} {_span(found.scope.window)} ({zone.key}), as of {_moment(found.scope)}"
    if (other := found.compared_scope) is not None:
        said = f"{said}; in brackets {_span(other.window)}, as of {_moment(other)}"
    narrowed = said_narrowed(found.scope)
    return [said, f"Narrowed to {clean_line(narrowed)}"] if narrowed else [said]


def _moment(scope: Scope) -> str:
    """Write it whole, so that --as-of with it gives the same digits again."""
    return scope.as_of.astimezone(scope.window.zone).isoformat()


def _span(window: Window) -> str:
    first, end = (f"{moment.astimezone(window.zone):%Y-%m-%d %H:%M}" for moment in (window.start, window.end))
    return f"from {first} to {end}"


def _aligned(cells: list[str], widths: list[int]) -> str:
    name, *numbers = cells
    return "  ".join([name.ljust(widths[0]), *map(str.rjust, numbers, widths[1:])])
