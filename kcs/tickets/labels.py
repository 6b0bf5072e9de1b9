"""Names that reports tell tickets apart by, as numbers: the activity log holds the number, never the name."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from sqlalchemy import UniqueConstraint, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from kcs import database
from kcs.database import Base, db

LONGEST = 200
AT_ONCE = 200  # pairs in one statement: SQLite takes only so many values


class LabelKind(StrEnum):
    """What a name is of a ticket."""

    TAG = "tag"
    PRODUCT = "product"


class ReportLabel(Base):
    """The name of a product or a tag; rows are never changed and never go, reports of the past name them."""

    __tablename__ = "report_labels"
    __table_args__ = (UniqueConstraint("kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[LabelKind]
    name: Mapped[str]


Label = tuple[LabelKind, str]


def label_ids(labels: Collection[Label]) -> dict[Label, int]:
    """Return the number of each, giving one to those that have none yet."""
    # In order, so that two who add the same ones never wait for each other in a circle.
    wanted = sorted(set(labels))
    found = _known(wanted)
    new = [{"kind": kind, "name": name} for kind, name in wanted if (kind, name) not in found]
    if new:
        db.session.execute(database.insert(ReportLabel).on_conflict_do_nothing(), new)
        found = _known(wanted)
    return found


def _known(labels: list[Label]) -> dict[Label, int]:
    pair = tuple_(ReportLabel.kind, ReportLabel.name)
    found: dict[Label, int] = {}
    for start in range(0, len(labels), AT_ONCE):
        query = select(ReportLabel).where(pair.in_(labels[start : start + AT_ONCE]))
        found |= {(row.kind, row.name): row.id for row in db.session.execute(query).scalars()}
    return found
