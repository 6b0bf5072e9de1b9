"""Numbers typed in: read as the reader's language writes them, what may be two numbers is refused."""

from __future__ import annotations

import pytest
from babel import Locale

from kcs.errors import InvalidInput
from kcs.metrics.roi.numbers import read, written

POINT, COMMA = ("en_GB", "he"), ("es", "id")
BOTH = (*POINT, *COMMA)

# languages, what is typed, the number it is
READ = [
    (POINT, "1,000", 1000),
    (COMMA, "1.000", 1000),
    (POINT, "1,234,567.89", 1234567.89),
    (COMMA, "1.234.567,89", 1234567.89),
    (POINT, " 2.5 ", 2.5),
    (COMMA, "2,5", 2.5),
    (POINT, "2.50", 2.5),
    (COMMA, "1000,0", 1000),
    (BOTH, "1000", 1000),
    (POINT, "0.250", 0.25),
    (COMMA, "0,250", 0.25),
    (POINT, "1.234", 1.234),
    (COMMA, "1,234", 1.234),
    (BOTH, "0", 0),
    (BOTH, "-3", -3),
]
# languages, what is typed, what the refusal shows
REFUSED = [
    (POINT, "2,5", ("25 ", "2.5")),
    (COMMA, "2.5", ("25 ", "2,5")),
    (POINT, "1,00", ("100", "1")),
    (POINT, "1.000", ("1 ", "1,000")),
    (COMMA, "1,000", ("1 ", "1.000")),
    (POINT, "1.250", ("1.25 ", "1,250")),
    (POINT, "12,34,567", ("1,234,567",)),
    (POINT, "two", ("no number", "1,234.5")),
    (COMMA, "two", ("no number", "1.234,5")),
    *((BOTH, typed, ("no number",)) for typed in ("1 000", "1e5", "NaN", "1_000", "١٢", "9" * 41)),
    (BOTH, "12345678901234567", ("more digits",)),
    (POINT, " ", ("missing", "1,234.5")),
]
# Of every size and fineness that may be stored, those before this rule among them.
STORED = (0, 1, 4.5, 0.1, 999, 1000, 1000.5, 12345, 1234567.891, 1e12, 0.0004, 1e-7, 1.234, 1.25, 12.3456789)


@pytest.mark.parametrize(("languages", "typed", "number"), READ)
def test_a_number_is_read_as_its_reader_writes_it(
    languages: tuple[str, ...], typed: str, number: float
) -> None:
    assert [read(typed, "low", Locale.parse(each)) for each in languages] == [number] * len(languages)


@pytest.mark.parametrize(("languages", "typed", "shown"), REFUSED)
def test_what_may_be_another_number_or_none_is_refused(
    languages: tuple[str, ...], typed: str, shown: tuple[str, ...]
) -> None:
    for each in languages:
        with pytest.raises(InvalidInput) as refused:
            read(typed, "low", Locale.parse(each))
        assert list(refused.value.errors) == ["low"]
        assert typed[:40] in refused.value.message
        assert all(part in refused.value.message for part in shown), refused.value.message


@pytest.mark.parametrize("language", BOTH)
def test_every_number_that_is_written_is_read_as_that_number(language: str) -> None:
    locale = Locale.parse(language)
    assert [read(written(number, locale), "low", locale) for number in STORED] == list(STORED)
