"""How long something took, worked out by the database: whole seconds between two moments, on both kinds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, SQLColumnExpression
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Epoch(FunctionElement[int]):
    """A moment as whole seconds since 1970; what is less than a second is cut off."""

    type = BigInteger()
    name = "epoch"
    inherit_cache = True


@compiles(_Epoch, "postgresql")
def _postgresql(element: _Epoch, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **options)})) AS BIGINT)"


@compiles(_Epoch, "sqlite")
def _sqlite(element: _Epoch, compiler: SQLCompiler, **options: Any) -> str:
    # Kept as text, year to microsecond: the first 19 signs are the whole seconds.
    return f"CAST(STRFTIME('%s', SUBSTR({compiler.process(element.clauses, **options)}, 1, 19)) AS INTEGER)"


def seconds_between(start: SQLColumnExpression[Any], end: SQLColumnExpression[Any]) -> ColumnElement[int]:
    """Return the whole seconds from one moment to another, less than none where the other was before."""
    return _Epoch(end) - _Epoch(start)
