"""Where a vendor's client may connect to: a host we build ourselves, on a public address, or the emulator.

A finished URL is never checked after the fact; the account name is checked whole and the host made from it.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from kcs.errors import ConfigError
from kcs.ports import Credentials

SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def api_base(credentials: Credentials, *, domain: str, path: str) -> str:
    """Return `https://<subdomain>.<domain><path>`, or the credentials' own base when that is this machine.

    Raises ConfigError for a subdomain that is not one DNS label in lower case, and for an override that
    names any other machine.
    """
    if credentials.api_base is not None:
        return _loopback_base(credentials.api_base)
    if not SUBDOMAIN.fullmatch(credentials.subdomain):
        raise ConfigError(
            "'%(name)s' is not a subdomain of %(domain)s: give the account's name alone, "
            "as in https://NAME.%(domain)s, in small letters, digits and hyphens.",
            name=credentials.subdomain,
            domain=domain,
        )
    return f"https://{credentials.subdomain}.{domain}{path}"


def is_loopback(url: str) -> bool:
    """True when the URL's host is this machine."""
    return urlsplit(url).hostname in LOOPBACK


def is_public(address: str) -> bool:
    """True for a global address; an IPv4 address inside an IPv6 one is judged by itself."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        return _embedded(ip).is_global
    return ip.is_global


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo_client = ip.teredo[1] if ip.teredo else None
    return ip.ipv4_mapped or ip.sixtofour or teredo_client or ip


def _loopback_base(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise ConfigError("'%(address)s' is not an address: %(why)s.", address=url, why=exc) from exc
    plain = parts.username is None and parts.password is None and not parts.query and not parts.fragment
    if parts.scheme not in ("http", "https") or parts.hostname not in LOOPBACK or not plain:
        raise ConfigError(
            "'%(address)s' may not replace the vendor's own address: only http(s) on this machine "
            "(127.0.0.1, localhost or [::1]) may, which is where the emulator runs.",
            address=url,
        )
    host = f"[{parts.hostname}]" if parts.hostname == "::1" else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


class _PublicConnection(HTTPSConnection):
    """Refuses a private peer after the connection stands and before anything is sent over it.

    The peer is asked, not the name: a name may resolve to something else at the next look.
    """

    def connect(self) -> None:
        super().connect()
        peer = self.sock.getpeername()[0] if self.sock is not None else ""
        if not is_public(peer):
            self.close()
            raise ConnectionRefusedError(f"{self.host} resolves to {peer}, which is not a public address")


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls = _PublicConnection


class PublicAdapter(HTTPAdapter):
    """Lets https go to public addresses only. Through a configured proxy, the proxy decides."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: object) -> None:
        """Build the pool of guarded connections; called by requests."""
        super().init_poolmanager(connections, maxsize, block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _PublicPool}
