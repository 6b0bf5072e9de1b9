"""The app as it is packed: what is in it, what is filled in, and which pages may hold ours."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from integrations.freshdesk.app.build import build
from integrations.freshdesk.app.installed import APP_FILES, FreshdeskApp
from kcs.errors import ConfigError, InvalidInput
from kcs.ports import Credentials, SigningApp

ADDRESS = "https://kcs.example.com/embed/support"
ROOT = Path(__file__).parents[4]


def files(packed: bytes) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(packed))
    return {name: archive.read(name) for name in archive.namelist()}


def document(packed: bytes, name: str) -> Any:
    return json.loads(files(packed)[name])


def test_server_and_connection_are_filled_in_and_nothing_secret() -> None:
    settings = document(build(ADDRESS), "config/iparams.json")
    filled = {name: each.get("default_value") for name, each in settings.items()}
    assert filled == {"server": "kcs.example.com", "connection": "support", "secret": None}
    assert all("default_value" not in each for each in document(build(), "config/iparams.json").values())
    assert all(
        each["display_name"] and each["description"] and each["required"] for each in settings.values()
    )


def test_the_same_address_gives_the_same_bytes() -> None:
    assert build(ADDRESS) == build(ADDRESS)
    assert build(ADDRESS) != build(ADDRESS + "2")


def test_what_the_manifest_names_is_there_and_no_more() -> None:
    packed = files(build(ADDRESS))
    manifest = json.loads(packed["manifest.json"])
    assert manifest["platform-version"] == "3.0"
    assert set(manifest["modules"]) == {"common", "support_ticket"}
    assert set(manifest["modules"]["support_ticket"]["location"]) == {"ticket_sidebar", "ticket_background"}
    for place in manifest["modules"]["support_ticket"]["location"].values():
        assert all(f"app/{path}" in packed for path in place.values())
    events = manifest["modules"]["support_ticket"]["events"]
    assert {f"server/test_data/{event}.json" for event in events} <= set(packed)
    assert not [name for name in packed if re.search(r"\.py|cache|__", name)]


def test_pages_load_the_platforms_script_and_only_files_that_are_there() -> None:
    packed = files(build())
    for page in ("index.html", "background.html"):
        text = packed[f"app/{page}"].decode()
        assert text.count("{{{appclient}}}") == 1
        for path in re.findall(r'(?:src|href)="([^"{]+)"', text):
            assert f"app/{path}" in packed
    scripts = {name: text.decode() for name, text in packed.items() if name.startswith("app/scripts/")}
    for text in scripts.values():
        assert all(f"app/scripts/{path}" in scripts for path in re.findall(r'from "\./([^"]+)"', text))
        assert "beforeClose" not in text


@pytest.mark.parametrize(
    "address",
    [
        "http://kcs.example.com/embed/support",
        "https://kcs.example.com:8443/embed/support",
        "https://kcs.example.com/kcs/embed/support",
        "https://kcs.example.com/embed/a/b",
        "https://kcs.example.com/embed/",
        "https://u:p@kcs.example.com/embed/support",
        "ftp://kcs.example.com/embed/support",
        "",
    ],
)
def test_an_address_the_platform_does_not_reach_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match="by https alone"):
        build(address)


def test_only_the_accounts_pages_hold_ours() -> None:
    app = FreshdeskApp(Credentials("acme", "", "key", None))
    assert app.origins == ("https://acme.freshdesk.com", APP_FILES)
    assert not isinstance(app, SigningApp)
    assert app.package(ADDRESS).content == build(ADDRESS)
    for wrong in ("Acme", "acme.freshdesk.com", "a b", ""):
        with pytest.raises(ConfigError):
            FreshdeskApp(Credentials(wrong, "", "key", None))


def test_it_is_packed_from_a_terminal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "integrations.freshdesk.app.build", str(tmp_path)]
    for given, name in (([], ""), (["https://kcs.example.com", "support"], "-support")):
        subprocess.run([*command, *given], cwd=ROOT, check=True, capture_output=True)
        assert zipfile.is_zipfile(tmp_path / f"kcs-engine-freshdesk{name}.zip")
    for wrong in (["https://kcs.example.com"], ["http://kcs.example.com", "support"]):
        done = subprocess.run([*command, *wrong], cwd=ROOT, check=False, capture_output=True, text=True)
        assert done.returncode == 1
        assert done.stderr.startswith(("Usage", "Freshdesk's apps reach"))
