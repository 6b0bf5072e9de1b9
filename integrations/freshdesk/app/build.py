"""Packs the app for Freshdesk: `python -m integrations.freshdesk.app.build FOLDER [SERVER CONNECTION]`.

The same address and version give the same bytes. The app holds no secret: an administrator enters that at
Freshdesk, in the app's settings, where server and connection are filled in already if they are known here.
"""

from __future__ import annotations

import json
import re
import sys
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from integrations.packing import as_json, write_into, zipped
from kcs.errors import InvalidInput

HERE = Path(__file__).parent
PACKED = ("manifest.json", "app/**/*", "config/*", "server/**/*")
SETTINGS = "config/iparams.json"
PAGE = re.compile(r"/embed/([A-Za-z0-9][A-Za-z0-9._-]*)", re.ASCII)


def build(address: str | None = None) -> bytes:
    """Return the zip to upload, for our page at `address`; without one the server is asked for at Freshdesk.

    Requests of an app go to a host by https, without a port. Raises InvalidInput for any other address.
    """
    files = _files()
    if address is not None:
        files[SETTINGS] = as_json(_filled_in(json.loads(files[SETTINGS]), *_parts(address)))
    return zipped(files)


def _parts(address: str) -> tuple[str, str]:
    """Return the server's host and the connection's name."""
    parts, page = urlsplit(address), PAGE.fullmatch(urlsplit(address).path)
    if parts.scheme != "https" or parts.hostname is None or parts.netloc != parts.hostname or page is None:
        raise InvalidInput(
            "Freshdesk's apps reach a server by https alone, at its usual port: '%(address)s' is not reached "
            "so. Set KCS_BASE_URL to the server's https address.",
            address=address,
        )
    return parts.hostname, page[1]


def _filled_in(settings: dict[str, dict[str, object]], server: str, connection: str) -> object:
    settings["server"]["default_value"] = server
    settings["connection"]["default_value"] = connection
    return settings


def _files() -> dict[str, bytes]:
    found = [path for pattern in PACKED for path in HERE.glob(pattern) if path.is_file()]
    return {path.relative_to(HERE).as_posix(): path.read_bytes() for path in found}


def main(folder: str, server: str = "", connection: str = "") -> None:
    """Write the zip, for one connection of one server where both are given."""
    if bool(server) != bool(connection):
        sys.exit("Give both, or neither: the server's https address and the name of the connection.")
    address = f"{server.rstrip('/')}/embed/{connection}" if server else None
    name = f"kcs-engine-freshdesk{f'-{connection}' if connection else ''}.zip"
    target = write_into(folder, name, partial(build, address))
    sys.stdout.write(f"{target}: upload it at Freshdesk as a custom app\n")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 4):
        sys.exit("Usage: python -m integrations.freshdesk.app.build FOLDER [SERVER CONNECTION]")
    main(*sys.argv[1:])
