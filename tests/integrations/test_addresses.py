"""Which hosts a connection may name, and which addresses count as public."""

from __future__ import annotations

import pytest

from integrations.addresses import api_base, is_public
from kcs.errors import ConfigError
from kcs.ports import Credentials


def base_of(subdomain: str, override: str | None = None) -> str:
    credentials = Credentials(subdomain, "", "token", override)
    return api_base(credentials, domain="zendesk.com", path="/api/v2")


@pytest.mark.parametrize("subdomain", ["a", "acme", "acme-2", "4you", "a" * 63])
def test_a_host_is_built_from_the_accounts_name(subdomain: str) -> None:
    assert base_of(subdomain) == f"https://{subdomain}.zendesk.com/api/v2"


@pytest.mark.parametrize(
    "subdomain",
    [
        "",
        "Acme",
        "acme.evil",
        "evil.example/",
        "evil.example#",
        "evil.example?",
        "a@b",
        "-acme",
        "acme-",
        "a" * 64,
        "acme\n",
        "ácme",
        "acme\u0000",
        "127.0.0.1",
        "https://acme",
    ],
)
def test_what_is_no_single_label_is_refused(subdomain: str) -> None:
    with pytest.raises(ConfigError, match="subdomain"):
        base_of(subdomain)


@pytest.mark.parametrize(
    ("override", "base"),
    [
        ("http://127.0.0.1:5001/api/v2", "http://127.0.0.1:5001/api/v2"),
        ("http://localhost:5001/api/v2/", "http://localhost:5001/api/v2"),
        ("https://[::1]:5001/api/v2", "https://[::1]:5001/api/v2"),
        ("http://127.0.0.1", "http://127.0.0.1"),
    ],
)
def test_the_emulator_may_stand_in_on_this_machine(override: str, base: str) -> None:
    assert base_of("acme", override) == base


@pytest.mark.parametrize(
    "override",
    [
        "",
        "https://evil.example/api/v2",
        "http://169.254.169.254/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "http://user:pass@127.0.0.1/",
        "http://0.0.0.0:5001/",
        "http://127.0.0.2:5001/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "http://127.0.0.1/?a=1",
        "http://127.0.0.1/#a",
        "http://[::1",
        "//127.0.0.1/",
    ],
)
def test_no_other_address_may_stand_in(override: str) -> None:
    with pytest.raises(ConfigError):
        base_of("acme", override)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("104.16.51.111", True),
        ("2606:4700::6810:336f", True),
        ("::ffff:104.16.51.111", True),
        ("64:ff9b::6810:336f", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
    ],
)
def test_an_address_inside_another_is_judged_by_itself(address: str, public: bool) -> None:
    assert is_public(address) is public
