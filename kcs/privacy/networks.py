"""Addresses of machines on the internet, which lead to a person or a company."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from kcs.privacy.words import listed

V4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)", re.ASCII)
V6 = re.compile(
    r"(?<![\w:.])(?:[0-9a-f]{1,4}:){1,7}(?::|[0-9a-f]{1,4})(?:[0-9a-f:]{0,34}[0-9a-f])?(?![\w:])",
    re.IGNORECASE | re.ASCII,
)

# Everybody's: resolvers whose addresses stand in every manual.
PUBLIC_SERVICES = listed(
    """
    1.1.1.1 1.0.0.1 1.1.1.2 1.0.0.2 8.8.8.8 8.8.4.4 9.9.9.9 149.112.112.112 208.67.222.222
    208.67.220.220 2001:4860:4860::8888 2001:4860:4860::8844 2606:4700:4700::1111 2606:4700:4700::1001
    2620:fe::fe
    """
)
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
# Four numbers after one of these are a version, a heading or an object identifier.
_NO_ADDRESS = re.compile(
    r"(?:\b(?:version\w{0,3}|versión|versão|versi|ver|v|release|build|firmware|driver|patch|update|"
    r"upgrade[ds]?|downgrade|fixed in|since|"
    r"section|chapter|clause|kapitel|abschnitt|§|oid|sdk|api|runtime|client|agent|app|plugin|module|"
    r"package|assembly|"
    r"バージョン|版本|גרסה)(?![^\W_])\s?(?:is|to|from|on|:|=|\(|≥|>=|<=|\"|auf|a la|ke)?\s{0,2}|"
    r"[<>~^]=?\s?|==?\s?)$",
    re.I,
)
_ADDRESS_WORD = re.compile(
    r"\b(?:ip\w{0,2}|address|adresse|dirección|alamat|endereço|host|server|servidor|gateway|from|desde|"
    r"von|client|ping|connect)\b|"
    r"כתובת|地址|アドレス",
    re.I,
)
_NAMED = re.compile(r"\b(?:ip|ipv[46]|ip[ -]?(?:address|adresse)|adresse ip|addr|host)\b[\s=:]{0,3}$", re.I)
FEWEST_GROUPS = 3
SMALL = 20  # versions count from nought: with four numbers below this only a word makes it an address


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Give addresses that machines on the internet can have; private and documentation ranges are none."""
    for match in V4.finditer(text):
        if _is_somebodys(match[0]) and not _is_version(text, match.start(), match[0]):
            yield match.start(), match.end()
    for match in V6.finditer(text):
        # "In 2019::" is the beginning of a block of code.
        if len(re.findall(r"[0-9a-f]+", match[0], re.I)) >= FEWEST_GROUPS and _is_somebodys(match[0]):
            yield match.start(), match.end()


def _is_somebodys(value: str) -> bool:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    if str(address) in PUBLIC_SERVICES or not address.is_global or address.is_multicast:
        return False
    return address.version == 4 or address in _GLOBAL_V6


def _is_version(text: str, start: int, value: str) -> bool:
    before = text[max(0, start - 40) : start]
    if _NAMED.search(before):
        return False
    if _NO_ADDRESS.search(before):
        return True
    return all(int(part) < SMALL for part in value.split(".")) and not _ADDRESS_WORD.search(before)
