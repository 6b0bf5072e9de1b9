"""Our app in a Freshdesk account: which pages hold it, and how it is packed."""

from __future__ import annotations

from urllib.parse import urlsplit

from integrations.addresses import api_base
from integrations.freshdesk.app.build import build
from integrations.freshdesk.client import DOMAIN
from kcs.ports import AppPackage, Credentials

# Where the files of installed apps are served from, between the account's page and ours. The vendor does not
# list it; seen as https://d3h0owdjgzys62.cloudfront.net/app-assets/... in public set-up guides of apps for
# Freshdesk and in a user script for its pages. Every page around ours must be allowed, so that this host,
# which all accounts share, holds ours within this account's pages alone. Others are entered by hand.
APP_FILES = "https://d3h0owdjgzys62.cloudfront.net"


class FreshdeskApp:
    """Implements `kcs.ports.DeskApp`. Raises ConfigError for an account that cannot be one."""

    script = "holder.js"

    def __init__(self, credentials: Credentials) -> None:
        parts = urlsplit(api_base(credentials, domain=DOMAIN, path=""))
        self.origins: tuple[str, ...] = (f"{parts.scheme}://{parts.netloc}", APP_FILES)

    def package(self, address: str) -> AppPackage:
        """Return the app that opens `address`. Raises InvalidInput where Freshdesk reaches no such one."""
        return AppPackage("kcs-engine-freshdesk.zip", build(address))
