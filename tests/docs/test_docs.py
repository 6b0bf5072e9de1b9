"""The documentation leads nowhere wrong: its links, commands, settings and addresses exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest
from marshmallow import validate

from kcs import config
from kcs.app import create_app
from kcs.cli import main
from kcs.metrics.schemas import ReportQuery
from tests.docs.doc_pages import ROOT, code_lines, codes, pages, rows, section, text_of

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.M | re.S)
_COMMAND = re.compile(r"(?:^|[;&|(] *|bin/)kcs((?: [a-z][\w-]*)+)")
_SETTING = re.compile(r"KCS_[A-Z_]+[A-Z]")

each_page = pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    # What stands in code is no link.
    for target in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
        path = target.partition("#")[0]
        if path and "://" not in path and not path.startswith("mailto:"):
            assert (page.parent / path).exists(), f"{page.name} links to {target}"


@each_page
def test_every_link_to_a_heading_finds_it(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if anchor and "://" not in target:
            linked = page.parent / path if path else page
            assert anchor in _anchors(linked), f"{page.name} links to {target}"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
def test_every_command_exists_with_its_options(page: Path) -> None:
    for line in code_lines(page.read_text(encoding="utf-8")):
        for words in _COMMAND.findall(line):
            _check(main, words.split(), line)


def _check(group: click.Group, words: list[str], line: str) -> None:
    """Follow the words through the groups, then look for the options in what they lead to."""
    command: click.Command = group
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        found = command.get_command(click.Context(command), name)
        assert found is not None, f"there is no '{name}' in: {line}"
        command = found
    known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
    for option in re.findall(r"(?<=\s)--[a-z][a-z-]*", line.partition("kcs ")[2]):
        assert option in known | {"--help"}, f"there is no {option} in: {line}"


def _settings_read() -> set[str]:
    """Return the names `load` looks up: `env.get("NAME")` and helpers given `env` and a name."""
    tree = ast.parse(Path(config.__file__).read_text(encoding="utf-8"))
    load = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "load")
    names = set()
    for call in (node for node in ast.walk(load) if isinstance(node, ast.Call)):
        by_get = isinstance(call.func, ast.Attribute) and call.func.attr == "get" and _is_env(call.func.value)
        by_helper = bool(call.args) and _is_env(call.args[0])
        named = call.args[0] if by_get and call.args else call.args[1] if by_helper else None
        if isinstance(named, ast.Constant) and isinstance(named.value, str):
            names.add(f"KCS_{named.value}")
    return names


def _is_env(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "env"


def test_every_setting_is_explained_once() -> None:
    explained = [codes(row[0])[0] for row in rows(section(text_of("settings.md"), "All settings"))]
    assert len(explained) == len(set(explained))
    assert set(explained) == _settings_read()


@each_page
def test_every_setting_named_is_read(page: Path) -> None:
    named = set(_SETTING.findall(page.read_text(encoding="utf-8")))
    assert {name for name in named if not name.startswith("KCS_TEST_")} <= _settings_read()


def test_the_defaults_are_those_of_the_code(tmp_path: Path) -> None:
    settings = config.load({}, instance=tmp_path)
    for row in rows(section(text_of("settings.md"), "All settings")):
        name, default = codes(row[0])[0].removeprefix("KCS_").lower(), codes(row[1])
        value = getattr(settings, name, None)
        if isinstance(value, int | str) and default and name not in ("instance", "database_url"):
            assert (name, default[0]) == (name, str(value).lower() if isinstance(value, bool) else str(value))


def test_the_api_page_names_every_call(tmp_path: Path) -> None:
    app = create_app(config.load({"KCS_BASE_URL": "http://127.0.0.1:8080"}, instance=tmp_path))
    calls = {
        f"{method} {re.sub(r'<(?:[a-z]+:)?', '<', rule.rule)}"
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint.partition(".")[0].endswith("_api")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    told = [codes(row[0])[0] for row in rows(section(text_of("api.md"), "Calls"))]
    assert sorted(told) == sorted(calls)


def test_the_reporting_page_lists_the_export_formats_of_the_code() -> None:
    told = [code for row in rows(section(text_of("reporting.md"), "Formats")) for code in codes(row[0])]
    accepted = ReportQuery().fields["format"].validate
    assert isinstance(accepted, validate.OneOf)
    assert sorted(told) == sorted(accepted.choices)


def test_reports_are_said_to_need_no_outside_tool() -> None:
    assert "They need no outside tool" in text_of("reporting.md")
