"""A table that leaves the product as a file: columns by name, and rows made while they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from itertools import islice

from kcs.metrics.model import Unit

Cell = str | int | float | Fraction | datetime | None

_BLOCK = 500


class FileKind(StrEnum):
    """The forms a table leaves in."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


CONTENT_TYPES: Mapping[FileKind, str] = {
    FileKind.CSV: "text/csv; charset=utf-8",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.JSON: "application/json",
}


@dataclass(frozen=True)
class Column:
    """One column: its name for programs, its title for people, and how its numbers are read.

    `unit` None is for text and moments.
    """

    name: str
    title: str
    unit: Unit | None = None


@dataclass(frozen=True)
class Sheet:
    """A table. `rows` are read once, in order, and never held together."""

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Cell]]


def utc(moment: datetime) -> str:
    """Write a moment so that nothing of it is lost."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def in_blocks(lines: Iterable[str]) -> Iterator[bytes]:
    """Put lines together into pieces worth sending."""
    rest = iter(lines)
    while block := "".join(islice(rest, _BLOCK)):
        # A lone half of a surrogate pair is no character: it must not break the file it came in.
        yield block.encode("utf-8", "replace")
