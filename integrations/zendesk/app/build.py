"""Packs the app for Zendesk: `python -m integrations.zendesk.app.build SERVER CONNECTION FOLDER`.

The same address and version give the same bytes. The app holds no secret: it names the page that Zendesk
opens, and Zendesk signs each visit (`integrations.zendesk.visits`).
"""

from __future__ import annotations

import json
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from integrations.packing import as_json, write_into, zipped
from kcs.errors import InvalidInput

HERE = Path(__file__).parent
PACKED = ("assets/logo.png", "assets/logo-small.png", "assets/icon_ticket_sidebar.svg")
LOCATION = "ticket_sidebar"


def build(address: str) -> bytes:
    """Return the zip to upload, for our page at `address`.

    Zendesk takes https addresses, and http only for localhost. Raises InvalidInput for any other.
    """
    parts = urlsplit(address)
    if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "localhost")):
        raise InvalidInput(
            "Zendesk opens apps by https alone: '%(address)s' is not reached so. Set KCS_BASE_URL to the "
            "server's https address.",
            address=address,
        )
    manifest = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
    manifest["version"] = version("kcs-engine")
    manifest["location"]["support"][LOCATION]["url"] = address
    return zipped({"manifest.json": as_json(manifest)} | _files())


def _files() -> dict[str, bytes]:
    words = sorted((HERE / "translations").glob("*.json"))
    names = [*PACKED, *(f"translations/{each.name}" for each in words)]
    return {name: (HERE / name).read_bytes() for name in names}


def main(server: str, connection: str, folder: str) -> None:
    """Write the zip for one connection of one server."""
    address = f"{server.rstrip('/')}/embed/{connection}"
    target = write_into(folder, f"kcs-engine-zendesk-{connection}.zip", partial(build, address))
    sys.stdout.write(f"{target}: upload it in Zendesk's Admin Center. It opens {address}\n")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("Usage: python -m integrations.zendesk.app.build SERVER CONNECTION FOLDER")
    main(*sys.argv[1:])
