"""CSV that a spreadsheet shows and never computes."""

from __future__ import annotations

import pytest

from kcs.metrics.files.neutral import neutral


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+SUM(A1)",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\rtext",
        "\ntext",
        "  =1",
        " \t@x",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff =1",
        " \u200b \u200b=1",
        "\uff1d1+1",
        "\uff0b1",
        "\uff0d1",
        "\uff20SUM",
        "\ufe66 1",
        "+34 600 123 456",
        "-",
    ],
)
def test_what_could_be_a_formula_becomes_text(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "Ana",
        "a=b",
        "2025-W13",
        "12",
        "-5",
        "+3.5",
        "+34600123456",
        12,
        -5,
        0.5,
        None,
        "'=1",
        "  Ana",
        "(x)",
    ],
)
def test_numbers_and_plain_text_stay_as_they_are(cell: object) -> None:
    assert neutral(cell) == cell
