"""Where the words of a comment lead."""

from __future__ import annotations

import pytest

from integrations.hypertext import MOST, links_in

A = "https://kcs.example.com/articles/KB-1"


@pytest.mark.parametrize(
    ("html", "links"),
    [
        ("", ()),
        ("<p>href</p>", ()),
        (f'<p>See <a href="{A}?a=1&amp;b=2">how to export</a>.</p>', (f"{A}?a=1&b=2",)),
        (f'<A HREF=" {A} ">x</A><a name="y">z</a>', (A,)),
        (f'<blockquote>x<blockquote>y</blockquote><a href="{A}">q</a></blockquote>', ()),
        (f'<div class="gmail_quote"><div><a href="{A}">q</a></div></div><a href="/b">b</a>', ("/b",)),
        (f'<blockquote>never closed <a href="{A}">q</a>', ()),
        (f'<a href="{A}">' * (MOST + 1), (A,) * MOST),
    ],
)
def test_links_of_a_comment_without_what_it_quotes(html: str, links: tuple[str, ...]) -> None:
    assert links_in(html) == links
