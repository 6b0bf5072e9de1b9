"""Whatever a ticket holds: it is read in time that grows with its length, and its codes are never lost."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcs.language import identifiers
from kcs.search.ticket_text import readable, ready

HOSTILE = (
    "a", " ", "\n", "> ", ">", "On 1 ", "On 1 wrote:\n", "From: x\n", "From: ", "-", "_", "--\n",
    "<div>", "<", "<!--", "&#", "</p>", "<blockquote>", "<script>", "<a b='", "at a(",
    "at a.b(c:1)\n", "File '", "#1 ", "http://", "https://a/b?", "a@", "1:1 ",
    "2025-01-06 10:11:01 a\n", "Thanks ", "Thanks\n", "Hi ", "Re: ", "aa ", "00 ", "unsubscribe ",
    "confidential intended privileged\n\n", "(", "אב ", "密", "\u202b", "\u0301", "a/", "[",
    "Sent from my ", "+1 ", "x" * 70 + " ",
)  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_200_kb_of_anything_is_read_in_time(unit: str) -> None:
    body = unit * (200_000 // len(unit))
    started = time.process_time()
    readable(body)
    ready(body[:5_000], "x")
    assert time.process_time() - started < 3


@given(st.text(max_size=2_000), st.text(max_size=4_000))
@settings(deadline=None)
def test_any_text_gives_text(subject: str, body: str) -> None:
    assert isinstance(ready(subject, body), str)


_LINES = st.sampled_from(
    [
        "Hi Anna,", "Thanks,", "Kind regards", "--", "> quoted", "It fails", "", "Joe Bloggs",
        "+44 20 7946 0000", "<br>", "at a.b(c.java:1)", "On 6 Jan 2025, at 10:11, Support wrote:",
        "From: Joe", "Sent: Monday", "2025-01-06 10:11:01 INFO start", "Sent from my iPhone",
    ]
)  # fmt: skip


@given(st.lists(_LINES, max_size=12), st.lists(_LINES, max_size=12))
@settings(deadline=None)
def test_a_text_with_words_is_never_emptied(before: list[str], after: list[str]) -> None:
    body = "\n".join(before + after)
    assert bool(readable(body).strip()) >= bool(body.replace("<br>", "").strip())


@pytest.mark.parametrize("code", ["ERR_CONN_RESET", "0x80070005", "ORA-01017", "AADSTS50011", "KB-1042"])
@pytest.mark.parametrize(
    "around",
    [
        "Hi,\n\nit says {}\n\nThanks,\nJoe",
        "Thanks,\nJoe\n{}",
        "Hello {}",
        "2025-01-06 10:11:01 INFO a\n2025-01-06 10:11:02 ERROR {}\n" * 3,
        "https://example.com/some/very/long/path/that/goes/on/and/on/and/on?error={}",
        "<p>Hi,</p><p>it says <b>{}</b></p>",
        "System.Exception: {}\n   at A.B(C) in x.cs:line 1\n   at D.E(F) in y.cs:line 2",
    ],
)
def test_the_code_a_ticket_is_about_stays(around: str, code: str) -> None:
    assert "=" + code.lower() in identifiers(readable(around.replace("{}", code)))
