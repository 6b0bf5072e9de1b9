"""Every provider that the application names is complete; of one that is not, each lack is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from kcs.app import create_app
from kcs.ports import Credentials, DeskAgent, DeskGroup, SetUp
from tests.conformance.complete import FILES, RULES, Pieces, missing, pieces_of
from tests.conformance.desk_rules import DeskRules
from tests.conformance.exceptions import Rules
from tests.conftest import settings_for


@pytest.fixture
def wired(tmp_path: Path) -> Flask:
    """The application as it is started: with the providers that it names."""
    return create_app(settings_for(tmp_path))


def test_every_provider_is_complete(wired: Flask) -> None:
    providers = wired.extensions["kcs.providers"]
    assert providers
    for name, provider in providers.items():
        assert missing(pieces_of(provider)) == [], name


def test_every_list_of_rules_is_asked_for() -> None:
    assert set(Rules.__subclasses__()) == set(RULES)


class HalfStaff:
    """Knows the agents."""

    def agents(self) -> list[DeskAgent]:
        """Nobody."""
        return []


class WholeStaff(HalfStaff):
    """Knows the groups as well."""

    def groups(self) -> list[DeskGroup]:
        """None."""
        return []


class HalfDesk:
    """A vendor somebody has begun with."""

    name = "halfdesk"
    set_up = SetUp("Half", "", (), "A token of yours that nobody has translated.")

    def staff(self) -> HalfStaff:
        """Forgot for whom."""
        return HalfStaff()

    def ticket_source(self, credentials: Credentials) -> None:
        """Not yet."""


class TestNothing:
    """No rules."""


class RunsDesk(DeskRules):
    """Rules without a harness."""


@pytest.fixture
def begun(tmp_path: Path) -> Pieces:
    """What there is of it: a class, and one page that no index names."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "halfdesk.md").write_text("# Halfdesk\n", "utf-8")
    (tmp_path / "docs" / "README.md").write_text("# Documentation\n", "utf-8")
    return Pieces(HalfDesk(), (SimpleNamespace(HalfStaff=HalfStaff),), (TestNothing,), tmp_path)


def test_what_a_half_made_provider_lacks_is_named(begun: Pieces) -> None:
    lacks = missing(begun)
    named = {line.split(":", maxsplit=1)[0] for line in lacks}
    assert "Provider.staff: it takes no credentials" in lacks
    assert "Provider.set_up.domain: it is empty" in lacks
    assert "Provider.set_up.steps: it is empty" in lacks
    untranslated = "A token of yours that nobody has translated."
    for language in ("es", "he", "id"):
        assert f"Provider.set_up: no translation into '{language}' of: {untranslated}" in lacks
    assert "StaffDirectory.groups: Yield every group. Raises RemoteError." in lacks
    assert {
        "Provider.writer",
        "Provider.verify",
        "TicketSource.read_ticket",
        "Authorisation.refreshed",
    } <= named
    assert not {"Provider.ticket_source", "StaffDirectory.agents", "docs/halfdesk.md"} & named
    assert {f"{rules.__name__}: no class runs these rules" for rules in RULES} <= set(lacks)
    assert {path.format(name="halfdesk") for path in FILES} - named == {"docs/halfdesk.md"}
    assert "docs/README.md: a link to halfdesk.md" in lacks


def test_what_is_added_is_named_no_more(begun: Pieces) -> None:
    before = set(missing(begun))
    (begun.root / "docs" / "README.md").write_text("[Halfdesk](halfdesk.md)\n", "utf-8")
    further = replace(begun, modules=(SimpleNamespace(WholeStaff=WholeStaff),), suites=(RunsDesk,))
    assert before - set(missing(further)) == {
        "StaffDirectory.groups: Yield every group. Raises RemoteError.",
        "DeskRules: no class runs these rules",
        "docs/README.md: a link to halfdesk.md",
    }
    assert set(missing(further)) - before == {
        "RunsDesk: no harness, by which the rules reach the vendor's side"
    }


def test_one_without_anything_lacks_everything(tmp_path: Path) -> None:
    lacks = missing(Pieces(object(), (), (), tmp_path))
    assert "Provider.name: it has no name" in lacks
    assert "Provider.set_up: how an account is connected, in words" in lacks
