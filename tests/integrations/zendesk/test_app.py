"""The app that is uploaded to Zendesk, held against the rules of its checker, and how it is installed."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integrations.zendesk.app import build as packing
from integrations.zendesk.app.installed import ZendeskApp
from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.visits import read_visit
from kcs.errors import InvalidInput, RemoteError
from kcs.ports import Credentials
from tests.embedding.visits import Signer

ADDRESS = "https://kcs.example.com/embed/support"
LOCALES = {"en", "es", "he", "id"}
LOCALE = re.compile(r"[a-z]{2}(-\w{2,3})?")


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """What is in the zip."""
    with zipfile.ZipFile(io.BytesIO(packing.build(ADDRESS))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def manifest(files: dict[str, bytes]) -> dict[str, Any]:
    """The manifest, in the root of the zip."""
    found: dict[str, Any] = json.loads(files["manifest.json"])
    return found


def test_the_manifest_has_what_it_must_and_nothing_that_is_not_used(manifest: dict[str, Any]) -> None:
    assert manifest["author"]["name"]
    assert manifest["frameworkVersion"] == "2.0"
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", manifest["version"])
    assert (manifest["private"], manifest["signedUrls"], manifest["singleInstall"]) == (True, True, True)
    assert manifest["location"] == {
        "support": {"ticket_sidebar": {"url": ADDRESS, "flexible": True, "autoLoad": True}}
    }
    assert not {"parameters", "oauth", "domainWhitelist", "requirementsOnly"} & manifest.keys()


def test_every_language_has_its_words(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    found = {
        Path(name).stem: json.loads(content)
        for name, content in files.items()
        if name.startswith("translations/")
    }
    assert found.keys() == LOCALES
    assert manifest["defaultLocale"] in found
    keys = found["en"]["app"].keys()
    assert {"name", "short_description", "long_description", "installation_instructions"} == keys
    for locale, words in found.items():
        assert LOCALE.fullmatch(locale)
        assert words["app"].keys() == keys
        assert all(words["app"].values())


def test_pictures_are_as_large_as_they_must_be(files: dict[str, bytes]) -> None:
    for name, side in (("assets/logo.png", 320), ("assets/logo-small.png", 128)):
        assert files[name].startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">II", files[name][16:24]) == (side, side)
    icon = files["assets/icon_ticket_sidebar.svg"].decode()
    assert not re.search(r"script|href|style|on\w+=", icon)


def test_the_same_bytes_twice_and_no_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packing.main("https://kcs.example.com/", "support", str(tmp_path / "dist"))
    written = (tmp_path / "dist" / "kcs-engine-zendesk-support.zip").read_bytes()
    assert written == packing.build(ADDRESS) != packing.build(ADDRESS + "2")
    assert ADDRESS in capsys.readouterr().out


@pytest.mark.parametrize(
    "address", ["http://kcs.example.com/embed/x", "ftp://localhost/", "kcs", "", "javascript:1"]
)
def test_an_address_zendesk_would_not_open_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="https"):
        packing.build(address)


def test_for_tries_it_may_be_this_machine() -> None:
    assert packing.build("http://localhost:8080/embed/x")


@pytest.fixture
def emulator() -> Emulator:
    """An account."""
    return Emulator("acme", token="secret-token")


@pytest.fixture
def app(emulator: Emulator) -> Iterator[ZendeskApp]:
    """Our app in that account."""
    with EmulatorServer(emulator) as server:
        yield ZendeskApp(Credentials("acme", "", "secret-token", server.api_base))


def test_the_installation_and_its_key_are_looked_up(emulator: Emulator, app: ZendeskApp) -> None:
    with pytest.raises(RemoteError, match="upload and install it first"):
        app.installed()
    emulator.apps.install("something else")
    emulator.apps.install()
    newest = emulator.apps.install()
    found = app.installed()
    assert found.audience == f"{app.origins[0]}/api/v2/apps/installations/{newest.id}.json"
    user, now = emulator.add_user("Ana", "ana@example.com", "agent"), datetime.now(UTC)
    visit = read_visit(
        newest.visit(user.id, site=app.origins[0], now=now),
        public_key=app.check_key(found.key),
        audience=found.audience,
        now=now,
    )
    assert visit.user_id == str(user.id)


def test_who_visits_is_read_from_the_account(emulator: Emulator, app: ZendeskApp) -> None:
    ana = emulator.add_user("Ana", "ana@example.com", "agent")
    customer = emulator.add_user("Maria", "maria@example.com", "end-user")
    visitor = app.visitor(str(ana.id))
    assert (visitor.id, visitor.name, visitor.email) == (str(ana.id), "Ana", "ana@example.com")
    assert visitor.active
    emulator.suspend(ana)
    assert not app.visitor(str(ana.id)).active
    for nobody in (str(customer.id), "999999"):
        with pytest.raises(RemoteError) as refused:
            app.visitor(nobody)
        assert refused.value.missing


@pytest.mark.parametrize(
    "given", ["17", " 17 ", "https://acme.zendesk.com/api/v2/apps/installations/17.json"]
)
def test_an_installation_is_its_number_or_its_address(given: str) -> None:
    app = ZendeskApp(Credentials("acme", "", "t"))
    assert app.origins == ("https://acme.zendesk.com",)
    assert app.audience(given) == "https://acme.zendesk.com/api/v2/apps/installations/17.json"


@pytest.mark.parametrize(
    "given", ["", "x", "0", "17/../18", "https://other.zendesk.com/api/v2/apps/installations/1"]
)
def test_no_other_installation_is_taken(given: str) -> None:
    with pytest.raises(InvalidInput):
        ZendeskApp(Credentials("acme", "", "t")).audience(given)


def test_a_key_is_tidied_and_anything_else_refused() -> None:
    app, pem = ZendeskApp(Credentials("acme", "", "t")), Signer().pem
    assert app.check_key("  " + pem.replace("\n", "\r\n  ")) == pem
    with pytest.raises(InvalidInput, match="public RSA key"):
        app.check_key(pem.replace("PUBLIC", "PRIVATE"))
