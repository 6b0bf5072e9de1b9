"""The things that have most of a count, and the share they have together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise

from kcs.metrics.axes import Writing, axis, labels, middle
from kcs.metrics.charts import Pareto, RankedColumn, Table, TableRow
from kcs.metrics.drawing.columns import column, width_of
from kcs.metrics.model import Key, Row, Unit
from kcs.sentences import Sentence, counted, listed

MOST_COLUMNS = 30


def pareto(
    rows: Iterable[Row],
    name: str,
    *,
    of: str,
    figure: str,
    writing: Writing,
    marked: Collection[Key] = (),
    mark: str = "",
    url: Callable[[Row], str | None] | None = None,
) -> Pareto:
    """Return the things that have most of a count, most first; for things, as articles, never for people.

    `figure` names the count, `mark` what is said of those whose keys are among `marked`.
    """
    # Of equals those without a name last: whoever draws names no more than are drawn.
    ranked = sorted(rows, key=lambda row: (-(row.figures[name] or 0), not row.label, row.label.casefold()))
    ranked = [row for row in ranked if row.figures[name]]
    shown, total = ranked[:MOST_COLUMNS], Fraction(sum(row.figures[name] or 0 for row in ranked))
    counts = [row.figures[name] or 0 for row in shown]
    together = [Fraction(so_far) / total for so_far in accumulate(counts)]
    texts = [writing.figure(count, Unit.COUNT) for count in counts]
    shares = [writing.figure(share, Unit.SHARE) for share in together]
    scale, whole = axis(counts, Unit.COUNT), axis([1], Unit.SHARE)
    columns = [
        RankedColumn(
            **column(place, len(shown), scale.at(counts[place]), texts[place]),
            marked=row.key in marked,
            middle=middle(place, len(shown)),
            together=whole.y(together[place]) or 0,
        )
        for place, row in enumerate(shown)
    ]
    return Pareto(
        shape="pareto",
        said=_said_of_ranked(ranked, texts, shares, len(shown)),
        figure=figure,
        mark=mark,
        ticks=scale.marks(Unit.COUNT, writing),
        shares=whole.marks(Unit.SHARE, writing),
        labels=labels(str(place + 1) for place in range(len(shown))),
        columns=columns,
        segments=[
            (one["middle"], one["together"], two["middle"], two["together"]) for one, two in pairwise(columns)
        ],
        width=width_of(len(shown)),
        table=Table(
            of=of,
            heads=[Sentence("Place"), figure, Sentence("Together"), *([mark] if mark else [])],
            rows=[
                TableRow(
                    label=row.label,
                    url=url(row) if url else None,
                    texts=[
                        str(place + 1),
                        texts[place],
                        shares[place],
                        *([Sentence("yes") if row.key in marked else ""] if mark else []),
                    ],
                )
                for place, row in enumerate(shown)
            ],
        ),
    )


def _said_of_ranked(ranked: Sequence[Row], texts: Sequence[str], shares: Sequence[str], drawn: int) -> str:
    if not ranked:
        return Sentence("Nothing to draw.")
    most = Sentence("Most has %(label)s: %(figure)s.", label=ranked[0].label, figure=texts[0])
    these = counted(
        "The %(num)s drawn of %(all)s has %(share)s.",
        "The %(num)s drawn of %(all)s have %(share)s together.",
        drawn,
        all=len(ranked),
        share=shares[drawn - 1],
    )
    return listed(" ", [most, these])
