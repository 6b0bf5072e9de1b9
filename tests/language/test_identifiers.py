"""Identifiers: exact names are found whole; what only looks like one is left to the words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcs.language import identifiers

FOUND = {
    "error names": ("Chrome says ERR_CONN_RESET.", ["=err_conn_reset"]),
    "hex code": ("error:0x80070005, again", ["=0x80070005"]),
    "database error": ("ORA-01017: invalid", ["=ora-01017"]),
    "service code": ("AADSTS50011!", ["=aadsts50011"]),
    "article key": ("see kb-1042 or KB-1042", ["=kb-1042"]),
    "versions": ("from v10.4 to 2.3.1-rc1", ["=10.4", "=2.3.1-rc1"]),
    "Unix path": ("in /etc/hosts, please", ["=/etc/hosts"]),
    "Windows path and its file": (r"C:\Windows\x.DLL is gone", [r"=c:\windows\x.dll", "=x.dll"]),
    "file": ("open config.yaml", ["=config.yaml"]),
    "host of an address": ("https://www.Shop.example.com:8080/a?b=c", ["=shop.example.com"]),
    "domain": ("at app.example.com.", ["=app.example.com"]),
    "products": ("iPhone12 PS5 M365 3DS", ["=iphone12", "=ps5", "=m365", "=3ds"]),
    "camelCase": ("set maxRetries in GitHub", ["=maxretries", "=github"]),
    "snake_case": ("the api_key field", ["=api_key"]),
    "exception and its last name": (
        "java.lang.NullPointerException: null",
        ["=java.lang.nullpointerexception", "=nullpointerexception"],
    ),
    "each once": ("PS5 ps5 PS5", ["=ps5"]),
    "after a word without a space": ("请看错误码E1024，版本2.3.1", ["=e1024", "=2.3.1"]),
    "among Hebrew": ("שגיאה 0x8007 בגרסה v2.1", ["=0x8007", "=2.1"]),
}
NOT_FOUND = {
    "plain words": "The quick BROWN fox isn't here",
    "bare numbers": "HTTP 502 in 2024",
    "dates": "on 12.03.2024 and 2024.03.12",
    "amounts": "1.500.000 or €19.99 or 35.7%",
    "measures and ordinals": "1st 10am 5GB 24h 30min x2",
    "mail addresses": "joe.b1@example.com",
    "alternatives": "and/or he/she 24/7 N/A",
    "missing space": "it stopped work.Please help",
    "compounds with a number": "mid-1930s 24-yard",
    "random strings": "123e4567-e89b-12d3-a456-426614174000 deadbeef00deadbeef0012",
}


@pytest.mark.parametrize(("text", "expected"), FOUND.values(), ids=FOUND)
def test_found(text: str, expected: list[str]) -> None:
    assert identifiers(text) == expected


@pytest.mark.parametrize("text", NOT_FOUND.values(), ids=NOT_FOUND)
def test_left_to_the_words(text: str) -> None:
    assert identifiers(text) == []


@given(st.text())
@settings(deadline=None)
def test_any_text_gives_marked_names_without_spaces(text: str) -> None:
    assert all(
        name.startswith("=") and len(name) > 1 and len(name.split()) == 1 for name in identifiers(text)
    )


@pytest.mark.parametrize("unit", ["a", "a.", "1.", "/a", "A_", "aA", ":a", "a1-", "\\", "(?a." * 10 + "! "])
def test_hostile_text_costs_no_more_than_its_length(unit: str) -> None:
    started = time.process_time()
    identifiers(unit * (200_000 // len(unit)))
    assert time.process_time() - started < 2
