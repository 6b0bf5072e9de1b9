"""Which article an address in a text leads to: ours alone, and none that hides where it leads."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcs.articles.addresses import addresses_in, own_pages, parse

BASE = "https://kcs.example.com"
read = own_pages(BASE)


def keys(text: str) -> list[str]:
    return [key for address in addresses_in(text) if (key := read(address))]


@pytest.mark.parametrize(
    "text",
    [
        "https://kcs.example.com/articles/KB-1",
        "HTTPS://KCS.Example.COM/articles/KB-1",
        "https://kcs.example.com:443/articles/KB-1",
        "See https://kcs.example.com/articles/KB-1.",
        "(https://kcs.example.com/articles/KB-1)",
        "[how](https://kcs.example.com/articles/KB-1), then",
        "[https://kcs.example.com/articles/KB-1]",
        "<https://kcs.example.com/articles/KB-1>",
        "&lt;https://kcs.example.com/articles/KB-1&gt;",
        '<a href="https://kcs.example.com/articles/KB-1">x</a>',
        "https://kcs.example.com/articles/KB-1?a=1&amp;b=2#top",
        "https://kcs.example.com/articles/KB%2D1",
        "https://kcs.example.com/help/articles/KB-1/",
        "**https://kcs.example.com/articles/KB-1**",
        "“https://kcs.example.com/articles/KB-1”…",
        "参照：https://kcs.example.com/articles/KB-1。",
    ],
)
def test_an_address_is_found_however_it_is_written(text: str) -> None:
    assert keys(text) == ["KB-1"]


@pytest.mark.parametrize(
    "text",
    [
        "https://kcs.example.com@evil.example/articles/KB-1",
        "https://user:pw@kcs.example.com/articles/KB-1",
        "https://evil.example/https://kcs.example.com/articles/KB-1",
        "https://evil.example/?to=https://kcs.example.com/articles/KB-1",
        "https://evil.example/r?(https://kcs.example.com/articles/KB-1)",
        "https://kcs.example.com.evil.example/articles/KB-1",
        "https://kcs.example.com&#46;evil.example/articles/KB-1",
        "https://xkcs.example.com/articles/KB-1",
        "xhttps://kcs.example.com/articles/KB-1",
        "http://kcs.example.com/articles/KB-1",
        "https://kcs.example.com:8443/articles/KB-1",
        "https://kcs.example.com:x/articles/KB-1",
        "https://kсs.example.com/articles/KB-1",
        "https://ｋcs.example.com/articles/KB-1",
        "https://kcs.example.com./articles/KB-1",
        "https://kcs.example.com\\@evil.example/articles/KB-1",
        "https://kcs.example.com/articles\\KB-1",
        "https://kcs.example.com/articles%2FKB-1",
        "https://kcs.example.com/help/../articles/KB-1",
        "https://kcs.example.com/help/%2e%2e/articles/KB-1",
        "https://kcs.example.com//articles/KB-1",
        "https://kcs.example.com/articles//KB-1",
        "https://kcs.example.com/articles/KB-1/edit",
        "https://kcs.example.com/articles/%FF",
        "https://kcs.example.com/sign-in?next=/articles/KB-1",
        "ftp://kcs.example.com/articles/KB-1",
        "https://[::1/articles/KB-1",
        "kcs.example.com/articles/KB-1",
        "https://kcs.example.com/articles/" + "x" * 3000,
    ],
)
def test_an_address_that_hides_where_it_leads_is_none(text: str) -> None:
    assert keys(text) == []


KEYS = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=30)
PROSE = st.text(st.characters(exclude_characters=":/@\\&", exclude_categories=["Cs"]), max_size=40)


@given(key=KEYS, before=PROSE, after=PROSE, wrap=st.sampled_from(["{}", "<{}>", "[x]({})", '"{}"', "({})"]))
def test_whatever_stands_around_it_the_key_is_the_whole_key(
    key: str, before: str, after: str, wrap: str
) -> None:
    address = wrap.format(f"{BASE}/articles/{key}")
    assert keys(f"{before} {address} {after}") == [key]


@given(text=st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    for address in addresses_in(f"https://{text} http://x/{text}"):
        assert address.host.isascii()
        assert not set(address.path) & {"", ".", ".."}
        assert "@" not in address.host


@given(host=st.text(string.ascii_lowercase + string.digits + ".-:@[]%", min_size=1, max_size=40))
def test_no_other_host_is_ours(host: str) -> None:
    address = parse(f"https://{host}/articles/KB-1")
    ours = host in ("kcs.example.com", "kcs.example.com:443", "kcs.example.com:")
    assert (address is not None and read(address) == "KB-1") == ours
