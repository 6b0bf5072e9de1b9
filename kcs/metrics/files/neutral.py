"""Text that a spreadsheet shows and never computes."""

from __future__ import annotations

import re
import unicodedata

_FORMULA_STARTS = ("=", "+", "-", "@")
_CONTROLS = ("\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def neutral(cell: object) -> object:
    """Return a cell that a spreadsheet shows and never computes; numbers stay as they are."""
    if not isinstance(cell, str) or (cell[:1].isascii() and cell[:1].isalnum()) or _NUMBER.fullmatch(cell):
        return cell
    # Spaces and invisible characters hide what follows; full-width and small forms become their plain sign.
    first = next((char for char in cell if unicodedata.category(char)[0] not in "ZC"), "")
    dangerous = cell[:1] in _CONTROLS or unicodedata.normalize("NFKC", first)[:1] in _FORMULA_STARTS
    return f"'{cell}" if cell and dangerous else cell
