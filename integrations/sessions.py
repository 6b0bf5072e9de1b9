"""Sessions that reach one kind of address, carry one sign-in and keep nothing a server sets."""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from integrations.addresses import PublicAdapter, is_loopback
from integrations.terms import SignIn


class _Authorization(AuthBase):
    """Sets the header on each request; as an auth object it also keeps requests from asking a .netrc."""

    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._sign_in.value:
            request.headers["Authorization"] = self._sign_in.value
        return request


def session_for(base_url: str, sign_in: SignIn) -> requests.Session:
    """Make a session that can reach the base's kind of address and nothing else."""
    session = requests.Session()
    session.auth = _Authorization(sign_in)
    session.headers.update({"Accept": "application/json", "User-Agent": "kcs-engine"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # a cookie could outrank the token
    session.adapters.clear()
    if is_loopback(base_url):
        session.trust_env = False  # a proxy would look for the emulator on its own machine
        session.mount("http://", HTTPAdapter())
        session.mount("https://", HTTPAdapter())
    else:
        session.mount("https://", PublicAdapter())
    return session
