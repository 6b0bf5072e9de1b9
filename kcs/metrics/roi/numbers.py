"""Numbers as a reader writes them: read strictly in their language, written so that they are read again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from babel import Locale
from babel.numbers import NumberFormatError, format_decimal, get_decimal_symbol, parse_decimal

from kcs.errors import InvalidInput
from kcs.sentences import Sentence

LONGEST = 40
EXAMPLE = 1234.5
_WRITTEN_WITH = re.compile(r"-?[0-9.,]*[0-9][0-9.,]*")


def written(value: float, locale: Locale) -> str:
    """Return a number with the separators of a language and all of its decimals."""
    return format_decimal(Decimal(repr(value)), locale=locale, decimal_quantization=False)


def read(text: str, field: str, locale: Locale) -> float:
    """Return the number that a text is in a language.

    Raises InvalidInput naming the field for nothing, what is no number, what another language's separators
    make another number of, and what has more digits than are kept.
    """
    typed = text.strip()
    if not typed:
        example = written(EXAMPLE, locale)
        raise _refused(
            field, Sentence("A number is missing. Write %(example)s, for example.", example=example)
        )
    if len(typed) > LONGEST or not _WRITTEN_WITH.fullmatch(typed):
        raise _refused(field, _no_number(typed[:LONGEST], (), locale))
    try:
        value = parse_decimal(typed, locale=locale, strict=True)
    except NumberFormatError as error:
        raise _refused(field, _no_number(typed, error.suggestions or (), locale)) from error
    number = float(value)
    if Decimal(repr(number)) != value:
        raise _refused(field, Sentence("'%(text)s' has more digits than are kept: 15 are.", text=typed))
    thousands = _with_thousands(typed, locale)
    if thousands is not None and typed != written(number, locale):
        either = [written(number, locale), written(thousands, locale)]
        raise _refused(field, _no_number(typed, either, locale))
    return number


def _with_thousands(typed: str, locale: Locale) -> float | None:
    """Return what a number is to whom its decimal separator sets thousands apart, None where it cannot."""
    mark = get_decimal_symbol(locale)
    if re.fullmatch(rf"[1-9][0-9]{{0,2}}{re.escape(mark)}[0-9]{{3}}", typed):
        return float(typed.replace(mark, ""))
    return None


def _no_number(typed: str, meant: Sequence[str], locale: Locale) -> Sentence:
    if len(meant) > 1:
        return Sentence(
            "'%(text)s' can be read as %(one)s or as %(other)s. Write the one you mean.",
            text=typed,
            one=meant[0],
            other=meant[1],
        )
    example = meant[0] if meant else written(EXAMPLE, locale)
    return Sentence("'%(text)s' is no number. Write %(example)s, for example.", text=typed, example=example)


def _refused(field: str, message: Sentence) -> InvalidInput:
    return InvalidInput(message, errors={field: [message]})
