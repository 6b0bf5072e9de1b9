"""An emulated help centre never keeps HTML as it was sent, and always keeps it the same way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.emulation.hypertext import rewritten

PIECES = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<ul>",
    "<li>",
    "</ul>",
    "<pre>",
    "</pre>",
    "<br/>",
    "<h2>",
    "</h2>",
    "<x>",
]
TEXTS = [
    " ",
    "\n",
    "a",
    "&amp;",
    "<",
    "&nbsp;",
    '<a href="https://a.example/?b=1&c=2" title=t>',
    "</a>",
    "<td>",
]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("<p>Turn it on.</p>", "<p>Turn it on.</p>"),
        ("<p>one\n  two</p>\n\n<p>three</p>\n", "<p>one two</p><p>three</p>"),
        ("<b>a</b><i>b</i><s>c</s>", "<strong>a</strong><em>b</em><del>c</del>"),
        ("<p>a<br/>b<hr />", "<p>a<br>b</p><hr>"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"),
        ("<p>caf&eacute; &quot;x&quot; 5 < 6&nbsp;&amp;</p>", '<p>café "x" 5 &lt; 6&nbsp;&amp;</p>'),
        ("<pre>a\n  b</pre>", "<pre>a\n  b</pre>"),
        ("<p>a<script>evil()</script><style>p{}</style>b</p>", "<p>ab</p>"),
        ('<p onclick="x()" style="color:red" id="a" class="b">c</p>', '<p class="b" id="a">c</p>'),
        ("<font><p>a</p></font>", "<p>a</p>"),
        ('<a href="javascript:x()">a</a>', "<a>a</a>"),
        ('<a href="/hc/1">a</a>', '<a href="/hc/1">a</a>'),
        (
            '<a title="t" href="https://x.example/">a</a>',
            '<a href="https://x.example/" rel="noopener noreferrer" target="_blank" title="t">a</a>',
        ),
        ('<img src="/a.png" alt="A" onerror=x>', '<img alt="A" src="/a.png">'),
        ("<h2>Fix</h2>", '<h2 id="h_0121F1595B614FFC31C2693545">Fix</h2>'),
        ("</p></b>x", "x"),
    ],
)
def test_what_is_sent_is_kept_in_another_form(sent: str, kept: str) -> None:
    assert rewritten(sent) == kept


@given(st.lists(st.sampled_from(PIECES + TEXTS), max_size=14).map("".join))
def test_rewriting_what_was_rewritten_changes_nothing(html: str) -> None:
    once = rewritten(html)
    assert rewritten(once) == once
